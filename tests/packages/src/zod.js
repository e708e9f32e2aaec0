import { z } from "zod";

const User = z.object({ name: z.string().min(2).trim(), age: z.coerce.number().int().positive(), email: z.email().optional(), tags: z.array(z.enum(["a", "b"])).default([]), when: z.iso.datetime().optional() });

export default {
  async fetch() {
    const inputs = [{ name: " Ada ", age: "36" }, { name: "x", age: -1 }, { name: "Bob", age: 1, email: "nope", tags: ["c"] }, null, { name: "Eve", age: 5, when: "2024-01-01T00:00:00Z" }];
    const union = z.discriminatedUnion("kind", [z.object({ kind: z.literal("n"), n: z.number() }), z.object({ kind: z.literal("s"), s: z.string().transform((s) => s.length) })]);
    const refined = z.string().refine(async (s) => s.length > 3, "too short");
    return Response.json([
      ...inputs.map((input) => { const r = User.safeParse(input); return r.success ? r.data : r.error.issues; }),
      union.safeParse({ kind: "s", s: "four" }).data, union.safeParse({ kind: "x" }).error.issues, (await refined.safeParseAsync("abc")).error.issues,
      z.toJSONSchema(User, { io: "input" }), z.record(z.string(), z.bigint().transform(String)).parse({ a: 1n }),
    ]);
  },
};
