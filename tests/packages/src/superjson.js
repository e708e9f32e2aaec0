import superjson from "superjson";

class Money { constructor(amount) { this.amount = amount; } }
superjson.registerClass(Money);

export default {
  async fetch() {
    const shared = { x: 1 };
    const value = { date: new Date(0), set: new Set([1, "a"]), map: new Map([["k", new Date(5)]]), big: 10n, undef: undefined, nan: NaN, infinity: -Infinity, zero: -0, regexp: /a+/gi, error: new RangeError("bad"), url: new URL("http://x.test/a?b"), money: new Money(5), same: [shared, shared], typed: new Uint8Array([1, 2]), symbol: undefined };
    value.self = value;
    const text = superjson.stringify(value);
    const back = superjson.parse(text);
    return Response.json([text, back.date.getTime(), [...back.set], back.map.get("k").getTime(), String(back.big), "undef" in back, Object.is(back.zero, -0), String(back.regexp), back.error.name, back.error.message, String(back.url), back.money instanceof Money, back.same[0] === back.same[1], back.self === back, [...back.typed]]);
  },
};
