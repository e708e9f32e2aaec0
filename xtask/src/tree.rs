//! The files of the repository, in memory, so that a rule is a pure function of them.

use std::{collections::BTreeMap, fs, io, path::Path, process::Command};

/// Every file that is or would be committed, by its path from the root with `/` between parts.
/// A file that is not UTF-8 is present with empty text.
#[derive(Debug, Default)]
pub struct Tree {
    files: BTreeMap<String, String>,
}

/// Why the files could not be listed or read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Git could not be started.
    #[error("git, which lists the files, could not be started: {0}")]
    Git(#[source] io::Error),
    /// Git refused; its own words say why.
    #[error("git ls-files failed: {0}")]
    List(String),
    /// A listed file could not be read.
    #[error("{path}: {source}")]
    Read {
        /// Path from the root.
        path: String,
        /// What the operating system said.
        source: io::Error,
    },
}

impl Tree {
    /// Reads the working tree at `root`: tracked files and new ones that are not ignored.
    pub fn load(root: &Path) -> Result<Self, LoadError> {
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .map_err(LoadError::Git)?;
        if !listed.status.success() {
            return Err(LoadError::List(String::from_utf8_lossy(&listed.stderr).trim().to_owned()));
        }
        let mut files = BTreeMap::new();
        for name in listed.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
            let path = String::from_utf8_lossy(name).into_owned();
            match fs::read(root.join(&path)) {
                Ok(bytes) => files.insert(path, String::from_utf8(bytes).unwrap_or_default()),
                // Deleted but still in the index, or a link to nowhere.
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) if error.kind() == io::ErrorKind::IsADirectory => None,
                Err(source) => return Err(LoadError::Read { path, source }),
            };
        }
        Ok(Self { files })
    }

    /// A tree made of `(path, text)` pairs.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect();
        Self { files }
    }

    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// All files as `(path, text)`, in order of path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The files whose name ends in `.extension`.
    pub fn with_extension(&self, extension: &str) -> impl Iterator<Item = (&str, &str)> {
        self.iter().filter(move |(path, _)| {
            path.rsplit_once('.').is_some_and(|(_, found)| found == extension)
        })
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Whether `path` is a file, or a folder that holds one.
    pub fn contains(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.files.contains_key(path) || self.folder_is_not_empty(path)
    }

    fn folder_is_not_empty(&self, folder: &str) -> bool {
        let prefix = format!("{folder}/");
        let mut after = self.files.range(prefix.clone()..);
        after.next().is_some_and(|(path, _)| path.starts_with(&prefix))
    }
}

/// Follows the relative `path` from `folder`; nothing when it leaves the root.
pub fn resolve(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The folder that holds `path`; empty at the root.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
