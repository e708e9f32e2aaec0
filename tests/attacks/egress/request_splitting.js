// Tries: to put further requests and headers into a subrequest.

const lines = ["x\r\nx-split: 1", "x\nx-split: 1", "x\rx-split: 1", "x\0y", "\r\n\r\nGET /split HTTP/1.1\r\n\r\n"];

export default {
    async fetch(request, { ORIGIN: origin }) {
        const through = [], said = [];
        for (const line of lines) {
            for (const attempt of [
                () => fetch(`http://${origin}/${line}`, { redirect: "manual" }),
                () => fetch(`http://${origin}/`, { redirect: "manual", method: `GET${line}` }),
                () => fetch(`http://${origin}/`, { redirect: "manual", headers: { "x-a": line } }),
                () => fetch(`http://${origin}/`, { redirect: "manual", headers: { [line]: "a" } }),
                () => fetch(`http://${origin}/`, { redirect: "manual", headers: [["host", line]] }),
                () => fetch(`http://${origin}${line}/`, { redirect: "manual" }),
            ]) {
                try {
                    const response = await attempt();
                    // The origin says what it was asked.
                    if (/split/.test(response.headers.get("x-header-names") ?? "")) through.push(line);
                } catch (error) {
                    said.push(error.message);
                }
            }
        }
        return Response.json({ through, said });
    },
};
