// Tries: to fetch another tenant by all the names that the host has for it.

export default {
    async fetch(request, { LISTEN_PORT: port }) {
        const through = [], said = [];
        for (const url of [
            `http://victim.localhost:${port}/`,
            "http://victim.localhost/",
            `http://127.0.0.1:${port}/`,
            "http://victim/",
            "insula://victim/",
            "tenant:victim",
        ]) {
            try {
                const response = await fetch(url, { headers: { host: "victim.localhost" } });
                through.push(`${url}: ${await response.text()}`);
            } catch (error) {
                said.push(`${url}: ${error.message}`);
            }
        }
        return Response.json({ through, said });
    },
};
