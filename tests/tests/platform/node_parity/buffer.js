import { Blob, Buffer, constants, File, isAscii, isUtf8, transcode } from "node:buffer";

/** Prints what `work` returns or throws. */
export default function run(print) {
  const attempt = (work) => {
    try {
      const value = work();
      print(Buffer.isBuffer(value) ? `<${value.toString("hex")}>` : JSON.stringify(value) ?? String(value));
    } catch (error) {
      print(error.name, error.code, error.message);
    }
  };
  const texts = ["", "hello", "héllo wörld", "€uro 😀", "\ud800 alone", "aGVsbG8=", "aGVs bG8", "68656c6c6f", "6865zz", "YQ==YQ==", "_-8", "Y", "a\u0100b"];
  const encodings = ["utf8", "UTF-8", "utf16le", "ucs2", "latin1", "binary", "ascii", "base64", "base64url", "hex"];
  for (const text of texts) {
    for (const encoding of encodings) {
      attempt(() => Buffer.from(text, encoding));
      attempt(() => Buffer.byteLength(text, encoding));
      attempt(() => Buffer.alloc(5).write(text, 1, encoding));
    }
  }
  const bytes = Buffer.from([0, 1, 127, 128, 200, 255, 0xe2, 0x82, 0xac, 0xf0, 0x9f]);
  for (const encoding of encodings) {
    attempt(() => bytes.toString(encoding));
    attempt(() => bytes.toString(encoding, 3, 9));
    attempt(() => bytes.toString(encoding, -3, 90));
  }
  attempt(() => bytes.toString("nope"));
  attempt(() => Buffer.from("x", "nope"));
  attempt(() => Buffer.from());
  attempt(() => Buffer.from(5));
  attempt(() => Buffer.from(null));
  attempt(() => Buffer.from({}));
  attempt(() => Buffer.from({ length: 3, 0: 1, 1: 300, 2: -1 }));
  attempt(() => Buffer.from({ type: "Buffer", data: [1, 2, 3] }));
  attempt(() => Buffer.from(new String("boxed")));
  attempt(() => Buffer.from({ [Symbol.toPrimitive]: () => "primitive" }));
  attempt(() => Buffer.from(new Uint16Array([1, 256, 65535])));
  attempt(() => Buffer.from(new Uint8Array([1, 2, 3]).buffer, 1));
  attempt(() => Buffer.from(new ArrayBuffer(4), 5));
  attempt(() => Buffer.from(new ArrayBuffer(4), 1, 9));
  attempt(() => Buffer.alloc(-1));
  attempt(() => Buffer.alloc("5"));
  attempt(() => Buffer.alloc(5, "ab"));
  attempt(() => Buffer.alloc(5, "YWI=", "base64"));
  attempt(() => Buffer.alloc(5, 7));
  attempt(() => Buffer.concat([Buffer.from("a"), Buffer.from("bc")]));
  attempt(() => Buffer.concat([Buffer.from("abc"), Buffer.from("def")], 4));
  attempt(() => Buffer.concat([Buffer.from("abc")], 6));
  attempt(() => Buffer.concat("no"));
  attempt(() => Buffer.concat(["no"]));
  attempt(() => [Buffer.isEncoding("utf8"), Buffer.isEncoding("HEX"), Buffer.isEncoding("x"), Buffer.isEncoding(1)]);
  attempt(() => [Buffer.isBuffer(bytes), Buffer.isBuffer(new Uint8Array(1)), bytes instanceof Uint8Array]);
  attempt(() => Buffer.of(1, 2, 300));
  attempt(() => Buffer.compare(Buffer.from("a"), Buffer.from("b")));
  attempt(() => Buffer.compare(1, 2));
  attempt(() => Buffer.copyBytesFrom(new Uint16Array([1, 2, 3]), 1, 1));

  const buffer = Buffer.from("this is a buffer, this is");
  for (const value of ["this", "is", "", "nope", "b", 116, 98.9, Buffer.from("buffer"), new Uint8Array([97])]) {
    for (const offset of [undefined, 0, 1, -3, 10, 100, -100, NaN, "utf8", null]) {
      attempt(() => buffer.indexOf(value, offset));
      attempt(() => buffer.lastIndexOf(value, offset));
      attempt(() => buffer.includes(value, offset));
    }
  }
  const wide = Buffer.from("abcabc", "ucs2");
  attempt(() => [wide.indexOf("b", 0, "ucs2"), wide.lastIndexOf("b", undefined, "ucs2"), wide.indexOf("c", 5, "ucs2")]);
  attempt(() => buffer.indexOf({}));
  attempt(() => buffer.equals(Buffer.from("x")));
  attempt(() => buffer.equals("x"));
  attempt(() => buffer.compare(Buffer.from("this"), 0, 2, 5, 7));
  attempt(() => buffer.compare(Buffer.from("this"), 0, 20));
  attempt(() => Buffer.from("abcdef").fill("xy", 1, 5));
  attempt(() => Buffer.from("abcdef").fill("é"));
  attempt(() => Buffer.from("abcdef").fill(0x141));
  attempt(() => Buffer.from("abcdef").fill(""));
  attempt(() => Buffer.from("abcdef").fill("zz", "hex"));
  attempt(() => Buffer.from("abcdef").fill("a", 0, 99));
  attempt(() => Buffer.from("abcdef").fill(true));
  attempt(() => Buffer.from("abcdef").subarray(1, -1));
  attempt(() => Buffer.from("abcdef").slice(-3));
  attempt(() => Buffer.from("abcdef").slice(2, 1));
  attempt(() => {
    const target = Buffer.from("abcdef");
    return [target.copy(target, 2, 0, 4), target.toString()];
  });
  attempt(() => buffer.copy(Buffer.alloc(3), 1, 2, 9));
  attempt(() => buffer.copy(Buffer.alloc(3), -1));
  attempt(() => buffer.copy(Buffer.alloc(3), 0, 99));
  attempt(() => buffer.copy("x"));
  attempt(() => Buffer.from("abcdefgh").swap16());
  attempt(() => Buffer.from("abcdefgh").swap32());
  attempt(() => Buffer.from("abcdefgh").swap64());
  attempt(() => Buffer.from("abc").swap16());
  attempt(() => Buffer.from("abc").toJSON());
  attempt(() => Buffer.from("abc").write("zz", 5));
  attempt(() => Buffer.from("abc").write(5));
  attempt(() => [Buffer.alloc(4).write("a€", 1), Buffer.alloc(4).write("a€", 0), Buffer.alloc(3).write("ab", "ucs2")]);
  attempt(() => Buffer.from("abc").map((x) => x + 1));
  attempt(() => [...Buffer.from("ab").entries()]);
  attempt(() => Buffer.from([1, 2, 3]).hexSlice(1));
  attempt(() => [isUtf8(Buffer.from([0xff])), isUtf8(Buffer.from("é")), isAscii(Buffer.from("é")), isAscii(Buffer.from("e"))]);
  attempt(() => transcode(Buffer.from("€é"), "utf8", "latin1"));
  attempt(() => transcode(Buffer.from("é"), "utf8", "ascii"));
  attempt(() => transcode(Buffer.from("é"), "utf8", "utf16le"));
  attempt(() => transcode(Buffer.from("é"), "utf8", "base64"));
  attempt(() => [typeof Blob, typeof File, constants.MAX_LENGTH]);

  const widths = [["Int8", 1], ["UInt8", 1], ["Int16", 2], ["UInt16", 2], ["Int32", 4], ["UInt32", 4], ["Float", 4], ["Double", 8], ["BigInt64", 8], ["BigUInt64", 8]];
  const numbers = [0, 1, -1, 127, 128, -128, 255, 256, 32767, -32768, 65535, 65536, 2147483647, -2147483648, 4294967295, 4294967296, 1.5, -1.5, NaN, Infinity, 1e300];
  for (const [type, width] of widths) {
    for (const order of width === 1 ? [""] : ["LE", "BE"]) {
      for (const number of numbers) {
        const value = type.startsWith("Big") ? (Number.isInteger(number) ? BigInt(number) : 5n) : number;
        attempt(() => {
          const target = Buffer.alloc(10);
          const end = target[`write${type}${order}`](value, 1);
          return [end, target.toString("hex"), String(target[`read${type}${order}`](1))];
        });
      }
      for (const offset of [-1, 0, 10 - width, 11 - width, 1.5, "0", null, undefined]) attempt(() => String(Buffer.alloc(10, 0x83)[`read${type}${order}`](offset)));
      attempt(() => Buffer.alloc(width - 1)[`read${type}${order}`](0).toString());
    }
  }
  for (const size of [1, 2, 3, 4, 5, 6, 0, 7, 1.5, "3", undefined]) {
    attempt(() => Buffer.from("8182838485868788", "hex").readUIntBE(0, size));
    attempt(() => Buffer.from("8182838485868788", "hex").readUIntLE(1, size));
    attempt(() => Buffer.from("8182838485868788", "hex").readIntBE(0, size));
    attempt(() => Buffer.from("8182838485868788", "hex").readIntLE(1, size));
    attempt(() => { const b = Buffer.alloc(8); b.writeIntBE(-5, 1, size); return b; });
    attempt(() => { const b = Buffer.alloc(8); b.writeUIntLE(77, 1, size); return b; });
    attempt(() => { const b = Buffer.alloc(8); b.writeUIntLE(2 ** 50, 1, size); return b; });
  }
  attempt(() => [bytes.readUint8(3), bytes.readUint16BE(2), bytes.readBigUint64LE(1).toString()]);
  attempt(() => Buffer(3));
  attempt(() => new Buffer("old", "latin1"));
}
