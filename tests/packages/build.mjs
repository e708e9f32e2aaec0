// Bundles every program in src/ as an author would: esbuild, ECMAScript modules, Node's modules left to the platform.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import Ajv from "ajv";
import standalone from "ajv/dist/standalone/index.js";
import { build } from "esbuild";
import { compile } from "svelte/compiler";

mkdirSync("dist", { recursive: true });

// ajv compiles its validators with new Function; ahead of time it writes them as a module.
const ajv = new Ajv({ code: { source: true, esm: true }, allErrors: true });
const schema = {
  type: "object", required: ["id", "name"], additionalProperties: false,
  properties: { id: { type: "integer", minimum: 1 }, name: { type: "string", minLength: 2 }, tags: { type: "array", items: { enum: ["a", "b"] }, uniqueItems: true }, mail: { type: "string", pattern: "@" } },
};
writeFileSync("dist/ajv-standalone.mjs", standalone(ajv, ajv.compile(schema)));

// What authors of an application run.
execFileSync("../../node_modules/.bin/vite", ["build"], { cwd: "src/sveltekit", stdio: ["ignore", "ignore", "inherit"] });

const svelte = {
  name: "svelte",
  setup: (build) => build.onLoad({ filter: /\.svelte$/ }, ({ path }) => ({ contents: compile(readFileSync(path, "utf8"), { generate: "server", filename: path.split("/").pop() }).js.code })),
};

const common = {
  outdir: "dist",
  bundle: true,
  format: "esm",
  target: "es2024",
  define: { "process.env.NODE_ENV": '"production"' },
  plugins: [svelte],
  logLevel: "warning",
};
// What their authors mean for edges and browsers.
const forEdges = { ...common, conditions: ["worker", "browser"], mainFields: ["browser", "module", "main"], external: ["node:*"], alias: { "cloudflare:workers": "./src/sveltekit/bindings.js" } };
// Whose build for browsers needs a DOM: the one for Node.js, whose modules stay imports.
const forNode = { ...common, platform: "node", conditions: ["worker"], mainFields: ["module", "main"] };

const programs = readdirSync("src").filter((name) => name.endsWith(".js")).map((name) => `src/${name}`);
const ofNode = (name) => name.includes("aws-sdk");
await build({ ...forEdges, entryPoints: programs.filter((name) => !ofNode(name)) });
await build({ ...forNode, entryPoints: programs.filter(ofNode) });
