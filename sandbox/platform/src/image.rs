use std::sync::Arc;

use include_dir::{Dir, include_dir};
use insula_spidermonkey::{PLATFORM_SCHEME, Scope, SharedModules, Throw};

use crate::builtins;

static SOURCES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/js");

/// The platform's JavaScript, compiled. Shared by all isolates of a process.
#[derive(Clone)]
pub struct Image(Arc<SharedModules>);

impl Image {
    /// Compiles the platform; takes tens of milliseconds, once per process. The isolate must collect
    /// once with [`insula_spidermonkey::Isolate::shrink`] before another one gets the image.
    ///
    /// # Errors
    ///
    /// A syntax error in the platform's own sources: a defect of Insula.
    pub fn compile(scope: &mut Scope<'_>) -> Result<Self, Throw> {
        let mut modules = SharedModules::new();
        let mut folders = vec![&SOURCES];
        while let Some(folder) = folders.pop() {
            folders.extend(folder.dirs());
            for file in folder.files() {
                let path = file.path().to_string_lossy();
                let source = file.contents_utf8().unwrap_or_default();
                let name = module_name(&path);
                let stencil = scope.compile_stencil(&name, source)?;
                scope.prepare_to_share(&stencil)?;
                modules.insert(name, stencil);
            }
        }
        Ok(Self(Arc::new(modules)))
    }

    /// Makes the modules known to an isolate.
    pub(crate) fn add_to(&self, scope: &mut Scope<'_>) {
        scope.share_modules(self.0.clone(), builtins::resolve);
    }
}

/// The module name of the file at `path` (`streams/index.js`, or `./streams/index.js`).
pub(crate) fn module_name(path: &str) -> String {
    format!("{PLATFORM_SCHEME}{}", path.strip_prefix("./").unwrap_or(path))
}
