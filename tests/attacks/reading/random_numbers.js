// Tries: to draw the random numbers that another isolate has drawn.
// flags: --reuse oneshot --cpu-ms 2000
// requests: 3

const draw = () => [
    Math.random(),
    crypto.randomUUID(),
    String(crypto.getRandomValues(new Uint32Array(4))),
];
const first = draw();

export default {
    fetch() {
        const through = draw().filter((drawn) => first.includes(drawn));
        const draws = new Set(Array.from({ length: 10_000 }, () => crypto.randomUUID()));
        if (draws.size !== 10_000) through.push("repeats itself");
        return Response.json({ through });
    },
};
