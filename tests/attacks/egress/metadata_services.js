// Tries: to fetch the machine's credentials from the metadata services of clouds.
// flags: --cpu-ms 2000

const urls = [
    "http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/", "http://169.254.43518/", "http://[::ffff:169.254.169.254]/",
    "http://[64:ff9b::169.254.169.254]/", "http://[2002:a9fe:a9fe::]/", "http://[fd00:ec2::254]/",
    "http://[fe80::a9fe:a9fe]/", "http://168.63.129.16/machine", "http://100.100.100.200/",
    "http://192.0.0.192/", "http://169.254.170.2/v2/credentials", "http://169.254.169.254:8080/",
    "https://169.254.169.254/", "http://169.254.169.254./",
];

export default {
    async fetch() {
        const through = [], said = [];
        const headers = { "metadata-flavor": "Google", metadata: "true", "x-aws-ec2-metadata-token": "x" };
        for (const url of urls) {
            try {
                const response = await fetch(url, { headers });
                through.push(`${url}: ${response.status}`);
            } catch (error) {
                // Whether it was refused, and not only out of reach on this machine.
                if (!/not a public/.test(error.message)) through.push(`${url}: ${error.message}`);
                said.push(error.message);
            }
        }
        return Response.json({ through, said });
    },
};
