// Tries: to hide the host behind credentials, backslashes, fragments and white space.
// requests: 4

const shapes = [
    (host) => `http://example.com@${host}/`, (host) => `http://example.com:80@${host}/`,
    (host) => `http://user:pass@${host}/`, (host) => `http://${host}#@example.com/`,
    (host) => `http://${host}?@example.com/`, (host) => `http:\\\\${host}\\@example.com/`,
    (host) => `http:${host}/`, (host) => `http:/${host}/`, (host) => `http:////${host}/`,
    (host) => `\thttp://\n${host}\r/`, (host) => ` http://${host}/ `, (host) => `HTTP://${host}/`,
    (host) => `http://@${host}/`, (host) => `http://:@${host}/`, (host) => `http://%40@${host}/`,
    (host) => `//${host}/`, (host) => `///${host}`, (host) => `\\\\${host}\\`, (host) => `http://${host}\\..\\`,
];

// A request has 50 subrequests.
let turn = 0;

export default {
    async fetch(request, { CANARY_PORT: port }) {
        const through = [], said = [];
        const part = turn++ % 2 ? shapes.slice(10) : shapes.slice(0, 10);
        for (const shape of part) {
            const url = shape(`127.0.0.1:${port}`);
            for (const make of [() => url, () => new URL(url), () => new Request(url), () => ({ toString: () => url })]) {
                try {
                    through.push(await (await fetch(make())).text());
                } catch (error) {
                    said.push(`${url}: ${error.message}`);
                }
            }
        }
        return Response.json({ through, said });
    },
};
