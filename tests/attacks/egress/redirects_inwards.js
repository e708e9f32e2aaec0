// Tries: to be redirected to loopback by a server that may be fetched.
// flags: --cpu-ms 2000

export default {
    async fetch(request, { CANARY_PORT: port, ORIGIN: origin }) {
        const through = [], said = [];
        for (const target of [
            `http://127.0.0.1:${port}/`, `http://localhost:${port}/`, `http://[::1]:${port}/`, `//127.0.0.1:${port}/`,
            `http://2130706433:${port}/`, `http://[::ffff:127.0.0.1]:${port}/`, `http://a:b@127.0.0.1:${port}/`,
            `https://127.0.0.1:${port}/`, `http:127.0.0.1:${port}/`, `http:\\\\127.0.0.1:${port}/`,
            `http://${origin}/?http://127.0.0.1:${port}/`, `HTTP://127.1:${port}/`, "http://169.254.169.254/",
        ]) {
            for (const method of ["GET", "POST"]) {
                try {
                    const body = method === "POST" ? "body" : undefined;
                    const response = await fetch(`http://${origin}/?${target}`, { method, body });
                    through.push(`${target}: ${response.status} ${await response.text()}`);
                } catch (error) {
                    said.push(`${target}: ${error.message}`);
                }
            }
        }
        return Response.json({ through, said });
    },
};
