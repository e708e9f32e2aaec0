import crypto, * as all from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Prints digests, keys derived, texts enciphered and signatures verified. */
export default async function run(print) {
  const attempt = async (work) => {
    try {
      const value = await work();
      print(Buffer.isBuffer(value) ? value.toString("hex") : JSON.stringify(value));
    } catch (error) {
      print(error.name, error.code, error.message);
    }
  };
  for (const name of ["md5", "sha1", "SHA256", "sha384", "sha512", "RSA-SHA256", "ripemd160", "sha224", "sha512-256"]) {
    await attempt(() => crypto.createHash(name).update("héllo").update(Buffer.from([1, 2])).digest("hex"));
    await attempt(() => crypto.createHmac(name, "key").update("data", "latin1").digest("base64"));
  }
  await attempt(() => crypto.createHash("nope"));
  await attempt(() => { const h = crypto.createHash("sha1"); h.digest(); return h.update("x"); });
  await attempt(() => { const h = crypto.createHash("sha1").update("a"); const c = h.copy(); return [h.update("b").digest("hex"), c.digest("hex")]; });
  await attempt(() => crypto.createHash("sha256").update(5));
  await attempt(() => crypto.createHash("sha256").update("616263", "hex").digest("base64url"));
  await attempt(async () => { const h = crypto.createHash("sha256"); await pipeline(Readable.from(["a", "b"]), h); return h.read(); });
  await attempt(() => crypto.hash("sha1", "abc"));
  await attempt(() => crypto.pbkdf2Sync("pw", "salt", 10, 20, "sha256"));
  await attempt(() => new Promise((resolve, reject) => crypto.pbkdf2("pw", "salt", 10, 20, "sha512", (error, key) => (error ? reject(error) : resolve(key)))));
  await attempt(() => crypto.pbkdf2Sync("pw", "salt", 10, 20, "nope"));
  await attempt(() => crypto.scryptSync("pw", "salt", 32, { N: 1024 }));
  await attempt(() => crypto.scryptSync("pw", "salt", 32, { N: 1000 }));
  await attempt(() => Buffer.from(crypto.hkdfSync("sha256", "key", "salt", "info", 42)));
  for (const length of [0, 32, 255 * 32, 255 * 32 + 1, -1, "x"]) await attempt(() => Buffer.from(crypto.hkdfSync("sha256", "key", "", "", length)));
  for (const size of [1024, 1025]) await attempt(() => Buffer.from(crypto.hkdfSync("sha1", "key", "salt", Buffer.alloc(size), 42)));
  for (const [N, r, p, salt] of [[2, 1, 1, ""], [16, 1, 1, ""], [4, 3, 5, "NaCl"], [1024, 8, 16, "NaCl"], [8, 1, 300, Buffer.alloc(5000, 1)]]) {
    await attempt(() => crypto.scryptSync("password", salt, 77, { N, r, p }));
  }
  const key = Buffer.alloc(32, 7);
  for (const [name, iv] of [["aes-256-cbc", Buffer.alloc(16, 1)], ["aes-256-ctr", Buffer.alloc(16, 2)], ["aes-256-ecb", null], ["aes-256-gcm", Buffer.alloc(12, 3)]]) {
    await attempt(() => {
      const cipher = crypto.createCipheriv(name, key, iv);
      if (name.endsWith("gcm")) cipher.setAAD(Buffer.from("aad"));
      const text = cipher.update("some longer text than a block", "utf8", "hex") + cipher.final("hex");
      const tag = name.endsWith("gcm") ? cipher.getAuthTag() : undefined;
      const decipher = crypto.createDecipheriv(name, key, iv);
      if (tag) decipher.setAAD(Buffer.from("aad")).setAuthTag(tag);
      return [text, tag?.toString("hex"), decipher.update(text, "hex", "utf8") + decipher.final("utf8")];
    });
  }
  const gcm = (kind, options) => crypto[kind]("aes-256-gcm", key, Buffer.alloc(12, 3), options);
  for (const authTagLength of [undefined, null, 4, 12, 16, 0, 5, 17, -1, 1.5, "16", NaN, 2 ** 31]) {
    await attempt(() => { const cipher = gcm("createCipheriv", { authTagLength }); cipher.update("text"); cipher.final(); return cipher.getAuthTag(); });
    await attempt(() => crypto.createCipheriv("aes-256-cbc", key, Buffer.alloc(16), { authTagLength }).final());
    for (const length of [4, 5, 12, 16, 17]) await attempt(() => { gcm("createDecipheriv", { authTagLength }).setAuthTag(Buffer.alloc(length)); });
  }
  for (const kind of ["createCipheriv", "createDecipheriv"]) {
    for (const before of ["", "text"]) {
      await attempt(() => { const cipher = gcm(kind); cipher.setAAD(Buffer.from("a")).update(before); cipher.setAAD(Buffer.from("ad")); return cipher.update("x"); });
    }
    await attempt(() => { crypto[kind]("aes-256-cbc", key, Buffer.alloc(16)).setAAD(Buffer.from("aad")); });
  }
  await attempt(() => { const cipher = gcm("createCipheriv"); cipher.final(); cipher.setAAD(Buffer.from("aad")); });
  await attempt(() => { const cipher = gcm("createCipheriv"); cipher.final(); cipher.update("text"); });
  await attempt(() => { const cipher = gcm("createCipheriv"); cipher.setAAD(Buffer.from("a")).setAAD(Buffer.from("ad")); cipher.final(); return cipher.getAuthTag(); });
  await attempt(() => crypto.createCipheriv("aes-256-cbc", key, Buffer.alloc(5)));
  await attempt(() => crypto.createCipheriv("aes-128-cbc", key, Buffer.alloc(16)));
  await attempt(() => crypto.createCipheriv("nope", key, Buffer.alloc(16)));
  await attempt(() => { const d = crypto.createDecipheriv("aes-256-gcm", key, Buffer.alloc(12)); d.setAuthTag(Buffer.alloc(16)); d.update("aa", "hex"); return d.final(); });
  await attempt(() => crypto.timingSafeEqual(Buffer.from("a"), Buffer.from("a")));
  await attempt(() => crypto.timingSafeEqual(Buffer.from("a"), Buffer.from("ab")));
  await attempt(() => [crypto.randomBytes(8).length, crypto.randomUUID().length, crypto.randomInt(5) < 5, crypto.randomInt(3, 4), crypto.randomFillSync(Buffer.alloc(4), 2).length]);
  await attempt(() => crypto.randomInt(5, 1));
  await attempt(() => crypto.randomBytes(-1));
  await attempt(() => new Promise((resolve) => crypto.randomBytes(4, (error, bytes) => resolve([error, bytes.length]))));
  const ec = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2\nOF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r\n1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G\n-----END PRIVATE KEY-----\n";
  await attempt(() => { const k = crypto.createPrivateKey(ec); return [k.type, k.asymmetricKeyType, k.asymmetricKeyDetails, crypto.createPublicKey(k).export({ format: "jwk" }), k.export({ format: "pem", type: "pkcs8" }) === ec]; });
  await attempt(() => crypto.verify("sha256", Buffer.from("m"), crypto.createPublicKey(ec), crypto.sign("sha256", Buffer.from("m"), ec)));
  await attempt(() => crypto.createVerify("SHA256").update("m").verify(crypto.createPublicKey(ec), crypto.createSign("SHA256").update("m").sign(ec, "hex"), "hex"));
  await attempt(() => crypto.createPrivateKey("garbage").type);
  await attempt(() => { const k = crypto.createPrivateKey(ec), pem = k.export({ format: "pem", type: "sec1" }), again = crypto.createPrivateKey(pem); return [pem.split("\n")[0], again.asymmetricKeyDetails, again.equals(k), crypto.createPublicKey(pem).equals(crypto.createPublicKey(k)), crypto.createPrivateKey({ key: k.export({ format: "der", type: "sec1" }), format: "der", type: "sec1" }).equals(k)]; });
  const { privateKey, publicKey } = await crypto.webcrypto.subtle.generateKey({ name: "RSA-PSS", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" }, true, ["sign", "verify"]);
  const rsa = crypto.KeyObject.from(privateKey).export({ format: "pem", type: "pkcs8" });
  for (const [make, type] of [["createPrivateKey", "pkcs8"], ["createPublicKey", "spki"]]) {
    await attempt(() => { const k = crypto[make](rsa), pem = k.export({ format: "pem", type: "pkcs1" }); return [pem.split("\n")[0], crypto[make](pem).equals(k), crypto[make]({ key: k.export({ format: "der", type: "pkcs1" }), format: "der", type: "pkcs1" }).equals(k), crypto[make](k.export({ format: "pem", type })).asymmetricKeyDetails.modulusLength]; });
  }
  await attempt(() => crypto.verify("RSA-SHA256", Buffer.from("m"), crypto.createPublicKey(rsa), crypto.createSign("RSA-SHA256").update("m").sign(rsa)));
  await attempt(() => crypto.verify("sha256", Buffer.from("m"), { key: crypto.KeyObject.from(publicKey), padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, crypto.sign("sha256", Buffer.from("m"), { key: rsa, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })));
  await attempt(() => { const s = crypto.createSecretKey(Buffer.from("secret")); return [s.type, s.symmetricKeySize, s.export().toString(), s.export({ format: "jwk" }), crypto.createHmac("sha1", s).update("x").digest("hex")]; });
  print(all.webcrypto === crypto.webcrypto, typeof all.subtle.digest, Object.keys(crypto).filter((k) => !["prng", "pseudoRandomBytes", "rng", "createCipher", "createDecipher", "Cipher", "Decipher", "fips", "subtle", "DEFAULT_ENCODING"].includes(k)).sort().join());
}
