// Tries: to load one module for ever under new names.
// flags: --cpu-ms 5000

export default {
    async fetch() {
        const through = [];
        for (let i = 0; i < 1000; i++) {
            for (const name of [`./modules.js?${i}`, `./modules.js#${i}`, `data:text/javascript,${i}`]) {
                await import(name).then(() => through.push(name), () => {});
            }
        }
        return Response.json({ through });
    },
};
