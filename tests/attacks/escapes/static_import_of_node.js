// Tries: to be given another runtime's access to files.
// expect: rejected

import { readFileSync } from "node:fs";

export default { fetch: () => Response.json({ through: [readFileSync("/etc/passwd", "utf8")] }) };
