// Tries: to fetch when no request is there to answer for it.
// requests: 3

const through = [];
let early = "";
try {
    await fetch("http://127.0.0.1/");
    through.push("at the start");
} catch (error) {
    early = error.message;
}
let old;

export default {
    async fetch(request, { ORIGIN: origin }) {
        const url = `http://${origin}/`;
        const mine = () => fetch(url, { redirect: "manual" });
        if (old) await old.then(() => through.push("in the name of a request that is over"), () => {});
        // Runs in the context of this request, after its end.
        let late;
        old = new Promise((resolve, reject) => {
            late = () => mine().then(resolve, reject);
        });
        old.catch(() => {});
        setTimeout(() => late(), 30);
        if (!early) through.push("no error at the start");
        return Response.json({ through: [...through] });
    },
};
