import { customAlphabet, nanoid, urlAlphabet } from "nanoid";

export default {
  async fetch() {
    const ids = Array.from({ length: 1000 }, () => nanoid());
    const short = customAlphabet("abc", 5);
    return Response.json([new Set(ids).size, ids.every((id) => id.length === 21 && [...id].every((c) => urlAlphabet.includes(c))), /^[abc]{5}$/.test(short()), nanoid(7).length]);
  },
};
