// Tries: to have a file of the author's machine put into the bundle.
// expect: rejected

import text from "file:///etc/passwd";

export default { fetch: () => Response.json({ through: [text] }) };
