//! What is in a folder of Web Platform Tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What runs when nothing is named.
const AREAS: [&str; 16] = [
    "FileAPI",
    "WebCryptoAPI",
    "console",
    "dom/abort",
    "dom/events",
    "encoding",
    "hr-time",
    "html/webappapis",
    "performance-timeline",
    "streams",
    "url",
    "user-timing",
    "wasm/jsapi",
    "wasm/webapi",
    "webidl",
    "webmessaging",
];

/// Further areas, as units of the table; they run when they are named.
const OTHER_AREAS: [&str; 5] =
    ["compression", "eventsource", "fetch/api", "urlpattern", "websockets"];

/// A test is a file with one of these endings; everything else needs a document or is a helper.
const ENDINGS: [&str; 3] = [".any.js", ".worker.js", ".window.js"];

/// A folder of tests.
#[derive(Debug, Clone)]
pub struct Suite {
    root: PathBuf,
}

/// A test file, or one variant of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TestFile {
    /// Its path in the suite.
    pub path: String,
    /// Empty, or the query that chooses among what the file tests.
    pub variant: String,
    /// Whether it says that it takes long.
    pub is_long: bool,
}

impl TestFile {
    /// What reports and expectations call it.
    pub fn name(&self) -> String {
        format!("{}{}", self.path, self.variant)
    }
}

impl Suite {
    /// A suite, when there is one in `root`.
    pub fn open(root: &Path) -> Result<Self, String> {
        let root = root.canonicalize().map_err(|error| format!("{}: {error}", root.display()))?;
        if !root.join("resources/testharness.js").is_file() {
            return Err(format!(
                "{} holds no Web Platform Tests: resources/testharness.js is missing",
                root.display()
            ));
        }
        Ok(Self { root })
    }

    /// The text of a file of the suite, by the path that URLs have. Paths cannot leave the suite.
    pub fn read(&self, path: &str) -> Option<Vec<u8>> {
        let path = path.trim_start_matches('/');
        // What the suite's own server serves under another name, and what parts of it have elsewhere.
        let path = match path {
            "resources/WebIDLParser.js" => "resources/webidl2/lib/webidl2.js",
            "wasm/incrementer.wasm" => "wasm/webapi/resources/incrementer.wasm",
            path => path,
        };
        let path = self.root.join(path).canonicalize().ok()?;
        if path.starts_with(&self.root) { fs::read(path).ok() } else { None }
    }

    /// The tests in the named areas or files, sorted.
    pub fn files(&self, names: &[String]) -> Result<Vec<TestFile>, String> {
        let names: Vec<&str> = match names {
            [] => AREAS.to_vec(),
            names => names.iter().map(|name| name.trim_matches('/')).collect(),
        };
        let mut files = BTreeSet::new();
        for name in names {
            let before = files.len();
            let (path, variant) = name.split_once('?').unwrap_or((name, ""));
            self.collect(&self.root.join(path), &mut |file| {
                if variant.is_empty() || file.variant.strip_prefix('?') == Some(variant) {
                    files.insert(file);
                }
            })?;
            if files.len() == before {
                return Err(format!("{name}: there is no such test in {}", self.root.display()));
            }
        }
        Ok(files.into_iter().collect())
    }

    fn collect(&self, path: &Path, found: &mut impl FnMut(TestFile)) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        if path.is_dir() {
            for entry in fs::read_dir(path).map_err(failed)? {
                self.collect(&entry.map_err(failed)?.path(), found)?;
            }
            return Ok(());
        }
        let name = path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().into_owned();
        if !ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            return Ok(());
        }
        let text = fs::read(path).map_err(failed)?;
        let text = String::from_utf8_lossy(&text);
        let mut variants: Vec<&str> = meta(&text, "variant").collect();
        if variants.is_empty() {
            variants.push("");
        }
        let is_long = meta(&text, "timeout").any(|timeout| timeout == "long");
        for variant in variants {
            found(TestFile { path: name.clone(), variant: variant.to_owned(), is_long });
        }
        Ok(())
    }
}

/// The values of a key in the `// META:` lines that a test begins with.
pub fn meta<'t>(text: &'t str, key: &str) -> impl Iterator<Item = &'t str> {
    let lines = text.lines().take_while(|line| line.trim().is_empty() || line.starts_with("//"));
    lines.filter_map(move |line| {
        let (found, value) = line.strip_prefix("// META:")?.split_once('=')?;
        (found.trim() == key).then_some(value.trim())
    })
}

/// The row of the table that a test counts in.
pub fn area(path: &str) -> &str {
    let areas = AREAS.iter().chain(&OTHER_AREAS);
    let mut areas = areas.filter(|area| path.starts_with(&format!("{area}/")));
    areas.next().copied().unwrap_or_else(|| path.split('/').next().unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::{area, meta};

    #[test]
    fn meta_lines_end_where_code_begins() {
        let text =
            "// META: script=a.js\n\n// a word\n// META: script = b.js\nf();\n// META: script=c.js";
        assert_eq!(meta(text, "script").collect::<Vec<_>>(), ["a.js", "b.js"]);
        assert_eq!(meta(text, "variant").count(), 0);
    }

    #[test]
    fn every_path_has_an_area() {
        assert_eq!(area("dom/abort/event.any.js"), "dom/abort");
        assert_eq!(area("dom/other.any.js"), "dom");
    }
}
