// Tries: to break out of a header's name.

const names = ["a\r\nb", "a\nb", "a: b\r\nc", "a b", "a\0", "", ":status", "a:", "é", "a\u010a", "\u{1F4A9}", "a\tb"];

export default {
    fetch() {
        const through = [];
        for (const name of names) {
            for (const make of [
                () => new Headers([[name, "x"]]), () => new Headers({ [name]: "x" }),
                () => new Headers().set(name, "x"), () => new Headers().append(name, "x"),
                () => new Response("", { headers: { [name]: "x" } }), () => Response.json(1, { headers: [[name, "x"]] }),
                () => new Response("").headers.set(name, "x"), () => new Headers().get(name),
            ]) {
                try {
                    make();
                    through.push(JSON.stringify(name));
                } catch {}
            }
        }
        return Response.json({ through });
    },
};
