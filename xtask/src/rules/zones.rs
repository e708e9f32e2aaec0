//! Trust zones are the folders: who may depend on whom.

use super::Violation;
use crate::{
    rust_source::{code_only, find_word, line_of},
    tree::Tree,
    workspace::{Crate, crates, reachable},
};

const ENGINE_FOLDER: &str = "sandbox/spidermonkey";
const ENGINE_PACKAGES: [&str; 2] = ["mozjs", "mozjs_sys"];

pub fn host_and_sandbox_stay_apart(tree: &Tree) -> Vec<Violation> {
    let all = crates(tree);
    let mut violations = Vec::new();
    for (zone, other) in [("host", "sandbox"), ("sandbox", "host")] {
        for each in all.iter().filter(|each| each.is_in(zone)) {
            violations.extend(reaches_into(each, other, &all));
        }
    }
    // The boundary lies between them and knows neither.
    for each in all.iter().filter(|each| each.is_in("boundary")) {
        violations.extend(reaches_into(each, "host", &all));
        violations.extend(reaches_into(each, "sandbox", &all));
    }
    violations
}

pub fn wire_stands_alone(tree: &Tree) -> Vec<Violation> {
    let all = crates(tree);
    let Some(wire) = all.iter().find(|each| each.folder == "boundary/wire") else {
        return Vec::new();
    };
    let reached = reachable(wire, &all);
    let complain = |name: &&str| Violation::at(&wire.manifest(), 0, format!("depends on {name}"));
    reached.keys().map(complain).collect()
}

pub fn engine_is_named_once(tree: &Tree) -> Vec<Violation> {
    let all = crates(tree);
    let mut violations = Vec::new();
    for each in all.iter().filter(|each| each.folder != ENGINE_FOLDER) {
        for engine in ENGINE_PACKAGES.iter().filter(|name| each.dependencies.contains(**name)) {
            violations.push(Violation::at(&each.manifest(), 0, format!("depends on {engine}")));
        }
    }
    for (path, source) in tree.with_extension("rs") {
        if path.starts_with(ENGINE_FOLDER) {
            continue;
        }
        let code = code_only(source);
        for engine in ENGINE_PACKAGES {
            violations.extend(
                find_word(&code, engine)
                    .map(|at| Violation::at(path, line_of(&code, at), format!("names {engine}"))),
            );
        }
    }
    violations
}

pub fn host_does_not_parse_javascript(tree: &Tree) -> Vec<Violation> {
    // Reads JSON, and nothing of a script.
    let parses = |name: &str| {
        name != "oxc_sourcemap"
            && ["oxc", "swc", "boa", "rquickjs", "v8", "deno"]
                .iter()
                .any(|parser| name == *parser || name.starts_with(&format!("{parser}_")))
    };
    let mut violations = Vec::new();
    for each in crates(tree).iter().filter(|each| each.is_in("host") && each.folder != "host/cli") {
        for name in each.dependencies.iter().filter(|name| parses(name)) {
            violations.push(Violation::at(&each.manifest(), 0, format!("depends on {name}")));
        }
    }
    violations
}

fn reaches_into(from: &Crate, zone: &str, all: &[Crate]) -> Vec<Violation> {
    let reached = reachable(from, all);
    all.iter()
        .filter(|each| each.is_in(zone))
        .filter_map(|each| Some((each, reached.get(each.name.as_str())?)))
        .map(|(each, via)| {
            let how = if *via == from.name { String::new() } else { format!(", by way of {via}") };
            Violation::at(&from.manifest(), 0, format!("depends on {}{how}", each.folder))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str, dependencies: &str) -> String {
        format!("[package]\nname = \"{name}\"\n[dependencies]\n{dependencies}\n")
    }

    #[test]
    fn host_that_reaches_the_sandbox_is_found_through_another_crate() {
        let tree = Tree::of(&[
            ("host/gateway/Cargo.toml", &manifest("gateway", "shared.workspace = true")),
            ("tools/shared/Cargo.toml", &manifest("shared", "x = { package = \"cordon\" }")),
            ("sandbox/cordon/Cargo.toml", &manifest("cordon", "")),
            ("tests/Cargo.toml", &manifest("tests", "cordon = \"1\"\ngateway = \"1\"")),
        ]);
        let found = host_and_sandbox_stay_apart(&tree);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].path, "host/gateway/Cargo.toml");
        assert!(found[0].message.contains("sandbox/cordon, by way of shared"));
    }

    #[test]
    fn development_and_target_dependencies_count() {
        let sandboxed = "[package]\nname = \"cordon\"\n[dev-dependencies]\ngateway = \"1\"\n";
        let targeted = "[package]\nname = \"platform\"\n[target.'cfg(unix)'.build-dependencies]\ngateway = \"1\"\n";
        let tree = Tree::of(&[
            ("host/gateway/Cargo.toml", &manifest("gateway", "")),
            ("sandbox/cordon/Cargo.toml", sandboxed),
            ("sandbox/platform/Cargo.toml", targeted),
        ]);
        assert_eq!(host_and_sandbox_stay_apart(&tree).len(), 2);
    }

    #[test]
    fn boundary_knows_neither_side() {
        let tree = Tree::of(&[
            ("boundary/jail/Cargo.toml", &manifest("jail", "gateway = \"1\"")),
            ("host/gateway/Cargo.toml", &manifest("gateway", "")),
        ]);
        assert_eq!(host_and_sandbox_stay_apart(&tree).len(), 1);
    }

    #[test]
    fn wire_with_a_neighbour_is_found() {
        let tree = Tree::of(&[
            ("boundary/wire/Cargo.toml", &manifest("wire", "jail = \"1\"\nthiserror = \"2\"")),
            ("boundary/jail/Cargo.toml", &manifest("jail", "")),
        ]);
        assert_eq!(wire_stands_alone(&tree).len(), 1);
    }

    #[test]
    fn engine_named_elsewhere_is_found_in_manifest_and_source() {
        let tree = Tree::of(&[
            ("sandbox/spidermonkey/Cargo.toml", &manifest("engine", "mozjs = \"1\"")),
            ("sandbox/spidermonkey/src/lib.rs", "use mozjs::rust::Runtime;"),
            ("sandbox/cordon/Cargo.toml", &manifest("cordon", "mozjs_sys = \"1\"")),
            ("sandbox/cordon/src/main.rs", "// mozjs is fine here\nuse mozjs::rooted;"),
        ]);
        let found = engine_is_named_once(&tree);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!((found[1].path.as_str(), found[1].line), ("sandbox/cordon/src/main.rs", 2));
    }

    #[test]
    fn parser_in_the_host_is_found_outside_the_command_line() {
        let tree = Tree::of(&[
            ("host/cli/Cargo.toml", &manifest("cli", "oxc = \"1\"")),
            ("host/control/Cargo.toml", &manifest("control", "oxc_parser = \"1\"")),
            ("host/gateway/Cargo.toml", &manifest("gateway", "oxc_sourcemap = \"1\"")),
        ]);
        let found = host_does_not_parse_javascript(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "host/control/Cargo.toml");
    }
}
