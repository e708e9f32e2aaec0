// Tries: to fetch files, and to speak other protocols than HTTP.

export default {
    async fetch(request, { CANARY_PORT: port }) {
        const through = [], said = [];
        for (const url of [
            "file:///etc/passwd", "file:///proc/self/environ", "file://127.0.0.1/etc/passwd", "ftp://127.0.0.1/",
            `gopher://127.0.0.1:${port}/_GET`, `dict://127.0.0.1:${port}/`, `ldap://127.0.0.1:${port}/`,
            `unix:/run/docker.sock`, `http+unix://%2Frun%2Fdocker.sock/`, `ws://127.0.0.1:${port}/`,
            `wss://127.0.0.1:${port}/`, `tcp://127.0.0.1:${port}/`, `jar:http://127.0.0.1:${port}/!/`,
            `view-source:http://127.0.0.1:${port}/`, "blob:http://x/1", "about:config", "chrome://x", "javascript:1",
            "h2c://127.0.0.1/", "netdoc:///etc/passwd", "vsock://2:80/", "insula:victim",
        ]) {
            try {
                const response = await fetch(url);
                through.push(`${url}: ${await response.text()}`);
            } catch (error) {
                said.push(`${url}: ${error.message}`);
            }
        }
        return Response.json({ through, said });
    },
};
