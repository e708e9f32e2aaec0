// Tries: to fetch a service on loopback, under every spelling of its address.
// flags: --cpu-ms 2000
// requests: 3

const hosts = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001",
    "0x7F.1", "127.0.0.1.", "127.000.000.001", "0300.0250.1.1", "127.255.255.254", "127.127.127.127",
    "0", "0.0.0.0", "00000000", "0x0", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::0001]", "[::127.0.0.1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[2002:7f00:0001::1]", "[2001:0:7f00:1::]", "[fe80::1]", "[::1%25lo]", "[fe80::1%25lo]",
    "localhost", "LOCALHOST", "LocalHost", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "127。0。0。1", "①②⑦.⓪.⓪.①", "%31%32%37.0.0.1",
    "127.0.0.1%00", "127.0.0.1%0d%0a", "127.0.0.1%2f", "localhost%00.example", "１２７.０.０.１",
];

export default {
    async fetch(request, { CANARY_PORT: port }) {
        const through = [], said = [];
        await Promise.all(hosts.slice(0, 50).map(async (host) => {
            try {
                const response = await fetch(`http://${host}:${port}/`);
                through.push(`${host}: ${await response.text()}`);
            } catch (error) {
                said.push(`${host}: ${error.message}`);
            }
        }));
        return Response.json({ through, said });
    },
};
