// Tries: to see the platform's functions and arguments through call, apply and bind.
// requests: 3
// body: 70000

const seen = [];
for (const name of ["call", "apply", "bind", "toString"]) {
    Object.defineProperty(Function.prototype, name, {
        value() {
            seen[seen.length] = `${String(name)} ${this.name}`;
        },
    });
}
Reflect.apply = Reflect.construct = Reflect.ownKeys = () => { seen[seen.length] = "Reflect"; };

export default {
    async fetch(request) {
        seen.length = 0;
        const text = await request.text();
        console.log("formatted %s %o", { a: [1] }, new Map([[1, 2]]));
        const response = new Response(text.slice(0, 3), { headers: { a: "b" } });
        const whole = (await response.text()) + text.length;
        const through = [...seen];
        if (whole !== "xxx70000") through.push("the platform broke");
        return Response.json({ through });
    },
};
