use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// An application in a folder of its own, which goes with this.
pub struct App {
    folder: TempDir,
    path: PathBuf,
}

impl App {
    /// One JavaScript module, `index.js`.
    pub fn module(source: &str) -> Self {
        Self::files(&[("index.js", source)])
    }

    /// A module whose default export handles requests with this expression: a function of
    /// `(request, env, ctx)`.
    pub fn handler(function: &str) -> Self {
        Self::module(&format!(
            "const handler = {function};\nexport default {{ fetch: handler }};\n"
        ))
    }

    /// These files; the first one is what gets deployed.
    pub fn files(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("create a folder");
            fs::write(path, text).expect("write a file");
        }
        let path = folder.path().join(files[0].0);
        Self { folder, path }
    }

    /// What `insula deploy` takes.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder around it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}
