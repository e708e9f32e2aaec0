// Tries: to answer two requests with one response, and one request with two.
// expect: answered or 500 tenant-exception
// at once: 4
// requests: 2

const kept = Response.json({ through: [] });
let turn = 0;

addEventListener("fetch", (event) => {
    event.respondWith(kept);
    event.respondWith(kept);
});

export default {
    fetch(request, env, ctx) {
        ctx.waitUntil(Promise.resolve(kept));
        return turn++ % 2 ? kept : kept.clone();
    },
};
