import punycode from "node:punycode";
import querystring from "node:querystring";
import url, { domainToASCII, domainToUnicode, fileURLToPath, pathToFileURL, urlToHttpOptions } from "node:url";

/** Prints what the legacy URL functions and the query strings give. */
export default function run(print) {
  const attempt = (work) => {
    try { print(JSON.stringify(work())); } catch (error) { print(error.name, error.code, error.message); }
  };
  const urls = ["http://user:pa%20ss@Host.com:8080/p/a/t/h?query=string#hash", "//host/path", "/just/path?x", "mailto:a@b.c", "javascript:alert('x')", "http://ex.com", "http://ex.com?x=1", "HTTP://EX.com/A B", "http://[::1]:80/x", "file:///etc/passwd", "foo:bar", "http://a.com/\t?", "x y", "", "http://ex.com/a?b#c?d", "http://ünï.com/é", "?only", "#only", "http://a@b@c/", "coap:u:p@::1:61616/x", "http://a.b/c;d=e?f={g}", "svn+ssh://foo/bar", "http://x...y...#p"];
  for (const text of urls) {
    attempt(() => url.parse(text));
    attempt(() => url.parse(text, true, true));
    attempt(() => url.format(url.parse(text)));
  }
  const bases = ["http://a/b/c/d;p?q", "/one/two/three", "mailto:x@y.z", "file:///a/b", "http://u:p@h/x"];
  for (const base of bases) for (const to of ["g", "./g", "../g", "../../../g", "/g", "//g", "?y", "#s", "g?y#s", "", "http:g", "https://q/r", "g;x=1/../y", ".", "..", "mailto:n@m"]) attempt(() => url.resolve(base, to));
  attempt(() => url.format({ protocol: "http", host: "h:1", pathname: "p?#", search: "q=1", hash: "h" }));
  attempt(() => url.format({ hostname: "::1", port: 5, query: { a: [1, 2], b: "c d" }, slashes: true }));
  attempt(() => url.format(new URL("http://u:p@xn--n-nga1b.com/x?y#z"), { auth: false, fragment: false, search: false, unicode: true }));
  attempt(() => url.parse(5));
  attempt(() => url.format(5));
  attempt(() => [domainToASCII("español.com"), domainToASCII("xn--iñvalid.com"), domainToUnicode("xn--espaol-zwa.com")]);
  attempt(() => [pathToFileURL("/a b/#?%.js").href, pathToFileURL("/x/").href, fileURLToPath("file:///a%20b/c"), fileURLToPath(new URL("file:///z"))]);
  for (const bad of ["http://x", "file://host/x", "file:///a%2fb", 5]) attempt(() => fileURLToPath(bad));
  attempt(() => urlToHttpOptions(new URL("https://a:b@[::1]:99/p?q#h")));
  for (const text of ["a=1&b=2&a=3", "a=%20b+c&%zz=%e4", "=x&y&=&&", "a=1;b=2", "k=%E2%82%AC", "__proto__=1&constructor=2", "a[]=1&a[]=2"]) { attempt(() => querystring.parse(text)); attempt(() => querystring.parse(text, ";", ":", { maxKeys: 1 })); }
  for (const value of [{ a: 1, b: [2, "x y"], c: true, d: null, e: undefined, f: {}, g: 5n.toString(), h: NaN }, "text", null, { "ü&": "€=" }]) { attempt(() => querystring.stringify(value)); attempt(() => querystring.stringify(value, ";", ":")); }
  attempt(() => [querystring.escape("a b&c/€'"), querystring.unescape("%41%zz%e2%82%ac"), querystring.encode === querystring.stringify]);
  for (const text of ["mañana", "bücher", "☃-⌘", "他们为什么不说中文", "plain"]) attempt(() => [punycode.encode(text), punycode.decode(punycode.encode(text)), punycode.toASCII(`${text}.com`), punycode.toUnicode(punycode.toASCII(`${text}.com`)), punycode.ucs2.decode(text)]);
}
