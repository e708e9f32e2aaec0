//! Rules for the platform's own JavaScript.

use std::collections::BTreeSet;

use super::Violation;
use crate::tree::{Tree, folder_of, resolve};

const FOLDER: &str = "sandbox/platform/js/";

pub fn starts_with_ts_check(tree: &Tree) -> Vec<Violation> {
    platform_files(tree)
        .filter(|(_, text)| text.lines().next().map(str::trim_end) != Some("// @ts-check"))
        .map(|(path, _)| Violation::at(path, 1, "does not start with // @ts-check"))
        .collect()
}

/// A file counts as loaded when the platform's Rust names it, or another of its files imports it.
pub fn is_reachable(tree: &Tree) -> Vec<Violation> {
    let imported: BTreeSet<String> =
        platform_files(tree).flat_map(|(importer, text)| imports(importer, text)).collect();
    platform_files(tree)
        .filter(|(path, _)| !imported.contains(*path) && !is_named_by_rust(tree, path))
        .map(|(path, _)| Violation::at(path, 0, "is loaded by nothing"))
        .collect()
}

fn platform_files(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.with_extension("js").filter(|(path, _)| path.starts_with(FOLDER))
}

/// The paths that `text` loads, the importer itself left out. Specifiers of imports are relative to the
/// importer; those of `lazy`, and those in a table that it looks into, to the folder of all.
fn imports(importer: &str, text: &str) -> BTreeSet<String> {
    let looks_into_a_table =
        text.split("lazy(").skip(1).any(|rest| !rest.starts_with(['"', '\'', ')']));
    let pieces: Vec<&str> = text.split(['"', '\'']).collect();
    let mut paths = BTreeSet::new();
    for (before, literal) in pieces.iter().zip(&pieces[1..]) {
        let before = before.trim_end();
        let folder = if ["from", "import", "import("].iter().any(|word| before.ends_with(word)) {
            folder_of(importer)
        } else if before.ends_with("lazy(") || looks_into_a_table {
            FOLDER.trim_end_matches('/')
        } else {
            continue;
        };
        if literal.starts_with("./") || literal.starts_with("../") {
            paths.extend(resolve(folder, literal));
        }
    }
    paths.remove(importer);
    paths
}

/// The quotation mark or slash before the name keeps `url.js` from passing as `curl.js`.
fn is_named_by_rust(tree: &Tree, path: &str) -> bool {
    let name = path.trim_start_matches(FOLDER);
    let spellings = [format!("/{name}"), format!("\"{name}"), format!(":{name}")];
    tree.with_extension("rs")
        .filter(|(source, _)| source.starts_with("sandbox/platform/"))
        .any(|(_, text)| spellings.iter().any(|spelling| text.contains(spelling.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_without_the_mark_is_found() {
        let tree = Tree::of(&[
            ("sandbox/platform/js/a.js", "// @ts-check\nexport {};"),
            ("sandbox/platform/js/b.js", "/** Url. */\n// @ts-check"),
            ("examples/hello/index.js", "export default {};"),
        ]);
        let found = starts_with_ts_check(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "sandbox/platform/js/b.js");
    }

    #[test]
    fn only_what_is_loaded_lazily_is_looked_for_in_the_folder_of_all() {
        let tree = Tree::of(&[
            ("sandbox/platform/src/lib.rs", "include_str!(\"../js/streams/a.js\")"),
            ("sandbox/platform/js/streams/a.js", "import './url.js'; lazy('./b.js'); f('./c.js')"),
            ("sandbox/platform/js/streams/b.js", ""),
            ("sandbox/platform/js/b.js", "const t = { d: './d.js' }; lazy(t[name]);"),
            ("sandbox/platform/js/c.js", ""),
            ("sandbox/platform/js/d.js", ""),
            ("sandbox/platform/js/url.js", ""),
        ]);
        let found: Vec<_> = is_reachable(&tree).into_iter().map(|found| found.path).collect();
        let expected = ["c.js", "streams/b.js", "url.js"];
        assert_eq!(found, expected.map(|path| format!("{FOLDER}{path}")));
    }

    #[test]
    fn file_that_nothing_loads_is_found() {
        let tree = Tree::of(&[
            ("sandbox/platform/src/lib.rs", "include_str!(\"../js/main.js\")"),
            ("sandbox/platform/js/main.js", "import \"./url.js\"; import './streams/a.js'"),
            ("sandbox/platform/js/streams/a.js", "import './b.js'; import '../main.js'"),
            ("sandbox/platform/js/streams/b.js", "lazy('./streams/c.js')"),
            ("sandbox/platform/js/streams/c.js", ""),
            ("sandbox/platform/js/url.js", ""),
            ("sandbox/platform/js/rl.js", "import './rl.js'"),
        ]);
        let found = is_reachable(&tree);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].path, "sandbox/platform/js/rl.js");
    }
}
