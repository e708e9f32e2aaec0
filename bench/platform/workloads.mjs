// What run.mjs measures: each workload is done `n` times in one request. Runs unmodified in every contender, so it uses
// nothing but the web platform. Every workload returns a number that depends on what it did, so that no engine can leave it out.

const KiB = 1024;
const MiB = 1024 * KiB;

const record = { id: 17, name: 'Ada Lovelace', tags: ['one', 'two', 'three'], nested: { ok: true, ratio: 0.25, list: [1, 2, 3, 4, 5, 6, 7, 8] }, text: 'x'.repeat(200) };
const recordText = JSON.stringify(record);
const fields = { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-request-id': '0123456789abcdef', accept: 'text/html, */*;q=0.1', 'accept-language': 'en', etag: '"abc"', vary: 'accept', server: 'bench' };
const asciiLine = 'The quick brown fox jumps over the lazy dog, twice.';
const mixedLine = 'Größe: 12 €, naïve café – 日本語 🎉 and more ASCII';
const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Made when first asked for, so that no other workload holds the memory. */
const made = new Map();
const once = (name, make) => made.get(name) ?? (made.set(name, make()), made.get(name));
const megabyte = (line) => once(line, () => line.repeat(Math.ceil(MiB / line.length)).slice(0, MiB));
const encoded = (line) => once(`bytes of ${line}`, () => encoder.encode(megabyte(line)));

const tree = () => once('tree', () => {
  const nodes = [];
  for (let i = 0; i < 1000; i++) nodes.push({ id: i, name: `node ${i}`, even: i % 2 === 0, links: [i, i + 1] });
  return { kind: 'tree', made: new Date(0), nodes, index: new Map([['first', 0]]) };
});

export const workloads = {
  'new URL, searchParams, href': (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const url = new URL(`https://user:pw@example.com:8080/a/b/../c?x=1&y=${i}#f`);
      sum += url.searchParams.get('y').length + url.href.length;
    }
    return sum;
  },
  'new URL with a base, pathname': (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += new URL(`../users/${i}?full`, 'https://example.com/api/v1/items/').pathname.length;
    return sum;
  },
  'URLSearchParams: parse, append, sort, text': (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const params = new URLSearchParams(`q=hello+world&page=${i}&tag=a&tag=b&empty=&z=%C3%A4`);
      params.append('extra', 'va lue');
      params.sort();
      sum += params.toString().length;
    }
    return sum;
  },
  'Headers: make, append, get, iterate': (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const headers = new Headers(fields);
      headers.append('x-trace', 'one');
      headers.append('x-trace', 'two');
      sum += headers.get('x-trace').length;
      for (const [name, value] of headers) sum += name.length + value.length;
    }
    return sum;
  },
  'Response.json, then .json()': async (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (await Response.json(record).json()).tags.length;
    return sum;
  },
  'Request with JSON, then .json()': async (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (await new Request('https://example.com/', { method: 'POST', body: recordText }).json()).tags.length;
    return sum;
  },
  'new Response, then .text()': async (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (await new Response(asciiLine, { headers: { 'content-type': 'text/plain' } }).text()).length;
    return sum;
  },
  'encode 51 characters of ASCII': (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += encoder.encode(asciiLine).length;
    return sum;
  },
  'encode 48 mixed characters': (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += encoder.encode(mixedLine).length;
    return sum;
  },
  'encode 1 MiB of ASCII': (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += encoder.encode(megabyte(asciiLine)).length;
    return sum;
  },
  'encode 1 MiB mixed': (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += encoder.encode(megabyte(mixedLine)).length;
    return sum;
  },
  'decode 51 bytes of ASCII': (n) => {
    const bytes = encoder.encode(asciiLine);
    let sum = 0;
    for (let i = 0; i < n; i++) sum += decoder.decode(bytes).length;
    return sum;
  },
  'decode 70 bytes mixed': (n) => {
    const bytes = encoder.encode(mixedLine);
    let sum = 0;
    for (let i = 0; i < n; i++) sum += decoder.decode(bytes).length;
    return sum;
  },
  'decode 1 MiB of ASCII': (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += decoder.decode(encoded(asciiLine)).length;
    return sum;
  },
  'decode 1.5 MiB mixed': (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += decoder.decode(encoded(mixedLine)).length;
    return sum;
  },
  'pipe 100 MiB through a TransformStream': async (n) => {
    const chunk = new Uint8Array(64 * KiB);
    let sum = 0;
    for (let i = 0; i < n; i++) {
      let left = 1600;
      const source = new ReadableStream({
        pull(controller) {
          if (left-- > 0) controller.enqueue(chunk);
          else controller.close();
        },
      });
      const sink = new WritableStream({ write: (piece) => void (sum += piece.length) });
      await source.pipeThrough(new TransformStream()).pipeTo(sink);
    }
    return sum;
  },
  'read 1,000 chunks of a ReadableStream': async (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      let left = 1000;
      const source = new ReadableStream({ pull: (controller) => (left-- > 0 ? controller.enqueue(left) : controller.close()) });
      for (const reader = source.getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) break;
        sum += value;
      }
    }
    return sum;
  },
  'SHA-256 of 64 MiB': async (n) => {
    const bytes = once('64 MiB', () => new Uint8Array(64 * MiB));
    let sum = 0;
    for (let i = 0; i < n; i++) sum += new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))[0];
    return sum;
  },
  'SHA-256 of 51 bytes': async (n) => {
    const bytes = encoder.encode(asciiLine);
    let sum = 0;
    for (let i = 0; i < n; i++) sum += new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))[0];
    return sum;
  },
  'crypto.randomUUID': (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += crypto.randomUUID().length;
    return sum;
  },
  'structuredClone of 1,000 objects': (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += structuredClone(tree()).nodes.length;
    return sum;
  },
  'structuredClone of a small object': (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += structuredClone(record).tags.length;
    return sum;
  },
  'btoa and atob of 10 KiB': (n) => {
    const text = once('binary', () => Array.from({ length: 10 * KiB }, (_, i) => String.fromCharCode(i & 255)).join(''));
    let sum = 0;
    for (let i = 0; i < n; i++) sum += atob(btoa(text)).length;
    return sum;
  },
  'Blob of parts, slice, text': async (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (await new Blob([asciiLine, encoder.encode(mixedLine), recordText]).slice(10, 200).text()).length;
    return sum;
  },
  'FormData: multipart out and in': async (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const form = new FormData();
      form.append('name', 'Ada');
      form.append('text', mixedLine);
      form.append('file', new Blob([recordText], { type: 'application/json' }), 'record.json');
      sum += (await new Response(form).formData()).get('file').size;
    }
    return sum;
  },
  'setTimeout and clearTimeout': (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const timer = setTimeout(() => {}, 1000);
      clearTimeout(timer);
      sum++;
    }
    return sum;
  },
  'AbortController: listen, abort': (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const controller = new AbortController();
      controller.signal.addEventListener('abort', () => sum++);
      controller.abort();
    }
    return sum;
  },
  'EventTarget: dispatch to 3 listeners': (n) => {
    const target = new EventTarget();
    let sum = 0;
    for (let i = 0; i < 3; i++) target.addEventListener('tick', () => void sum++);
    for (let i = 0; i < n; i++) target.dispatchEvent(new Event('tick'));
    return sum;
  },
  'await a resolved promise': async (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += await Promise.resolve(1);
    return sum;
  },
};

/** Answered by a stream, so that the time until the client has it all counts. */
export const streams = {
  'server-sent events: 10,000 to the client': (n) => {
    let left = n * 10_000;
    return new ReadableStream({
      pull(controller) {
        for (let i = 0; i < 100 && left > 0; i++, left--) {
          controller.enqueue(encoder.encode(`id: ${left}\nevent: tick\ndata: ${recordText}\n\n`));
        }
        if (left === 0) controller.close();
      },
    });
  },
};

export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const name = searchParams.get('name');
    const n = Number(searchParams.get('n'));
    if (streams[name] !== undefined) return new Response(streams[name](n), { headers: { 'content-type': 'text/event-stream' } });
    return new Response(String(await workloads[name](n)));
  },
};
