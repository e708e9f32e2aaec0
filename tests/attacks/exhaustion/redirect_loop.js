// Tries: to keep the host going round in redirects.

export default {
    async fetch(request, { ORIGIN: origin }) {
        const through = [];
        for (const url of [`http://${origin}/loop`, `http://${origin}/?/loop`]) {
            await fetch(url).then(() => through.push("arrived"), () => {});
        }
        return Response.json({ through });
    },
};
