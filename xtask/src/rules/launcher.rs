//! The host's two processes: one starts programs and knows next to nothing, the other one the
//! other way round.

use super::Violation;
use crate::{
    rust_source::{code_only, find_word, is_test_file, line_of, without_tests},
    tree::Tree,
    workspace::crates,
};

const LAUNCHER: &str = "host/launcher";

/// All that the launcher's crate may depend on.
const ENOUGH: [&str; 3] = ["insula-jail", "rustix", "thiserror"];

/// Where the host's other process starts its launcher.
const STARTS_THE_LAUNCHER: &str = "host/cli/src/server/launching.rs";

/// Names through which a program could be started.
const STARTERS: [&str; 2] = ["process::Command", "Command::new"];

pub fn knows_next_to_nothing(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for each in crates(tree).iter().filter(|each| each.folder == LAUNCHER) {
        for name in each.dependencies.iter().filter(|name| !ENOUGH.contains(&name.as_str())) {
            violations.push(Violation::at(&each.manifest(), 0, format!("depends on {name}")));
        }
    }
    violations
}

pub fn is_the_only_one_to_start_programs(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, source) in tree.with_extension("rs") {
        let is_host = path.starts_with("host/") && path.contains("/src/");
        let may = path.starts_with(&format!("{LAUNCHER}/")) || path == STARTS_THE_LAUNCHER;
        if !is_host || may || is_test_file(path) {
            continue;
        }
        let code = without_tests(&code_only(source));
        for starter in STARTERS {
            violations.extend(
                find_word(&code, starter)
                    .map(|at| Violation::at(path, line_of(&code, at), format!("uses {starter}"))),
            );
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_launcher_that_knows_more_is_found() {
        let manifest = |more: &str| {
            format!("[package]\nname = \"l\"\n[dependencies]\nrustix = \"1\"\n{more}\n")
        };
        let of = |more: &str| {
            knows_next_to_nothing(&Tree::of(&[("host/launcher/Cargo.toml", &manifest(more))]))
        };
        assert_eq!(of("insula-jail = \"1\""), []);
        assert_eq!(of("tokio = \"1\"").len(), 1);
    }

    #[test]
    fn programs_that_others_start_are_found() {
        let source = "use tokio::process::Command;\n";
        let of = |path: &str| is_the_only_one_to_start_programs(&Tree::of(&[(path, source)]));
        assert_eq!(of("host/supervisor/src/walls.rs").len(), 1);
        assert_eq!(of("host/launcher/src/start.rs"), []);
        assert_eq!(of("host/cli/src/server/launching.rs"), []);
        assert_eq!(of("host/supervisor/tests/process/main.rs"), []);
        assert_eq!(of("tests/src/command.rs"), []);
    }
}
