import adapter from "@sveltejs/adapter-cloudflare";

export default {
  kit: {
    adapter: adapter(),
    outDir: "../../dist/sveltekit",
    // Otherwise the time of the build.
    version: { name: "1" },
    csp: { mode: "hash", directives: { "script-src": ["self"] } },
  },
};
