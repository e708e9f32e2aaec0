import worker from "../dist/sveltekit/cloudflare/_worker.js";
import { env } from "./sveltekit/bindings.js";

export default { fetch: (request, _environment, context) => worker.fetch(request, env, context) };
