// Tries: to find other tenants' data in memory that was used before.
// flags: --cpu-ms 2000
// requests: 3

const WORD = [..."canary"].map((letter) => letter.charCodeAt(0));

function search(bytes) {
    for (let at = bytes.indexOf(WORD[0]); at !== -1; at = bytes.indexOf(WORD[0], at + 1)) {
        if (WORD.every((letter, index) => bytes[at + index] === letter)) {
            return String.fromCharCode(...bytes.subarray(at, at + 64));
        }
    }
    return bytes.some((byte) => byte !== 0) ? "not zero" : null;
}

export default {
    fetch() {
        const through = [];
        for (let size = 16; size <= 1 << 20; size *= 4) {
            const resizable = new ArrayBuffer(0, { maxByteLength: size });
            resizable.resize(size);
            const grown = new Uint8Array(8).buffer.transfer(size);
            for (const buffer of [new ArrayBuffer(size), resizable, grown]) {
                const found = search(new Uint8Array(buffer));
                if (found !== null) through.push(found);
            }
        }
        const into = new Uint8Array(1 << 16);
        new TextEncoder().encodeInto("", into);
        const found = search(into);
        if (found !== null) through.push(found);
        return Response.json({ through });
    },
};
