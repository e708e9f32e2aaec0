// Tries: to be redirected to files and to other schemes.

const targets = [
    "file:///etc/passwd", "file://localhost/etc/passwd", "data:text/plain,redirected", "blob:null/1",
    "javascript:1", "ftp://127.0.0.1/", "gopher://127.0.0.1:70/_x", "unix:/tmp/socket", "ws://127.0.0.1/",
    "about:blank", "insula://victim/", "dict://127.0.0.1:11211/stats", "http+unix://x/", "", "%00",
];

export default {
    async fetch(request, { ORIGIN: origin }) {
        const through = [], said = [];
        for (const target of targets) {
            try {
                const response = await fetch(`http://${origin}/?${target}`);
                const text = await response.text();
                if (response.status !== 302) through.push(`${target}: ${response.status} ${text}`);
            } catch (error) {
                said.push(`${target}: ${error.message}`);
            }
        }
        return Response.json({ through, said });
    },
};
