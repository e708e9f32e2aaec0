import { render } from "svelte/server";
import App from "./svelte/App.svelte";

export default {
  async fetch() {
    const { head, body } = await render(App, { props: { name: "Ada <x>", items: ["one", "two & three"] } });
    return new Response(`<!doctype html><head>${head}</head><body>${body}</body>`, { headers: { "content-type": "text/html" } });
  },
};
