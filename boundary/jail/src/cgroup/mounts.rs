//! Where the trees are, and where in them a process is.

use std::path::{Path, PathBuf};

use super::Version;

/// A mounted tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tree {
    pub(crate) version: Version,
    /// The controllers of a version 1 tree.
    pub(crate) controllers: Vec<String>,
    /// Which group appears at `mount`.
    root: PathBuf,
    pub(crate) mount: PathBuf,
}

/// The trees in the text of `/proc/self/mountinfo`, in the order of their mounting.
pub(crate) fn trees(mountinfo: &str) -> Vec<Tree> {
    mountinfo.lines().filter_map(tree).collect()
}

/// The folder of the group that the text of `/proc/self/cgroup` puts a process into; `None` when
/// that is outside what is mounted.
pub(crate) fn own_group(tree: &Tree, cgroup: &str) -> Option<PathBuf> {
    let path = cgroup.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':');
        let (_, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        let is_it = match tree.version {
            Version::Two => controllers.is_empty(),
            Version::One => controllers.split(',').any(|name| tree.has(name)),
        };
        is_it.then_some(path)
    })?;
    let below = Path::new(path).strip_prefix(&tree.root).ok()?;
    // A group above what this namespace shows appears with dots.
    let known = below.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    known.then(|| tree.mount.join(below))
}

impl Tree {
    pub(crate) fn has(&self, controller: &str) -> bool {
        self.controllers.iter().any(|name| name == controller)
    }
}

fn tree(line: &str) -> Option<Tree> {
    let (mount, source) = line.split_once(" - ")?;
    let mut mount = mount.split(' ').skip(3);
    let (root, place) = (mount.next()?, mount.next()?);
    let mut source = source.split(' ');
    let kind = source.next()?;
    let version = match kind {
        "cgroup2" => Version::Two,
        "cgroup" => Version::One,
        _ => return None,
    };
    let controllers = match version {
        Version::Two => Vec::new(),
        Version::One => source.nth(1)?.split(',').map(str::to_owned).collect(),
    };
    Some(Tree { version, controllers, root: unescape(root), mount: unescape(place) })
}

/// The kernel writes spaces and the like as `\040`.
fn unescape(text: &str) -> PathBuf {
    let mut parts = text.split('\\');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..3).and_then(|code| u8::from_str_radix(code, 8).ok());
        match (code, part.get(3..)) {
            (Some(code), Some(rest)) => {
                plain.push(char::from(code));
                plain.push_str(rest);
            }
            _ => {
                plain.push('\\');
                plain.push_str(part);
            }
        }
    }
    plain.into()
}
