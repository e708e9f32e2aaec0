// Tries: to bend how the platform reads text: strings, regular expressions, numbers, JSON.
// requests: 3

const seen = [];
const stringify = JSON.stringify;
for (const each of [String, RegExp, Number, Symbol, Date, Error]) {
    for (const key of Reflect.ownKeys(each.prototype)) {
        const { value, configurable } = Reflect.getOwnPropertyDescriptor(each.prototype, key);
        if (typeof value !== "function" || key === "constructor" || !configurable) continue;
        Object.defineProperty(each.prototype, key, {
            value() {
                seen[seen.length] = `${each.name} ${String(key)}`;
                return "bent";
            },
        });
    }
}
JSON.parse = JSON.stringify = () => { seen[seen.length] = "JSON"; };

export default {
    async fetch(request) {
        seen.length = 0;
        const url = new URL("http://a.example/b?c=d");
        const headers = new Headers({ "Content-Type": " text/html; charset=utf-8 " });
        const form = await new Response("a=b", {
            headers: { "content-type": "application/x-www-form-urlencoded" },
        }).formData();
        const right = url.searchParams.get("c") === "d" && form.get("a") === "b"
            && headers.get("content-type") === "text/html; charset=utf-8";
        const through = right ? seen : ["the platform broke"];
        return new Response(stringify({ through }));
    },
};
