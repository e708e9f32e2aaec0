// Tries: to be given the native functions behind the platform.
// expect: rejected

import * as ops from "insula:ops";

export default { fetch: () => Response.json({ through: Object.keys(ops) }) };
