// Tries: to have keys derived for hours: many blocks from a salt that is as long as them, much information again and again.
// flags: --cpu-ms 1000
// expect: answered or 503 cpu-limit or 503 memory-limit
// requests: 3

import { scryptSync } from "node:crypto";

let round = 0;

export default {
    async fetch() {
        const { subtle } = crypto;
        round += 1;
        if (round === 1) scryptSync("x", "y", 1 << 20, { N: 2, r: 1, p: 1 << 18 });
        if (round === 2) scryptSync("x", new Uint8Array(16 << 20), 1 << 20, { N: 1 << 15, r: 8, p: 100 });
        const key = await subtle.importKey("raw", new Uint8Array(16), "HKDF", false, ["deriveBits"]);
        const bytes = new Uint8Array(16 << 20);
        await subtle.deriveBits({ name: "HKDF", hash: "SHA-512", salt: bytes, info: bytes }, key, 255 * 512);
        return Response.json({ through: [] });
    },
};
