// Tries: to get the platform to call replaced methods of Request, Response, Headers and streams.
// requests: 3
// body: 70000

const seen = [];
const { defineProperty, ownKeys, getOwnPropertyDescriptor } = Reflect;
const text = Request.prototype.text;
const call = Function.prototype.call.bind(Function.prototype.call);
const KeptResponse = Response;

for (const each of [
    Request, Response, Headers, ReadableStream, ReadableStreamDefaultReader, AbortSignal, URL, Blob,
    ReadableStreamDefaultController, TextEncoder, TextDecoder, URLSearchParams, EventTarget, Event,
]) {
    for (const key of ownKeys(each.prototype)) {
        if (key === "constructor") continue;
        const { get, configurable } = getOwnPropertyDescriptor(each.prototype, key);
        if (!configurable) continue;
        const bent = () => { seen.push(`${each.name} ${String(key)}`); };
        defineProperty(each.prototype, key, get ? { get: bent } : { value: bent });
    }
}
for (const name of ["Request", "Response", "Headers", "ReadableStream", "URL", "TextDecoder"]) {
    globalThis[name] = function () { seen.push(`new ${name}`); };
}

export default {
    async fetch(request) {
        seen.length = 0;
        const got = await call(text, request);
        const through = [...seen];
        if (got.length !== 70_000) through.push("the platform broke");
        return new KeptResponse(JSON.stringify({ through }));
    },
};
