// Tries: to reach what stands beside the server: private, shared and reserved networks.
// flags: --cpu-ms 2000

const hosts = [
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "192.168.255.255",
    "100.64.0.1", "100.127.255.255", "169.254.0.1", "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "0.1.2.3",
    "[fc00::1]", "[fdff::1]", "[fe80::1]", "[febf::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[100::1]",
    "[::ffff:10.0.0.1]", "[64:ff9b::10.0.0.1]", "[2002:c0a8:1::]", "[::10.0.0.1]", "[64:ff9b:1::1]",
    "[4000::1]", "[::2]",
];

export default {
    async fetch() {
        const through = [], said = [];
        for (const host of hosts) {
            try {
                const response = await fetch(`http://${host}/`);
                through.push(`${host}: ${response.status}`);
            } catch (error) {
                if (!/not a public/.test(error.message)) through.push(`${host}: ${error.message}`);
                said.push(error.message);
            }
        }
        return Response.json({ through, said });
    },
};
