// Tries: to keep isolates alive that should be gone, by logging when the request is over.
// flags: --reuse oneshot
// requests: 10
// at once: 3

export default {
    fetch() {
        for (let n = 0; n < 50; n++) setTimeout(() => console.log("late", n), 0);
        return Response.json({ through: [] });
    },
};
