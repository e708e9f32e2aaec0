// Tries: to break out of a header's value.

const values = ["a\r\nset-cookie: x=1", "a\nb", "a\rb", "a\0b", "a\r\n\r\n<script>", "a\u010ab", "a\u560d\u560ab"];

export default {
    fetch() {
        const through = [];
        for (const value of values) {
            for (const make of [
                () => new Headers([["x", value]]), () => new Headers({ x: value }),
                () => new Headers().set("x", value), () => new Headers().append("set-cookie", value),
                () => new Response("", { headers: { x: value } }), () => Response.json(1, { headers: [["x", value]] }),
                () => new Response("", { headers: { x: { toString: () => value } } }),
                () => new Response(new Blob(["x"], { type: value })).headers.get("content-type").match(/[\r\n\0]/)[0],
            ]) {
                try {
                    make();
                    through.push(JSON.stringify(value));
                } catch {}
            }
        }
        return Response.json({ through });
    },
};
