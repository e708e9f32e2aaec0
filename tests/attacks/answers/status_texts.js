// Tries: to break out of the status line.

const texts = ["OK\r\nx: 1", "OK\n", "OK\0", "O\rK", "\u010a", "\u{1F4A9}"];
const statuses = [0, 99, 100, 101, 103, 199, 600, 999, 1000, -1, NaN, 65736, "200\r\nx: 1", 2 ** 32 + 200];

export default {
    fetch() {
        const through = [];
        for (const statusText of texts) {
            try {
                new Response("", { statusText });
                through.push(JSON.stringify(statusText));
            } catch {}
        }
        for (const status of statuses) {
            try {
                const made = new Response(null, { status });
                if (made.status < 200 || made.status > 599) through.push(made.status);
            } catch {}
        }
        return Response.json({ through });
    },
};
