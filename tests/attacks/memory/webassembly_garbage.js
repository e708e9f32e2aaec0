// Tries: to leave so many WebAssembly memories behind that none is left before they are collected.
// flags: --cpu-ms 20000

export default {
    fetch() {
        for (let i = 0; i < 3000; i++) new WebAssembly.Memory({ initial: 1, maximum: 65536 });
        return Response.json({ through: [] });
    },
};
