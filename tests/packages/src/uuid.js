import { parse, stringify, v1, v3, v4, v5, v6, v7, validate, version } from "uuid";

export default {
  async fetch() {
    const fixed = { msecs: 1700000000000, nsecs: 1, clockseq: 0x1234, node: [1, 2, 3, 4, 5, 6] };
    return Response.json([
      v1(fixed), v6(fixed), v3("insula", v3.DNS), v5("insula", v5.URL), v7({ msecs: 1700000000000, seq: 1, random: new Uint8Array(16) }), validate(v4()), version(v4()), version(v7()),
      [...parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8")], stringify(parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8")), validate("nope"),
    ]);
  },
};
