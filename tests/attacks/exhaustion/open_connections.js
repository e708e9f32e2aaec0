// Tries: to use up the host's descriptors with subrequests that are never answered.
// flags: --cpu-ms 5000
// expect: answered or 503 overloaded
// at once: 30

export default {
    async fetch(request, { ORIGIN: origin }) {
        for (let n = 0; n < 200; n++) fetch(`http://${origin}/hang`).catch(() => {});
        await new Promise((done) => setTimeout(done, 50));
        return Response.json({ through: [] });
    },
};
