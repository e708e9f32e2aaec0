//! Test files as applications that can be deployed.
//!
//! The suite's tests are classic scripts, which share one scope with the harness and their helpers.
//! Code that comes from strings does not run in an isolate, so the scripts of one test are joined
//! into one function of one module: they share that function's scope instead. Modules are strict,
//! which is the one difference that a test can see.

use insula_tests::App;

use crate::sloppy::made_strict;
use crate::substitute::{Place, applies, substitute};
use crate::suite::{Suite, TestFile, meta};

/// Bytes of tests in one application, all of which every isolate receives.
const BYTES: usize = 3 << 20;

/// Files in one application.
const FILES: usize = 24;

/// The entry of all of them.
const ENTRY: &str = include_str!("entry.js");

const HARNESS: &str = "resources/testharness.js";

/// A test that is ready to be deployed.
pub struct Bundled {
    /// Which.
    pub file: TestFile,
    /// Its module.
    module: String,
}

impl Bundled {
    /// Joins the scripts of a test.
    pub fn new(suite: &Suite, file: TestFile, place: Place) -> Result<Self, String> {
        let text = script(suite, &file.path, place)?;
        let mut scripts = Vec::new();
        for helper in meta(&text, "script") {
            scripts.push(script(suite, &resolve(&file.path, helper), place)?);
        }
        for helper in imported(&text) {
            scripts.push(script(suite, &resolve(&file.path, helper), place)?);
        }
        let objects = expressions(&text);
        scripts.push(text);
        let scripts = scripts.join("\n;\n").replace("eval(desc)", "evaluated[desc]()");
        let module = format!(
            "const evaluated = {{\n{objects}}};\nexport function run() {{\n{scripts}\n}}\n"
        );
        Ok(Self { file, module })
    }

    /// A tenant for an application that begins with this test.
    pub fn tenant(&self) -> String {
        let name = self.file.name().to_ascii_lowercase();
        let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        // Names of hosts are short; what tells tests apart is at the end.
        let name: String = name.chars().skip(name.len().saturating_sub(40)).collect();
        format!("t{}", name.trim_end_matches('-'))
    }
}

/// As many of `tests` as go into one application, taken from the end.
pub fn batch(tests: &mut Vec<Bundled>) -> Vec<Bundled> {
    let mut bytes = 0;
    let mut batch = Vec::new();
    while let Some(test) = tests.pop() {
        bytes += test.module.len();
        batch.push(test);
        if bytes > BYTES || batch.len() == FILES {
            break;
        }
    }
    batch
}

/// An application with these tests, by their index.
pub fn app(suite: &Suite, tests: &[Bundled]) -> Result<App, String> {
    let harness = suite.read(HARNESS).unwrap_or_default();
    let harness = String::from_utf8_lossy(&harness);
    let harness = format!("export function run() {{\n{harness}\n}}\n");
    let table: String =
        (0..tests.len()).map(|index| format!("() => import('./tests/{index}.js'),\n")).collect();
    let table = format!("export const tests = [\n{table}];\n");
    let names: Vec<String> = (0..tests.len()).map(|index| format!("tests/{index}.js")).collect();
    let mut files = vec![("index.js", ENTRY), ("harness.js", &harness), ("table.js", &table)];
    files.extend(names.iter().zip(tests).map(|(name, test)| (name.as_str(), &*test.module)));
    Ok(App::files(&files))
}

fn script(suite: &Suite, path: &str, place: Place) -> Result<String, String> {
    let bytes = suite.read(path).ok_or_else(|| format!("{path} is missing"))?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(made_strict(&if applies(path) { substitute(&text, place).into() } else { text }))
}

/// The objects that a test of interfaces names by expressions, which the harness would evaluate.
fn expressions(text: &str) -> String {
    let lists = text.split("add_objects({").skip(1).filter_map(|rest| rest.split("});").next());
    let arrays = lists.flat_map(|list| list.split(": [").skip(1));
    let mut table = String::new();
    for array in arrays {
        let Some(quote) = array.chars().next().filter(|c| ['"', '\'', '`'].contains(c)) else {
            continue;
        };
        let Some((expression, _)) = array[1..].split_once(&format!("{quote}]")) else { continue };
        // The literal is the key as it stands in the test.
        table.push_str(&format!("[{quote}{expression}{quote}]: () => ({expression}),\n"));
    }
    table
}

/// What a worker's test imports when it begins; the harness is there already.
fn imported(text: &str) -> impl Iterator<Item = &str> {
    let calls = text.split("importScripts(").skip(1);
    let arguments = calls.filter_map(|rest| rest.split(')').next());
    let literals = arguments.flat_map(|list| list.split(','));
    let names = literals.filter_map(|literal| {
        let literal = literal.trim();
        literal.strip_prefix(['"', '\''])?.strip_suffix(['"', '\''])
    });
    names.filter(|name| !name.ends_with("testharness.js"))
}

/// The path in the suite that `reference` means in the file `from`.
fn resolve(from: &str, reference: &str) -> String {
    if let Some(absolute) = reference.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut segments: Vec<&str> = from.split('/').collect();
    segments.pop();
    for segment in reference.split('/') {
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use super::{expressions, imported, resolve};

    #[test]
    fn references_are_paths() {
        assert_eq!(resolve("a/b.js", "../c/d.js"), "c/d.js");
        assert_eq!(resolve("a/b.js", "./d.js"), "a/d.js");
        assert_eq!(resolve("a/b.js", "/d.js"), "d.js");
    }

    #[test]
    fn objects_of_interfaces_are_evaluated_without_strings() {
        let text = "idl.add_objects({ A: ['new A(\"x\")'], B: [self.b], C: [\"c['d']\"] });";
        let table = "['new A(\"x\")']: () => (new A(\"x\")),\n[\"c['d']\"]: () => (c['d']),\n";
        assert_eq!(expressions(text), table);
    }

    #[test]
    fn imported_scripts_are_found() {
        let text = "importScripts('/resources/testharness.js', \"a.js\");\nimportScripts(path);";
        assert_eq!(imported(text).collect::<Vec<_>>(), ["a.js"]);
    }
}
