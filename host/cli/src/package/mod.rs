//! From a path on the author's machine to modules that can be deployed.
//!
//! Nothing here runs tenant code; it is read, parsed and, when it is TypeScript, stripped of types.

mod error;
mod graph;
mod jsonc;
mod maps;
mod project;
mod realign;
mod resolve;
mod scan;
#[cfg(test)]
mod tests;
mod typescript;
mod wrangler;

use std::path::{Path, PathBuf};

use insula_control::api::SourceMapUpload;
use insula_supervisor::{ErrorDetail, ModuleKind};

use crate::diagnostic::{Diagnostic, Spot};

pub use error::PackageError;
pub use typescript::Positions;
pub use wrangler::Settings;

/// Modules that belong together, and what the author's configuration says about them.
#[derive(Debug)]
pub struct Package {
    /// The name of the module that holds the handlers.
    pub entry: String,
    /// All modules; their names are paths relative to the root, `/`-separated.
    pub modules: Vec<Module>,
    /// The source maps that came with modules.
    pub source_maps: Vec<SourceMapUpload>,
    /// What the configuration asks for.
    pub settings: Settings,
    /// What the author should know although it is no error.
    pub warnings: Vec<Diagnostic>,
    /// The folder that module names are relative to, as the author would write it.
    pub shown_root: PathBuf,
}

/// One module.
#[derive(Debug)]
pub struct Module {
    /// Its path below the root.
    pub name: String,
    /// What the source is.
    pub kind: ModuleKind,
    /// What is deployed.
    pub source: Vec<u8>,
    /// What the author wrote, when that is another text than `source`.
    pub original: Option<Original>,
}

/// The text that a module was made from.
#[derive(Debug)]
pub struct Original {
    /// The author's text.
    pub text: String,
    /// Which position of the deployed text comes from which of the author's.
    pub positions: Positions,
}

/// Reads the application at `path`: a module, or a folder.
///
/// `touched` receives every file and folder whose change may change the result, also when the
/// result is an error.
///
/// # Errors
///
/// [`PackageError`]: the author is to blame, and the text says where and what to do.
pub fn package(path: &Path, touched: &mut Vec<PathBuf>) -> Result<Package, PackageError> {
    let project = project::open(path, touched)?;
    let graph = graph::collect(&project.root, &project.entry, touched)?;
    let mut warnings = project.warnings;
    warnings.extend(graph.warnings);
    Ok(Package {
        entry: project.entry.name,
        modules: graph.modules,
        source_maps: graph.source_maps,
        settings: project.settings,
        warnings,
        shown_root: project.root.shown().to_owned(),
    })
}

impl Package {
    /// Where the modules wait at top level, in the author's own text.
    pub fn top_level_awaits(&self) -> Vec<Spot> {
        let scripts = self.modules.iter().filter(|module| module.kind == ModuleKind::JavaScript);
        scripts.flat_map(|module| self.awaits_of(module)).collect()
    }

    fn awaits_of(&self, module: &Module) -> Vec<Spot> {
        let source = std::str::from_utf8(&module.source).unwrap_or_default();
        let awaits = scan::top_level_awaits(source).into_iter();
        let spots = awaits.filter_map(|place| {
            let before = source.get(..place.start)?;
            let line_start = before.rfind('\n').map_or(0, |at| at + 1);
            let position = ErrorDetail {
                file: module.name.clone(),
                line: before.matches('\n').count() as u32 + 1,
                column: before[line_start..].encode_utf16().count() as u32 + 1,
                ..ErrorDetail::default()
            };
            Some(self.author_spot(&position))
        });
        spots.collect()
    }

    /// Where an error in the deployed text is in the author's own.
    pub fn author_spot(&self, detail: &ErrorDetail) -> Spot {
        if detail.mapped {
            return Spot {
                file: self.shown_root.join(&detail.file).display().to_string(),
                line: detail.line,
                column: detail.column,
                source_line: detail.source_line.to_string(),
                width: 1,
            };
        }
        let module = self.modules.iter().find(|module| module.name == detail.file);
        let unmapped = Spot {
            file: detail.file.clone(),
            line: detail.line,
            column: detail.column,
            source_line: detail.source_line.to_string(),
            width: 1,
        };
        let Some(module) = module else { return unmapped };
        let file = self.shown_root.join(&module.name).display().to_string();
        let (line, column, text) = match &module.original {
            Some(original) => {
                let (line, column) = original.positions.author(detail.line, detail.column);
                (line, column, original.text.as_str())
            }
            None => (
                detail.line,
                detail.column,
                std::str::from_utf8(&module.source).unwrap_or_default(),
            ),
        };
        let source_line = line.checked_sub(1).and_then(|at| text.lines().nth(at as usize));
        let source_line = source_line.map_or(detail.source_line.to_string(), str::to_owned);
        Spot { file, line, column, source_line, width: 1 }
    }
}
