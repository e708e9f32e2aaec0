// Tries: to have a file outside of its folder put into the bundle.
// expect: rejected

import text from "../../../../../../../../../../../../etc/passwd";

export default { fetch: () => Response.json({ through: [text] }) };
