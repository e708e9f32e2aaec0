//! Where `unsafe` may stand.

use super::Violation;
use crate::{
    rust_source::{code_only, find_word, line_of},
    tree::Tree,
    workspace::crates,
};

/// The crates that may contain `unsafe`; their reasons are in CONTRIBUTING.md.
const MARKED: [&str; 3] = ["boundary/jail", "sandbox/memory", "sandbox/spidermonkey"];

pub fn unsafe_only_in_marked_crates(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    if !workspace_forbids_unsafe(tree) {
        violations.push(Violation::at("Cargo.toml", 0, "lacks unsafe_code = \"forbid\""));
    }
    for each in crates(tree) {
        if !MARKED.contains(&each.folder.as_str()) && !each.takes_workspace_lints {
            violations.push(Violation::at(&each.manifest(), 0, "lacks [lints] workspace = true"));
        }
    }
    for (path, source) in tree.with_extension("rs") {
        if MARKED.iter().any(|folder| path.starts_with(&format!("{folder}/"))) {
            continue;
        }
        let code = code_only(source);
        violations.extend(
            find_word(&code, "unsafe")
                .map(|at| Violation::at(path, line_of(&code, at), "contains unsafe")),
        );
    }
    violations
}

fn workspace_forbids_unsafe(tree: &Tree) -> bool {
    let Some(Ok(manifest)) = tree.text("Cargo.toml").map(str::parse::<toml::Table>) else {
        return false;
    };
    let level = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("lints")?.get("rust")?.get("unsafe_code")?.as_str());
    level == Some("forbid")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "[workspace.lints.rust]\nunsafe_code = \"forbid\"\n";
    const GOOD: &str = "[package]\nname = \"a\"\n[lints]\nworkspace = true\n";
    const BARE: &str = "[package]\nname = \"b\"\n";

    #[test]
    fn marked_crates_are_free_and_words_in_text_are_fine() {
        let tree = Tree::of(&[
            ("Cargo.toml", ROOT),
            ("boundary/jail/Cargo.toml", BARE),
            ("boundary/jail/src/lib.rs", "unsafe fn f() {}"),
            ("host/cli/Cargo.toml", GOOD),
            ("host/cli/src/main.rs", "// unsafe\nlet x = \"unsafe\"; let unsafe_code = 1;"),
        ]);
        assert_eq!(unsafe_only_in_marked_crates(&tree), []);
    }

    #[test]
    fn unsafe_elsewhere_and_missing_lints_are_found() {
        let tree = Tree::of(&[
            ("Cargo.toml", ROOT),
            ("host/cli/Cargo.toml", BARE),
            ("host/cli/src/main.rs", "fn main() {\n    unsafe { f() }\n}"),
            ("boundary/jail_helper/src/lib.rs", "unsafe fn f() {}"),
        ]);
        let found = unsafe_only_in_marked_crates(&tree);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().any(|each| each.path == "host/cli/src/main.rs" && each.line == 2));
    }

    #[test]
    fn workspace_that_merely_denies_is_found() {
        let tree = Tree::of(&[("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"deny\"\n")]);
        assert_eq!(unsafe_only_in_marked_crates(&tree).len(), 1);
    }
}
