//! Rules for documents: what they point at exists, and what they promise is measured.

use std::collections::BTreeSet;

use super::Violation;
use crate::tree::{Tree, folder_of, resolve};

/// Places that a measured number may point at.
const SOURCES: [&str; 3] = ["docs/benchmarks.md", "bench/", "tests/"];

pub fn named_paths_exist(tree: &Tree) -> Vec<Violation> {
    let ignored = ignored_folders(tree);
    let mut violations = Vec::new();
    for (document, text) in tree.with_extension("md") {
        for (number, line) in text.lines().enumerate() {
            let links = link_targets(line).filter(|target| !exists(tree, document, target));
            let names = named_paths(tree, line).filter(|path| !exists(tree, document, path));
            // A link's target is a word of the line too.
            for missing in links.chain(names).collect::<BTreeSet<_>>() {
                if !ignored.iter().any(|folder| missing.starts_with(folder.as_str())) {
                    let message = format!("names {missing}, which does not exist");
                    violations.push(Violation::at(document, number + 1, message));
                }
            }
        }
    }
    violations
}

/// Works by section: a heading and the text under it share their links.
pub fn readme_numbers_have_sources(tree: &Tree) -> Vec<Violation> {
    let Some(text) = tree.text("README.md") else { return Vec::new() };
    let mut violations = Vec::new();
    for section in sections(text) {
        let is_sourced = section.lines.iter().any(|(_, line)| {
            link_targets(line).any(|target| SOURCES.iter().any(|source| target.starts_with(source)))
        });
        if is_sourced {
            continue;
        }
        if let Some((number, _)) = section.lines.iter().find(|(_, line)| states_measure(line)) {
            let message = "states a measured number; link docs/benchmarks.md or a test under the same heading";
            violations.push(Violation::at("README.md", *number, message));
        }
    }
    violations
}

/// Targets of `[text](target)` that lie in the repository, without their `#anchor`.
fn link_targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|after| after.split([')', ' ']).next())
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
        .filter_map(|target| target.split('#').next())
        .filter(|target| !target.is_empty())
}

/// Words of the line that can only be paths of this repository: their first part is one of its
/// folders, or they are the name of a document at its root.
fn named_paths<'a>(tree: &'a Tree, line: &'a str) -> impl Iterator<Item = &'a str> {
    line.split(|c: char| !(c.is_ascii_alphanumeric() || "._/-*<>{}$@~:%".contains(c)))
        .map(|word| word.trim_start_matches("./").trim_end_matches(['.', ':']))
        .filter(|word| word.bytes().all(|b| b.is_ascii_alphanumeric() || b"._/-".contains(&b)))
        .filter(|word| match word.split_once('/') {
            Some((first, rest)) => !rest.is_empty() && is_folder_of_ours(tree, first),
            None => is_root_document(word),
        })
}

fn is_folder_of_ours(tree: &Tree, first: &str) -> bool {
    const ZONES: [&str; 10] = [
        "host", "boundary", "sandbox", "examples", "tests", "fuzz", "bench", "docs", "xtask",
        "scripts",
    ];
    ZONES.contains(&first) && tree.contains(first)
}

fn is_root_document(word: &str) -> bool {
    word.strip_suffix(".md").is_some_and(|stem| {
        stem.len() > 3 && stem.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    })
}

/// From the root, or from the document's own folder.
fn exists(tree: &Tree, document: &str, path: &str) -> bool {
    let beside = resolve(folder_of(document), path);
    tree.contains(path) || beside.is_some_and(|path| tree.contains(&path))
}

/// Folders that .gitignore names from the root: what a build makes may be named without existing.
fn ignored_folders(tree: &Tree) -> Vec<String> {
    let text = tree.text(".gitignore").unwrap_or_default();
    text.lines().filter_map(|line| line.strip_prefix('/')).map(str::to_owned).collect()
}

struct Section<'a> {
    /// Line numbers from 1, with their text.
    lines: Vec<(usize, &'a str)>,
}

fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections = vec![Section { lines: Vec::new() }];
    let mut in_code = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
            continue;
        }
        if line.starts_with('#') && !in_code {
            sections.push(Section { lines: Vec::new() });
        }
        if let (false, Some(section)) = (in_code, sections.last_mut()) {
            section.lines.push((number + 1, line));
        }
    }
    sections
}

/// Whether a number with a unit of speed, time, memory or ratio stands in the line.
fn states_measure(line: &str) -> bool {
    const UNITS: [&str; 7] = ["req/s", "ms", "µs", "MB", "MiB", "kB", "×"];
    let words: Vec<&str> = line.split([' ', '|', '(', ')', ',', ';']).collect();
    words.iter().enumerate().any(|(at, word)| {
        let next = words.get(at + 1).copied().unwrap_or_default();
        UNITS.iter().any(|unit| {
            let glued = word.strip_suffix(unit).is_some_and(is_number);
            glued || is_number(word) && next.trim_end_matches('.') == *unit
        })
    })
}

fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || "._k".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(document: &str, text: &str) -> Vec<String> {
        let tree = Tree::of(&[
            (".gitignore", "/bench/results\n/target\n"),
            ("host/cli/src/main.rs", ""),
            ("bench/Cargo.toml", ""),
            ("docs/benchmarks.md", ""),
            (document, text),
        ]);
        named_paths_exist(&tree).into_iter().map(|each| each.message).collect()
    }

    #[test]
    fn paths_that_exist_or_are_built_or_are_not_ours_are_fine() {
        for text in [
            "the command is `host/cli/src/main.rs`, in host/cli/.",
            "results go to `bench/results/latest.md`",
            "`cargo build` writes target/release/insula; `wrangler.toml` is read; either/or",
            "[figures](docs/benchmarks.md#method), [site](https://example.com/host/x), [here](#top)",
            "run `scripts/*.sh` or host/<name>/src",
        ] {
            assert_eq!(missing("README.md", text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(missing("docs/other.md", "[up](../host/cli), [beside](benchmarks.md)").len(), 0);
    }

    #[test]
    fn paths_that_do_not_exist_are_found() {
        for text in [
            "see `host/gone/src`",
            "```\ncp host/cli/src/nothing.rs .\n```",
            "[x](docs/missing.md)",
            "as SECURITY.md says",
        ] {
            assert_eq!(missing("README.md", text).len(), 1, "{text}");
        }
        assert_eq!(missing("docs/other.md", "[outside](../../../host/cli)").len(), 1);
    }

    #[test]
    fn readme_number_without_a_source_is_found() {
        let found =
            |text: &str| readme_numbers_have_sources(&Tree::of(&[("README.md", text)])).len();
        assert_eq!(found("# A\nstarts in 3 ms\n# B\n[b](docs/benchmarks.md)\n"), 1);
        assert_eq!(found("# A\n| hello | 75k req/s |\n"), 1);
        assert_eq!(found("# A\nstarts in 3 ms ([how](docs/benchmarks.md#cold))\n"), 0);
        assert_eq!(found("# A\n```\n# shell\nsleep 3 ms\n```\nthree items, 2 binaries\n"), 0);
    }
}
