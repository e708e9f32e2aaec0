//! Packaging of real folders.

use std::fs;
use std::path::Path;

use insula_supervisor::{ErrorDetail, ModuleKind};
use tempfile::TempDir;

use super::error::ImportProblem;
use super::{Package, PackageError};
use crate::diagnostic::Spot;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn package(path: &Path) -> Result<Package, PackageError> {
    super::package(path, &mut Vec::new())
}

fn names(package: &Package) -> Vec<&str> {
    package.modules.iter().map(|module| module.name.as_str()).collect()
}

fn code<'a>(package: &'a Package, name: &str) -> &'a str {
    let module = package.modules.iter().find(|module| module.name == name).unwrap();
    std::str::from_utf8(&module.source).unwrap()
}

fn import_error(error: PackageError) -> (Spot, ImportProblem) {
    match error {
        PackageError::Import { spot, problem, .. } => (*spot, problem),
        other => panic!("not an import error: {other}"),
    }
}

#[test]
fn a_single_file_is_deployed_byte_for_byte() {
    let text = "// é\r\nexport default { fetch() {} }\r\n";
    let folder = folder(&[("hello.mjs", text), ("index.js", "not read (")]);
    let package = package(&folder.path().join("hello.mjs")).unwrap();
    assert_eq!(package.entry, "hello.mjs");
    assert_eq!(names(&package), ["hello.mjs"]);
    assert_eq!(code(&package, "hello.mjs"), text);
    assert!(package.warnings.is_empty());
}

#[test]
fn modules_are_found_through_every_form_of_import() {
    let folder = folder(&[
        (
            "index.js",
            "import './a.js';\nexport * from './b.js';\nexport { c } from './c.js';\n\
             export const d = () => import('./sub/d.js');\nexport * as e from './e.js';",
        ),
        ("a.js", ""),
        ("b.js", ""),
        ("c.js", "export const c = 1"),
        ("sub/d.js", "import '../a.js'; import './deeper/f.js'"),
        ("sub/deeper/f.js", ""),
        ("e.js", ""),
        ("unrelated.js", "syntax error ("),
    ]);
    let package = package(folder.path()).unwrap();
    assert_eq!(
        names(&package),
        ["index.js", "a.js", "b.js", "c.js", "sub/d.js", "e.js", "sub/deeper/f.js"]
    );
}

#[test]
fn what_a_specifier_leaves_out_is_spelled_out() {
    let folder = folder(&[
        ("index.js", "import a from './a'; import './lib'; import './t.js'; import './deep/x';"),
        ("a.mjs", "export default 1"),
        ("lib/index.js", "import '../a'"),
        ("t.ts", "export const t: number = 1"),
        ("deep/x.js", "import '../lib/index'"),
    ]);
    let package = package(folder.path()).unwrap();
    assert_eq!(
        code(&package, "index.js"),
        r#"import a from "./a.mjs"; import "./lib/index.js"; import "./t.ts"; import "./deep/x.js";"#
    );
    assert_eq!(code(&package, "lib/index.js"), r#"import "../a.mjs""#);
    assert_eq!(code(&package, "deep/x.js"), r#"import "../lib/index.js""#);
    let detail =
        ErrorDetail { file: "index.js".into(), line: 1, column: 30, ..ErrorDetail::default() };
    assert_eq!(package.author_spot(&detail).column, 26, "columns are the author's");
}

#[test]
fn imports_in_a_circle_end() {
    let folder = folder(&[
        ("index.js", "import './a.js'"),
        ("a.js", "import './index.js'; import './a.js'"),
    ]);
    assert_eq!(names(&package(folder.path()).unwrap()), ["index.js", "a.js"]);
}

#[test]
fn other_files_become_modules_of_their_kind() {
    let folder = folder(&[(
        "index.js",
        "import a from './a.json' with { type: 'json' }; import b from './b.html';\n\
         import c from './c.wasm'; import d from './d.bin';\n\
         import e from './LICENSE' with { type: 'text' };\n\
         import f from './f.dat' with { type: 'bytes' };",
    )]);
    for (name, bytes) in
        [("a.json", "\u{feff}[1]"), ("b.html", "<p>"), ("c.wasm", "\0asm"), ("LICENSE", "free")]
    {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    fs::write(folder.path().join("d.bin"), [0xff, 0xfe]).unwrap();
    fs::write(folder.path().join("f.dat"), [0xff]).unwrap();
    let package = package(folder.path()).unwrap();
    let kinds: Vec<_> = package.modules[1..].iter().map(|module| module.kind).collect();
    use ModuleKind::{Data, Json, Text, Wasm};
    assert_eq!(kinds, [Json, Text, Wasm, Data, Text, Data]);
    assert_eq!(code(&package, "a.json"), "[1]", "the byte order mark is gone");
}

#[test]
fn broken_json_is_reported_with_its_place() {
    let folder = folder(&[("index.js", "import './a.json'"), ("a.json", "{\n  \"a\": 1,,\n}")]);
    let PackageError::Syntax(diagnostic) = package(folder.path()).unwrap_err() else { panic!() };
    let spot = diagnostic.spot.unwrap();
    assert!(spot.file.ends_with("a.json"));
    assert_eq!((spot.line, spot.source_line.as_str()), (2, "  \"a\": 1,,"));
}

#[test]
fn a_syntax_error_is_reported_with_its_place() {
    let folder = folder(&[("index.js", "\u{feff}let ok;\r\nlet 1x;\r\n")]);
    let PackageError::Syntax(diagnostic) = package(folder.path()).unwrap_err() else { panic!() };
    let spot = diagnostic.spot.as_ref().unwrap();
    assert_eq!((spot.line, spot.source_line.as_str()), (2, "let 1x;"));
    assert!(diagnostic.to_string().contains("index.js:2:"), "{diagnostic}");
}

#[test]
fn text_that_is_not_utf8_is_refused_with_its_place() {
    let folder = folder(&[]);
    fs::write(folder.path().join("index.js"), b"let a;\nlet b = '\xff';").unwrap();
    let PackageError::NotUtf8(spot) = package(folder.path()).unwrap_err() else { panic!() };
    assert_eq!((spot.line, spot.column), (2, 10));
}

#[test]
fn packages_and_runtime_modules_are_refused_each_in_its_words() {
    for (specifier, expected) in [
        ("hono", ImportProblem::Bare),
        ("@scope/name/x.js", ImportProblem::Bare),
        ("cloudflare:workers", ImportProblem::Cloudflare),
        ("https://example.com/x.js", ImportProblem::NotRelative),
        ("/etc/passwd", ImportProblem::NotRelative),
        ("./missing.js", ImportProblem::Missing),
        ("./node_modules/hono/index.js", ImportProblem::NodeModules),
        ("./x.jsx", ImportProblem::Jsx),
        ("./x.cjs", ImportProblem::CommonJs),
        ("./x.exe", ImportProblem::UnknownKind),
    ] {
        let folder = folder(&[
            ("index.js", &format!("let a;\nimport x from '{specifier}';")),
            ("node_modules/hono/index.js", ""),
            ("x.jsx", ""),
            ("x.cjs", ""),
            ("x.exe", ""),
        ]);
        let error = package(folder.path()).unwrap_err();
        let shown = error.diagnostic().to_string();
        assert!(shown.contains("index.js:2:15"), "{shown}");
        assert!(shown.contains(specifier), "{shown}");
        let bundling_helps = specifier.starts_with(['h', '@']) && !specifier.contains(':')
            || specifier.contains("node_modules")
            || specifier.ends_with("jsx")
            || specifier.ends_with("cjs");
        assert_eq!(shown.contains("npx esbuild"), bundling_helps, "{shown}");
        let (spot, problem) = import_error(error);
        assert_eq!(problem, expected, "{specifier}");
        assert_eq!(spot.width as usize, specifier.len() + 2);
    }
}

#[test]
fn a_dynamic_import_that_cannot_be_followed_is_a_warning() {
    let folder = folder(&[("index.js", "try { await import('hono') } catch {}\nimport(x);")]);
    let package = package(folder.path()).unwrap();
    assert_eq!(package.warnings.len(), 2);
    assert!(package.warnings[0].message.contains("hono"));
    assert_eq!(package.warnings[1].spot.as_ref().unwrap().line, 2);
}

#[test]
fn modules_of_node_are_left_to_the_server() {
    let source = "import 'node:buffer';\nimport e from 'events';\nimport('fs/promises');";
    let folder = folder(&[("index.js", source)]);
    let package = package(folder.path()).unwrap();
    assert!(package.warnings.is_empty());
    assert_eq!(package.modules.len(), 1);
    assert_eq!(package.modules[0].source, source.as_bytes());
}

#[test]
fn a_require_from_nowhere_is_given_and_a_declared_one_is_not() {
    let free = "var x = typeof require;";
    let declared = "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url); require('fs');";
    let folder = folder(&[
        ("index.js", "import './free.js'; import './declared.js'"),
        ("free.js", free),
        ("declared.js", declared),
    ]);
    let package = package(folder.path()).unwrap();
    let source = |name: &str| {
        let module = package.modules.iter().find(|module| module.name == name).unwrap();
        String::from_utf8(module.source.clone()).unwrap()
    };
    assert!(source("free.js").starts_with(&format!("{free}\nimport {{ __require as require }}")));
    assert_eq!(source("declared.js"), declared);
}

#[test]
fn nothing_outside_of_the_root_is_pulled_in() {
    let outer = folder(&[
        ("secret.js", "export default 'secret'"),
        ("app/index.js", "import '../secret.js'"),
        ("app/sub/x.js", "import '../../secret.js'"),
    ]);
    let app = outer.path().join("app");
    let (spot, problem) = import_error(package(&app).unwrap_err());
    assert_eq!((spot.line, problem), (1, ImportProblem::Escape));

    fs::write(app.join("index.js"), "import './sub/x.js'").unwrap();
    assert_eq!(import_error(package(&app).unwrap_err()).1, ImportProblem::Escape);

    fs::write(app.join("index.js"), "import './link.js'").unwrap();
    std::os::unix::fs::symlink(outer.path().join("secret.js"), app.join("link.js")).unwrap();
    assert_eq!(import_error(package(&app).unwrap_err()).1, ImportProblem::Escape);

    fs::write(app.join("index.js"), "import './folder/secret.js'").unwrap();
    std::os::unix::fs::symlink(outer.path(), app.join("folder")).unwrap();
    assert_eq!(import_error(package(&app).unwrap_err()).1, ImportProblem::Escape);

    for main in ["../secret.js", "link.js", "/etc/passwd"] {
        fs::write(app.join("package.json"), format!("{{\"main\": \"{main}\"}}")).unwrap();
        assert!(matches!(package(&app).unwrap_err(), PackageError::BadEntry { .. }), "{main}");
    }
}

#[test]
fn a_link_inside_of_the_root_is_followed() {
    let folder = folder(&[("index.js", "import './link.js'"), ("real.js", "1")]);
    std::os::unix::fs::symlink("real.js", folder.path().join("link.js")).unwrap();
    assert_eq!(names(&package(folder.path()).unwrap()), ["index.js", "link.js"]);
}

#[test]
fn types_go_and_lines_stay() {
    let source = "\
import type { Gone } from './gone';
import { Used, Type } from './used';
interface A {
  a: string;
}

enum Color { Red, Green = 'g' }
class Box<T extends object> {
  constructor(private readonly value: T) {}
  get(): T { return this.value!; }
}
const text = `one
${Used as string} two
`;
export default {
  fetch(request: Request): Response {
    const list: Array<Type> = [1, 2, 3];
    throw new Error(`line 17` as string);
  },
} satisfies object;
";
    let folder =
        folder(&[("index.ts", source), ("used.ts", "export type Type = 1; export const Used = 1")]);
    let package = package(folder.path()).unwrap();
    assert_eq!(names(&package), ["index.ts", "used.ts"]);
    let code = code(&package, "index.ts");
    let line_of =
        |needle: &str| code.lines().position(|line| line.contains(needle)).map(|at| at + 1);
    assert_eq!(line_of("Color["), Some(7), "{code}");
    assert_eq!(line_of("class Box"), Some(8));
    assert_eq!(line_of("`one"), Some(12));
    assert_eq!(line_of("const list"), Some(17));
    assert_eq!(line_of("throw new Error"), Some(18));
    assert!(!code.contains("interface") && !code.contains("Gone") && !code.contains("satisfies"));
    let template_break = code.find("`one").unwrap() + 4;
    assert_eq!(&code[template_break..=template_break], "\n", "{code}");
}

#[test]
fn positions_in_stripped_code_lead_to_the_author_s() {
    let source = "const wide: Record<string, number> = {}; throw new TypeError('here');\n";
    let folder = folder(&[("index.ts", source)]);
    let package = package(folder.path()).unwrap();
    let deployed = code(&package, "index.ts");
    let column = deployed.find("new TypeError").unwrap() as u32 + 1;
    let detail = ErrorDetail {
        file: "index.ts".into(),
        line: 1,
        column,
        source_line: deployed.into(),
        ..ErrorDetail::default()
    };
    let spot = package.author_spot(&detail);
    assert_eq!(spot.column as usize, source.find("new TypeError").unwrap() + 1);
    assert_eq!(spot.source_line, source.trim_end());
    assert!(spot.file.ends_with("index.ts") && spot.file.len() > "index.ts".len());
}

#[test]
fn a_typescript_error_is_reported_with_its_place() {
    let folder = folder(&[("index.ts", "let a: number = 1;\nlet b: = 2;\n")]);
    let PackageError::Syntax(diagnostic) = package(folder.path()).unwrap_err() else { panic!() };
    assert_eq!(diagnostic.spot.unwrap().line, 2);
    let folder =
        self::folder(&[("index.ts", "let a: number = 1;\n\nimport { b } from 'b';\nb();")]);
    assert_eq!(import_error(package(folder.path()).unwrap_err()).0.line, 3);
}

#[test]
fn wrangler_toml_is_understood() {
    let folder = folder(&[
        (
            "wrangler.toml",
            "name = \"shop\"\nmain = \"src/worker.js\"\ncompatibility_date = \"2026-01-01\"\n\
             routes = [\"Shop.example/*\", { pattern = \"api.example/v1/*\", zone_name = \"example\" }, \"*.example/*\"]\n\
             colour = \"red\"\n[vars]\nA = \"1\"\nB = 2\n[limits]\ncpu_ms = 20\n[triggers]\ncrons = []\n",
        ),
        ("src/worker.js", "import '../lib.js'"),
        ("lib.js", ""),
        ("index.js", "not read ("),
    ]);
    let package = package(folder.path()).unwrap();
    assert_eq!(names(&package), ["src/worker.js", "lib.js"]);
    let settings = &package.settings;
    assert_eq!(settings.name.as_deref(), Some("shop"));
    assert_eq!(settings.cpu_ms, Some(20));
    assert_eq!(settings.compatibility_date.as_deref(), Some("2026-01-01"));
    assert_eq!(settings.hosts, ["shop.example", "api.example"]);
    assert_eq!(settings.vars["A"], "1");
    assert_eq!(settings.vars["B"], "2");
    let warnings: Vec<_> = package.warnings.iter().map(|warning| warning.message.clone()).collect();
    for word in ["`colour`", "`triggers`", "`vars.B`", "v1/*", "*.example"] {
        assert!(warnings.iter().any(|warning| warning.contains(word)), "{word}: {warnings:?}");
    }
    assert_eq!(warnings.len(), 5);
}

#[test]
fn wrangler_jsonc_is_understood() {
    let folder = folder(&[
        (
            "wrangler.jsonc",
            "{\n  // the shop\n  \"main\": \"./w.ts\",\n  \"vars\": { \"A\": \"//\", },\n}",
        ),
        ("w.ts", "export default {}"),
    ]);
    let package = package(folder.path()).unwrap();
    assert_eq!(package.entry, "w.ts");
    assert_eq!(package.settings.vars["A"], "//");
}

#[test]
fn configuration_errors_name_the_line() {
    for (name, text, line, word) in [
        ("wrangler.toml", "name = \"a\"\nmain = \n", 2, ""),
        ("wrangler.toml", "name = \"a\"\nmain = 1\n", 2, "main"),
        ("wrangler.toml", "[limits]\ncpu_ms = \"fast\"\n", 2, "cpu_ms"),
        ("wrangler.jsonc", "{\n\n\"main\" 1\n}", 3, ""),
        ("wrangler.jsonc", "{\n\"routes\": 1\n}", 2, "routes"),
    ] {
        let folder = folder(&[(name, text), ("index.js", "")]);
        let PackageError::Config(diagnostic) = package(folder.path()).unwrap_err() else {
            panic!()
        };
        assert_eq!(diagnostic.spot.as_ref().unwrap().line, line, "{diagnostic}");
        assert!(diagnostic.message.contains(word), "{diagnostic}");
    }
}

#[test]
fn package_json_names_the_main_module() {
    let folder = folder(&[("package.json", "{\"main\": \"dist/app.js\"}"), ("index.js", "(")]);
    assert!(matches!(package(folder.path()).unwrap_err(), PackageError::BadEntry { .. }));
    fs::create_dir(folder.path().join("dist")).unwrap();
    fs::write(folder.path().join("dist/app.js"), "").unwrap();
    assert_eq!(package(folder.path()).unwrap().entry, "dist/app.js");
}

#[test]
fn a_path_without_an_application_is_refused() {
    let folder = folder(&[("readme.md", "")]);
    assert!(matches!(package(folder.path()).unwrap_err(), PackageError::NoEntry(_)));
    let missing = folder.path().join("missing");
    assert!(matches!(package(&missing).unwrap_err(), PackageError::NotFound(_)));
    let text = folder.path().join("readme.md");
    assert!(matches!(package(&text).unwrap_err(), PackageError::BadEntry { .. }));
}

#[test]
fn what_was_read_is_reported_also_after_an_error() {
    let folder = folder(&[("index.js", "import './a.js'"), ("a.js", "import 'hono'")]);
    let mut touched = Vec::new();
    super::package(folder.path(), &mut touched).unwrap_err();
    for name in ["index.js", "a.js"] {
        assert!(touched.iter().any(|path| path.ends_with(name)), "{touched:?}");
    }
}
