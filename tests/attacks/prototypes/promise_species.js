// Tries: to get the platform's promises made by a class of one's own, and to settle them for it.
// expect: answered or 500 tenant-exception
// requests: 3
// body: 70000

// The language asks for the species of every promise, the platform's too. Who meddles there may
// break its own requests, and nothing else.
const taken = [];
const True = Promise;
class Bent extends Promise {
    constructor(executor) {
        super((resolve, reject) => {
            taken.push(resolve);
            executor(resolve, reject);
        });
    }
}
let bends = false;
Object.defineProperty(Promise, Symbol.species, { get: () => (bends ? Bent : True) });

export default {
    async fetch(request) {
        bends = true;
        const text = await request.text();
        const blob = await new Response(new Blob([text]).stream()).text();
        for (const resolve of taken) resolve("bent");
        bends = false;
        return Response.json({ through: [], length: blob.length });
    },
};
