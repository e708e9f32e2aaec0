// Tries: to compile WebAssembly from bytes at run time.

const bytes = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const doors = [
    () => new WebAssembly.Module(bytes),
    () => WebAssembly.compile(bytes),
    () => WebAssembly.instantiate(bytes),
    () => WebAssembly.compileStreaming(respond()),
    () => WebAssembly.instantiateStreaming(respond()),
    () => WebAssembly.compileStreaming(Promise.resolve(respond())),
    () => Reflect.construct(WebAssembly.Module, [bytes.buffer]),
    () => structuredClone(new WebAssembly.Module(bytes)),
    () => import("data:application/wasm;base64,AGFzbQEAAAA="),
];

function respond() {
    return new Response(bytes, { headers: { "content-type": "application/wasm" } });
}

export default {
    async fetch() {
        const through = [];
        for (const door of doors) {
            try {
                through.push(`${door}: ${String(await door())}`);
            } catch {}
        }
        return Response.json({ through });
    },
};
