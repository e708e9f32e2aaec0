use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::PackageError;
use super::jsonc;
use super::resolve::{self, ModuleFile, Root};
use super::wrangler::{self, Settings};
use crate::diagnostic::Diagnostic;

/// Where an application starts, and what its configuration asks for.
#[derive(Debug)]
pub struct Project {
    /// The folder that modules may come from.
    pub root: Root,
    /// The module that holds the handlers.
    pub entry: ModuleFile,
    /// What the configuration asks for.
    pub settings: Settings,
    /// What of it is not understood.
    pub warnings: Vec<Diagnostic>,
}

/// In the order in which they are looked for; the first one counts.
const CONFIG_FILES: [&str; 3] = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"];

/// In the order in which they are looked for.
const DEFAULT_ENTRIES: [&str; 4] = ["index.js", "index.mjs", "index.ts", "index.mts"];

/// Finds the application at `path`: a module, or a folder.
///
/// # Errors
///
/// [`PackageError`] when there is none, or its configuration is wrong.
pub fn open(path: &Path, touched: &mut Vec<PathBuf>) -> Result<Project, PackageError> {
    touched.push(path.to_owned());
    let metadata = fs::metadata(path).map_err(|source| read_error(path, source))?;
    if metadata.is_dir() { open_folder(path, touched) } else { open_file(path) }
}

fn open_file(path: &Path) -> Result<Project, PackageError> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let root = Root::open(folder).map_err(|source| read_error(folder, source))?;
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| bad_entry(path, "its name is not UTF-8"))?;
    let entry = entry_file(&root, name, path)?;
    Ok(Project { root, entry, settings: Settings::default(), warnings: Vec::new() })
}

fn open_folder(folder: &Path, touched: &mut Vec<PathBuf>) -> Result<Project, PackageError> {
    // Positions in the working directory are shown without a leading `./`.
    let folder = if folder == Path::new(".") { Path::new("") } else { folder };
    let root = Root::open(folder).map_err(|source| read_error(folder, source))?;
    let (settings, warnings) = read_settings(folder, touched)?;
    let main = match settings.main.clone() {
        Some(main) => Some(main),
        None => package_main(folder, touched)?,
    };
    let entry = match main {
        Some(main) => {
            let path = folder.join(&main);
            let name = resolve::join("", &main)
                .filter(|_| !main.starts_with('/'))
                .ok_or_else(|| bad_entry(&path, "it is outside of the application's folder"))?;
            entry_file(&root, &name, &path)?
        }
        None => default_entry(&root, folder)?,
    };
    Ok(Project { root, entry, settings, warnings })
}

fn read_settings(
    folder: &Path,
    touched: &mut Vec<PathBuf>,
) -> Result<(Settings, Vec<Diagnostic>), PackageError> {
    let mut present =
        CONFIG_FILES.iter().map(|name| folder.join(name)).filter(|path| path.is_file());
    let Some(path) = present.next() else { return Ok((Settings::default(), Vec::new())) };
    let text = read_text(&path, touched)?;
    let (settings, mut warnings) =
        wrangler::parse(&path, &text).map_err(|error| PackageError::Config(Box::new(error)))?;
    if let Some(ignored) = present.next() {
        let message = format!("{} counts; {} is ignored", path.display(), ignored.display());
        warnings.push(Diagnostic::new(message));
    }
    Ok((settings, warnings))
}

/// `main` of package.json.
fn package_main(folder: &Path, touched: &mut Vec<PathBuf>) -> Result<Option<String>, PackageError> {
    let path = folder.join("package.json");
    if !path.is_file() {
        return Ok(None);
    }
    let text = read_text(&path, touched)?;
    let shown = path.display().to_string();
    let package =
        jsonc::parse(&shown, &text).map_err(|error| PackageError::Config(Box::new(error)))?;
    Ok(package.get("main").and_then(|main| main.as_str()).map(str::to_owned))
}

fn default_entry(root: &Root, folder: &Path) -> Result<ModuleFile, PackageError> {
    for name in DEFAULT_ENTRIES {
        if let Some(file) = find(root, name, &folder.join(name))? {
            return Ok(file);
        }
    }
    let shown = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    Err(PackageError::NoEntry(shown.to_owned()))
}

fn entry_file(root: &Root, name: &str, path: &Path) -> Result<ModuleFile, PackageError> {
    find(root, name, path)?.ok_or_else(|| bad_entry(path, "there is no such file"))
}

fn find(root: &Root, name: &str, path: &Path) -> Result<Option<ModuleFile>, PackageError> {
    root.file(name).map_err(|problem| bad_entry(path, &problem.to_string()))
}

fn read_text(path: &Path, touched: &mut Vec<PathBuf>) -> Result<String, PackageError> {
    touched.push(path.to_owned());
    fs::read_to_string(path).map_err(|source| read_error(path, source))
}

fn read_error(path: &Path, source: io::Error) -> PackageError {
    match source.kind() {
        io::ErrorKind::NotFound => PackageError::NotFound(path.to_owned()),
        _ => PackageError::Read { path: path.to_owned(), source },
    }
}

fn bad_entry(path: &Path, reason: &str) -> PackageError {
    PackageError::BadEntry { path: path.to_owned(), reason: reason.to_owned() }
}
