//! Rules that read files as plain text.

use super::Violation;
use crate::tree::Tree;

const LONGEST: usize = 600;

/// Files that may be longer, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[
    ("bench/builtins/table.mjs", "a table of calls, which grows with the engine"),
    ("tests/wpt.toml", "a list of subtests that say what a standard no longer says, one a line"),
];

/// Marks of unfinished work. Written in pieces so that this file does not find itself.
const LEFTOVERS: [&str; 6] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
    concat!("todo", "!("),
    concat!("unimple", "mented!("),
];

pub fn files_are_short(tree: &Tree) -> Vec<Violation> {
    let too_long = tree
        .iter()
        .filter(|(path, _)| is_source(path) && !LONG_FILES.iter().any(|(known, _)| known == path))
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(path, lines)| Violation::at(path, 0, format!("has {lines} lines")));
    let stale = LONG_FILES
        .iter()
        .filter(|(path, _)| tree.text(path).is_none_or(|text| text.lines().count() <= LONGEST))
        .map(|(path, _)| Violation::at(path, 0, "is listed as long, but is not"));
    too_long.chain(stale).collect()
}

pub fn nothing_is_left_for_later(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.iter().filter(|(path, _)| is_source(path) || is_document(path)) {
        for (number, line) in text.lines().enumerate() {
            for mark in LEFTOVERS.iter().filter(|mark| stands_alone(line, mark)) {
                violations.push(Violation::at(path, number + 1, format!("says {mark}")));
            }
        }
    }
    violations
}

pub fn no_machine_paths(tree: &Tree) -> Vec<Violation> {
    // Written in pieces for the same reason.
    let homes = [
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/wo", "rk/"),
        concat!("/Us", "ers/"),
    ];
    let mut violations = Vec::new();
    for (path, text) in tree.iter() {
        for (number, line) in text.lines().enumerate() {
            for home in homes.iter().filter(|home| names_path(line, home)) {
                violations.push(Violation::at(path, number + 1, format!("names {home}...")));
            }
        }
    }
    violations
}

pub fn npm_locks_name_no_host(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.iter().filter(|(path, _)| path.ends_with("package-lock.json")) {
        let resolved = text.lines().enumerate().filter(|(_, line)| {
            let value = line.split_once("\"resolved\"").map_or("", |(_, value)| value);
            value.contains("://")
        });
        violations.extend(resolved.map(|(number, _)| {
            let advice = "names a registry; npm install --omit-lockfile-registry-resolved";
            Violation::at(path, number + 1, advice)
        }));
    }
    violations
}

fn is_source(path: &str) -> bool {
    [".rs", ".js", ".mjs", ".ts", ".sh", ".lua", ".toml", "Makefile"]
        .iter()
        .any(|end| path.ends_with(end))
}

fn is_document(path: &str) -> bool {
    path.ends_with(".md")
}

fn stands_alone(line: &str, mark: &str) -> bool {
    let is_letter = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(mark).any(|(at, _)| {
        !line[..at].ends_with(is_letter) && !line[at + mark.len()..].starts_with(is_letter)
            || mark.ends_with('(')
    })
}

/// Whether an absolute path under `home` begins in the line: not the middle of a longer path or URL.
fn names_path(line: &str, home: &str) -> bool {
    line.match_indices(home).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + home.len()..].chars().next();
        before.is_none_or(|c| c.is_whitespace() || "\"'`(=:<".contains(c))
            && after.is_some_and(|c| c.is_alphanumeric() || c == '.' || c == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_source_is_found_and_long_data_is_not() {
        let long = "x\n".repeat(LONGEST + 1);
        let tree = Tree::of(&[("a/b.rs", &long), ("a/b.json", &long), ("a/c.rs", "x\n")]);
        let found = files_are_short(&tree);
        let found: Vec<_> = found.iter().map(|v| (v.path.as_str(), v.message.as_str())).collect();
        assert!(found.contains(&("a/b.rs", "has 601 lines")), "{found:?}");
        assert!(found.iter().all(|(path, _)| !["a/b.json", "a/c.rs"].contains(path)), "{found:?}");
        // Whoever is listed as long must be there and be long.
        assert_eq!(found.len(), 1 + LONG_FILES.len());
    }

    #[test]
    fn leftovers_are_found_as_words() {
        let text = format!("// {}: later\nlet TOX = 1;\n{}\"\")\n", LEFTOVERS[1], LEFTOVERS[4]);
        let tree = Tree::of(&[("a.rs", &text)]);
        let lines: Vec<_> = nothing_is_left_for_later(&tree).iter().map(|v| v.line).collect();
        assert_eq!(lines, [1, 3]);
        assert!(!stands_alone(&format!("MAX_{}", LEFTOVERS[0]), LEFTOVERS[0]));
    }

    #[test]
    fn machine_paths_are_found_and_urls_are_not() {
        let found = format!("see {}ada/project", concat!("/ho", "me/"));
        let fine = format!(
            "https://example.com{}ada and {}",
            concat!("/ho", "me/"),
            concat!("~/wo", "rk/x")
        );
        let tree = Tree::of(&[("a.md", &found), ("b.md", &fine)]);
        let violations = no_machine_paths(&tree);
        assert_eq!(violations.len(), 1, "{violations:?}");
        assert_eq!(violations[0].path, "a.md");
    }

    #[test]
    fn lock_file_with_a_host_is_found() {
        let tree = Tree::of(&[
            ("examples/a/package-lock.json", "{\n \"resolved\": \"https://x/y.tgz\"\n}"),
            ("examples/b/package-lock.json", "{ \"integrity\": \"sha512-x\" }"),
            ("examples/c/package-lock.json", "{ \"resolved\": \"a-folder\", \"link\": true }"),
        ]);
        assert_eq!(npm_locks_name_no_host(&tree).len(), 1);
    }
}
