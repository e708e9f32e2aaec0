// Tries: to speak for the host in a subrequest: its framing, its connection, its proxies.
// requests: 4
// flags: --cpu-ms 2000

const names = [
    "connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "trailer", "upgrade", "host",
    "content-length", "expect", "proxy-authorization", "http2-settings",
];

// A request has 50 subrequests.
let turn = 0;

export default {
    async fetch(request, { ORIGIN: origin }) {
        const through = [], said = [];
        const part = turn++ % 2 ? names.slice(6) : names.slice(0, 6);
        for (const name of part) {
            for (const value of ["close", "chunked", "websocket", "victim.localhost", "3", "100-continue", "x-a"]) {
                try {
                    const response = await fetch(`http://${origin}/`, {
                        method: "POST", body: "four", redirect: "manual", headers: { [name]: value, "x-a": "b" },
                    });
                    const seen = response.headers.get("x-framing") ?? "";
                    if (seen !== "" && seen !== "content-length: 4") through.push(`${name}: ${value}: ${seen}`);
                    if (response.headers.get("x-host") !== origin) through.push(`${name}: ${value}: host`);
                } catch (error) {
                    said.push(error.message);
                }
            }
        }
        return Response.json({ through, said });
    },
};
