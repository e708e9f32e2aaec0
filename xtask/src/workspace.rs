//! The crates of the workspace and what they depend on, read from their manifests.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::Tree;

/// One crate of this repository.
#[derive(Debug)]
pub struct Crate {
    pub name: String,
    /// Path of its folder from the root, such as `host/gateway`.
    pub folder: String,
    /// Names of every package it depends on directly, for whatever purpose.
    pub dependencies: BTreeSet<String>,
    /// Whether it takes the workspace's lints, `forbid(unsafe_code)` among them.
    pub takes_workspace_lints: bool,
}

impl Crate {
    pub fn manifest(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }

    /// Whether the crate lies in the top-level folder `zone`.
    pub fn is_in(&self, zone: &str) -> bool {
        self.folder.split('/').next() == Some(zone)
    }
}

/// Every crate in the tree except those under `fuzz/`, which is a workspace of its own.
pub fn crates(tree: &Tree) -> Vec<Crate> {
    tree.iter()
        .filter_map(|(path, text)| Some((path.strip_suffix("/Cargo.toml")?, text)))
        .filter(|(folder, _)| !folder.starts_with("fuzz"))
        .filter_map(|(folder, text)| parse(folder, text))
        .collect()
}

/// The workspace crates that `from` reaches, by name, with the crate through which each is reached.
pub fn reachable<'a>(from: &'a Crate, all: &'a [Crate]) -> BTreeMap<&'a str, &'a str> {
    let mut reached = BTreeMap::new();
    let mut waiting = vec![from];
    while let Some(current) = waiting.pop() {
        for next in all.iter().filter(|each| current.dependencies.contains(&each.name)) {
            if next.name != from.name && !reached.contains_key(next.name.as_str()) {
                reached.insert(next.name.as_str(), current.name.as_str());
                waiting.push(next);
            }
        }
    }
    reached
}

fn parse(folder: &str, text: &str) -> Option<Crate> {
    let manifest: toml::Table = text.parse().ok()?;
    let name = manifest.get("package")?.get("name")?.as_str()?.to_owned();
    let takes_workspace_lints = manifest
        .get("lints")
        .and_then(|lints| lints.get("workspace"))
        .and_then(toml::Value::as_bool)
        .unwrap_or(false);
    let mut dependencies = BTreeSet::new();
    collect_dependencies(&manifest, &mut dependencies);
    if let Some(targets) = manifest.get("target").and_then(toml::Value::as_table) {
        for target in targets.values().filter_map(toml::Value::as_table) {
            collect_dependencies(target, &mut dependencies);
        }
    }
    Some(Crate { name, folder: folder.to_owned(), dependencies, takes_workspace_lints })
}

fn collect_dependencies(table: &toml::Table, into: &mut BTreeSet<String>) {
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(listed) = table.get(kind).and_then(toml::Value::as_table) else { continue };
        for (key, value) in listed {
            let renamed = value.get("package").and_then(toml::Value::as_str);
            into.insert(renamed.unwrap_or(key).to_owned());
        }
    }
}
