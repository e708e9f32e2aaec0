import defaults from "./defaults.json" with { type: "json" };
import { type Greeting, greet, isLanguage } from "./greet.ts";

interface Env {
  /** Set with `--var LANGUAGE=de`. */
  LANGUAGE?: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [, action, name] = pathname.split("/");
    if (action === "") return Response.json(usage());
    if (action !== "greet" || !name) return Response.json({ error: "not found" }, { status: 404 });

    const language = searchParams.get("language") ?? env.LANGUAGE ?? defaults.language;
    if (!isLanguage(language)) {
      return Response.json({ error: `no greeting in '${language}'` }, { status: 400 });
    }
    const greeting: Greeting = greet(decodeURIComponent(name), language);
    return Response.json(greeting);
  },
};

function usage() {
  return { try: ["/greet/Ada", "/greet/Ada?language=de"], defaults };
}
