// Tries: to feed the platform other elements than it iterates over.
// requests: 3
// body: 70000

const seen = [];
const bent = () => ({
    next() {
        seen.push("next");
        return { done: true, value: undefined };
    },
});
for (const prototype of [Array.prototype, Map.prototype, Set.prototype, String.prototype]) {
    prototype[Symbol.iterator] = bent;
}
for (const iterator of [new Map().entries(), new Set().values(), [].values(), ""[Symbol.iterator]?.()]) {
    const prototype = Object.getPrototypeOf(iterator);
    if (prototype !== Object.prototype) prototype.next = bent().next;
}

export default {
    async fetch(request) {
        seen.length = 0;
        const text = await request.text();
        const headers = new Headers({ a: "1" });
        headers.append("a", "2");
        const search = new URLSearchParams("a=1&b=2");
        const form = new FormData();
        form.append("a", "b");
        const encoded = await new Response(form).text();
        const right = text.length === 70_000 && headers.get("a") === "1, 2" && search.get("b") === "2";
        const whole = right && encoded.includes('name="a"');
        // Sequences of the author's own are iterated over as the language says.
        const count = seen.length;
        return new Response(`{"through":${whole && count === 0 ? "[]" : `["broke, ${count}"]`}}`);
    },
};
