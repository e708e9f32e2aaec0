import * as jose from "jose";

export default {
  async fetch() {
    const lines = [];
    const secret = new TextEncoder().encode("a secret of at least thirty-two bytes");
    const token = await new jose.SignJWT({ role: "admin" }).setProtectedHeader({ alg: "HS256" }).setIssuedAt(1700000000).setIssuer("insula").setExpirationTime(4000000000).sign(secret);
    lines.push(token);
    const { payload, protectedHeader } = await jose.jwtVerify(token, secret, { issuer: "insula" });
    lines.push(payload, protectedHeader, jose.decodeJwt(token));
    for (const [what, work] of [
      ["tampered", () => jose.jwtVerify(`${token}x`, secret)],
      ["issuer", () => jose.jwtVerify(token, secret, { issuer: "other" })],
      ["expired", async () => jose.jwtVerify(await new jose.SignJWT({}).setProtectedHeader({ alg: "HS256" }).setExpirationTime(1).sign(secret), secret)],
    ]) lines.push([what, await work().then(() => "fine", (error) => error.code)]);
    for (const alg of ["RS256", "PS256", "ES256", "ES384", "EdDSA"]) {
      const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
      const jws = await new jose.CompactSign(new TextEncoder().encode("payload")).setProtectedHeader({ alg }).sign(privateKey);
      const verified = await jose.compactVerify(jws, publicKey);
      const jwk = await jose.exportJWK(publicKey);
      const again = await jose.compactVerify(jws, await jose.importJWK(jwk, alg));
      lines.push([alg, new TextDecoder().decode(verified.payload), again.protectedHeader.alg, jwk.kty, (await jose.exportSPKI(publicKey)).split("\n")[0], (await jose.exportPKCS8(privateKey)).split("\n")[0]]);
    }
    for (const [alg, enc] of [["dir", "A256GCM"], ["A128KW", "A128CBC-HS256"], ["PBES2-HS256+A128KW", "A256GCM"], ["ECDH-ES", "A256GCM"], ["RSA-OAEP-256", "A256GCM"]]) {
      let to = secret.slice(0, 32);
      let from = to;
      if (alg === "A128KW") to = from = secret.slice(0, 16);
      if (alg.startsWith("ECDH") || alg.startsWith("RSA")) ({ publicKey: to, privateKey: from } = await jose.generateKeyPair(alg));
      const jwe = await new jose.CompactEncrypt(new TextEncoder().encode("hidden")).setProtectedHeader({ alg, enc }).encrypt(to);
      const options = alg.startsWith("PBES2") ? { keyManagementAlgorithms: [alg] } : undefined;
      lines.push([alg, enc, new TextDecoder().decode((await jose.compactDecrypt(jwe, from, options)).plaintext), jwe.split(".").length]);
    }
    lines.push(await jose.calculateJwkThumbprint({ kty: "oct", k: "AAAA" }));
    return Response.json(lines);
  },
};
