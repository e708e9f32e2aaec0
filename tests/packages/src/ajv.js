import validateUser from "../dist/ajv-standalone.mjs";

export default {
  async fetch() {
    const lines = [];
    for (const input of [{ id: 1, name: "Ada", tags: ["a"] }, { id: "x", name: "A", extra: 1 }, {}, { id: 1, name: "Ada", mail: "nope" }]) lines.push([validateUser(input), validateUser.errors]);
    return Response.json(lines);
  },
};
