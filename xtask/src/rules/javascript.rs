//! Rules for the platform's own JavaScript.

use super::Violation;
use crate::tree::Tree;

const FOLDER: &str = "sandbox/platform/js/";

pub fn starts_with_ts_check(tree: &Tree) -> Vec<Violation> {
    platform_files(tree)
        .filter(|(_, text)| text.lines().next().map(str::trim_end) != Some("// @ts-check"))
        .map(|(path, _)| Violation::at(path, 1, "does not start with // @ts-check"))
        .collect()
}

/// A file counts as loaded when the platform's Rust names it, or another of its files does.
pub fn is_reachable(tree: &Tree) -> Vec<Violation> {
    platform_files(tree)
        .filter(|(path, _)| {
            let name = path.trim_start_matches(FOLDER);
            !tree.iter().any(|(other, text)| loads(other, text, path, name))
        })
        .map(|(path, _)| Violation::at(path, 0, "is loaded by nothing"))
        .collect()
}

fn platform_files(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.with_extension("js").filter(|(path, _)| path.starts_with(FOLDER))
}

fn loads(other: &str, text: &str, path: &str, name: &str) -> bool {
    let of_platform = other.starts_with("sandbox/platform/") && other != path;
    let is_source = other.ends_with(".rs") || other.ends_with(".js");
    // The quotation mark or slash before the name keeps `url.js` from passing as `curl.js`.
    of_platform
        && is_source
        && [format!("/{name}"), format!("\"{name}"), format!("'{name}")]
            .iter()
            .any(|spelling| text.contains(spelling.as_str()))
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
    fn file_that_nothing_loads_is_found() {
        let tree = Tree::of(&[
            ("sandbox/platform/src/lib.rs", "include_str!(\"../js/main.js\")"),
            ("sandbox/platform/js/main.js", "import \"./url.js\";"),
            ("sandbox/platform/js/url.js", ""),
            ("sandbox/platform/js/rl.js", "import './rl.js'"),
        ]);
        let found = is_reachable(&tree);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].path, "sandbox/platform/js/rl.js");
    }
}
