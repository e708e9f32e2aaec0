use std::path::{Path, PathBuf};

use insula_supervisor::ModuleKind;

use super::error::ImportProblem;

/// The folder that an application may use; nothing outside of it is ever read as a module.
#[derive(Debug)]
pub struct Root {
    /// Without symbolic links.
    real: PathBuf,
    /// As the author wrote it.
    shown: PathBuf,
}

/// A file below the root that can be a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleFile {
    /// Its path below the root, `/`-separated: the module's name.
    pub name: String,
    /// Where it is, without symbolic links.
    pub path: PathBuf,
}

/// How a file becomes a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// Deployed as it is, except that imports are spelled out.
    JavaScript,
    /// Stripped of types first.
    TypeScript,
    /// Deployed as it is.
    Plain(ModuleKind),
}

/// What may be left out at the end of a path.
const GUESSES: [&str; 10] = [
    ".js",
    ".mjs",
    ".ts",
    ".mts",
    ".json",
    "/index.js",
    "/index.mjs",
    "/index.ts",
    "/index.mts",
    "/index.json",
];

impl Root {
    /// The root at `shown`; the working directory when that is empty.
    ///
    /// # Errors
    ///
    /// Whatever reading the folder's real path fails with.
    pub fn open(shown: &Path) -> std::io::Result<Self> {
        let real = if shown.as_os_str().is_empty() { Path::new(".") } else { shown };
        Ok(Self { real: real.canonicalize()?, shown: shown.to_owned() })
    }

    /// As the author wrote it.
    pub fn shown(&self) -> &Path {
        &self.shown
    }

    /// A module's path as the author would write it.
    pub fn show(&self, name: &str) -> String {
        self.shown.join(name).display().to_string()
    }

    /// The file that `specifier` means in the module `importer`.
    ///
    /// # Errors
    ///
    /// [`ImportProblem`].
    pub fn resolve(&self, importer: &str, specifier: &str) -> Result<ModuleFile, ImportProblem> {
        if !(specifier.starts_with("./") || specifier.starts_with("../")) {
            return Err(not_relative(specifier));
        }
        let folder = importer.rsplit_once('/').map_or("", |(folder, _)| folder);
        let base = join(folder, specifier).ok_or(ImportProblem::Escape)?;
        if base.split('/').any(|part| part == "node_modules") {
            return Err(ImportProblem::NodeModules);
        }
        for name in candidates(&base) {
            if let Some(file) = self.file(&name)? {
                return Ok(file);
            }
        }
        Err(ImportProblem::Missing)
    }

    /// The regular file called `name`, if there is one.
    ///
    /// # Errors
    ///
    /// [`ImportProblem::Escape`] when a symbolic link leads out of the root.
    pub fn file(&self, name: &str) -> Result<Option<ModuleFile>, ImportProblem> {
        let Ok(path) = self.real.join(name).canonicalize() else { return Ok(None) };
        if !path.starts_with(&self.real) {
            return Err(ImportProblem::Escape);
        }
        let below = path.strip_prefix(&self.real).unwrap_or(&path);
        if below.components().any(|part| part.as_os_str() == "node_modules") {
            return Err(ImportProblem::NodeModules);
        }
        Ok(path.is_file().then(|| ModuleFile { name: name.to_owned(), path }))
    }
}

/// `path` relative to `folder`, without `.` and `..`; `None` when it leads out.
pub fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// What the module `importer` writes to import the module `name`.
pub fn relative(importer: &str, name: &str) -> String {
    let importer: Vec<&str> = importer.split('/').collect();
    let name: Vec<&str> = name.split('/').collect();
    let folders = importer.len() - 1;
    let shared =
        (0..folders.min(name.len() - 1)).take_while(|&at| importer[at] == name[at]).count();
    let up = match folders - shared {
        0 => "./".to_owned(),
        levels => "../".repeat(levels),
    };
    up + &name[shared..].join("/")
}

/// How the file called `name` becomes a module, given the import attribute `type`.
///
/// # Errors
///
/// [`ImportProblem`] when neither tells.
pub fn treatment(name: &str, attribute: Option<&str>) -> Result<Treatment, ImportProblem> {
    match attribute {
        Some("json") => return Ok(Treatment::Plain(ModuleKind::Json)),
        Some("text") => return Ok(Treatment::Plain(ModuleKind::Text)),
        Some("bytes" | "buffer") => return Ok(Treatment::Plain(ModuleKind::Data)),
        _ => {}
    }
    let file = name.rsplit('/').next().unwrap_or(name);
    match file.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "js" | "mjs" => Ok(Treatment::JavaScript),
        "ts" | "mts" => Ok(Treatment::TypeScript),
        "json" => Ok(Treatment::Plain(ModuleKind::Json)),
        "wasm" => Ok(Treatment::Plain(ModuleKind::Wasm)),
        "bin" | "data" => Ok(Treatment::Plain(ModuleKind::Data)),
        "txt" | "text" | "html" | "htm" | "md" | "css" | "svg" | "xml" | "csv" | "sql"
        | "graphql" | "yaml" | "yml" | "toml" => Ok(Treatment::Plain(ModuleKind::Text)),
        "jsx" | "tsx" => Err(ImportProblem::Jsx),
        "cjs" | "cts" => Err(ImportProblem::CommonJs),
        _ => Err(ImportProblem::UnknownKind),
    }
}

/// Modules of Node.js that may be imported without the prefix `node:`.
const BUILTINS: [&str; 42] = [
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "domain",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "repl",
    "stream",
    "string_decoder",
    "sys",
    "timers",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

/// Whether `specifier` means a module of Node.js. Which of them there are, the server knows.
pub fn is_builtin(specifier: &str) -> bool {
    let name = specifier.split('/').next().unwrap_or(specifier);
    specifier.starts_with("node:") || BUILTINS.contains(&name)
}

fn not_relative(specifier: &str) -> ImportProblem {
    match specifier.split_once(':') {
        Some(("cloudflare", _)) => ImportProblem::Cloudflare,
        Some(_) => ImportProblem::NotRelative,
        None if specifier.starts_with('/') => ImportProblem::NotRelative,
        None if specifier == "." || specifier == ".." => ImportProblem::Missing,
        None => ImportProblem::Bare,
    }
}

/// The names that `base` may mean, the likeliest first. TypeScript authors write `./x.js` where
/// they have `./x.ts`.
fn candidates(base: &str) -> impl Iterator<Item = String> {
    let source = match base.rsplit_once('.') {
        Some((stem, "js")) => Some(format!("{stem}.ts")),
        Some((stem, "mjs")) => Some(format!("{stem}.mts")),
        _ => None,
    };
    let guessed: Vec<String> = GUESSES
        .iter()
        .map(
            |ending| {
                if base.is_empty() { ending[1..].to_owned() } else { format!("{base}{ending}") }
            },
        )
        .collect();
    std::iter::once(base.to_owned()).chain(source).chain(guessed)
}
