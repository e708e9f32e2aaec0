import { initTRPC, TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";

const t = initTRPC.context().create({ isDev: false });
const router = t.router({
  greet: t.procedure.input((value) => { if (typeof value !== "string") throw new Error("a string is required"); return value; }).query(({ input, ctx }) => `hi ${input} from ${ctx.who}`),
  add: t.procedure.input((value) => value).mutation(({ input }) => input.a + input.b),
  fail: t.procedure.query(() => { throw new TRPCError({ code: "FORBIDDEN", message: "no" }); }),
});

export default {
  async fetch() {
    const ask = async (path, init) => {
      const req = new Request(`http://trpc.test/trpc/${path}`, init);
      const response = await fetchRequestHandler({ endpoint: "/trpc", req, router, createContext: () => ({ who: "insula" }) });
      return [path, response.status, await response.text()];
    };
    const json = { method: "POST", headers: { "content-type": "application/json" } };
    return Response.json([await ask('greet?input="Ada"'), await ask("greet?input=5"), await ask("add", { ...json, body: '{"a":1,"b":2}' }), await ask("fail"), await ask("none"), await ask('greet,greet?batch=1&input={"0":"x","1":"y"}')]);
  },
};
