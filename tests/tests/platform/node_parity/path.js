import path, { posix, win32 } from "node:path";

/** Prints what both flavours say of many paths. */
export default function run(print) {
  const paths = ["", ".", "..", "/", "//", "///a", "a", "a/", "/a/b/c", "a/b/../c", "./a/./b/", "../../x", "/../x", "/a//b///c", ".bashrc", "a.b.c", "a.", "/a.b/c", "file.tar.gz", "..x", "a/..", "\\", "C:\\a\\b.txt", "C:a", "c:/x/../y", "\\\\server\\share\\dir\\f.x", "\\\\server\\share", "//server/share/x", "C:", "C:\\", "a\\b", "D:..\\x", "\\a\\b\\", "/a/b.js/", "x/.y", "x/y.", "x/..y.z", "C:/..", "//a", "\\\\a\\\\b\\c"];
  for (const [name, flavour] of [["posix", posix], ["win32", win32]]) {
    for (const p of paths) {
      print(name, JSON.stringify([p, flavour.normalize(p), flavour.dirname(p), flavour.basename(p), flavour.basename(p, ".txt"), flavour.basename(p, "b"), flavour.extname(p), flavour.isAbsolute(p), flavour.parse(p), flavour.format(flavour.parse(p)), flavour.toNamespacedPath(p).slice(0, 4)]));
      for (const q of ["..", "x/y", "/z", "C:\\q", "\\w", ""]) print(JSON.stringify([flavour.join(p, q), flavour.resolve("/base", p, q).replace(/^[A-Z]:(?=\\base)/i, "")]));
    }
    for (const [from, to] of [["/a/b/c", "/a/d"], ["/a", "/a/b"], ["/a/b", "/a"], ["/", "/x"], ["/x", "/"], ["/a/b", "/a/b"], ["C:\\a\\b", "C:\\a\\c\\d"], ["C:\\a", "D:\\b"], ["C:\\Foo", "c:\\foo\\bar"], ["/foo/bar", "/foo/barbaz"], ["\\\\s\\h\\a", "\\\\s\\h\\b"], ["C:\\", "C:\\x"]]) print(flavour.relative(from, to));
    print(flavour.sep, flavour.delimiter, flavour.posix === posix, flavour.win32 === win32, flavour.format({ dir: "/d", name: "n", ext: "e" }), flavour.format({ root: "/", base: "b" }), flavour.join(), flavour.join("", ""));
    for (const bad of [undefined, 1, null, {}]) for (const f of ["join", "resolve", "dirname", "extname", "parse", "format", "isAbsolute"]) {
      try { print(flavour[f](bad)); } catch (error) { print(f, error.code, error.message); }
    }
  }
  print(path === posix, Object.keys(path).filter((k) => k !== "matchesGlob").sort().join());
}
