use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::diagnostic::{Diagnostic, Spot};

/// Why a path is not a deployable application.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PackageError {
    /// The path names nothing.
    #[error("there is no file or folder {0}")]
    NotFound(PathBuf),
    /// The folder has nothing to start from.
    #[error("{0} has no entry module")]
    NoEntry(PathBuf),
    /// The path, or what the configuration names as main module, cannot be an entry.
    #[error("{path} cannot be the main module: {reason}")]
    BadEntry {
        /// Which file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A file could not be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A configuration file is wrong.
    #[error("{}", .0.message)]
    Config(Box<Diagnostic>),
    /// A module does not parse.
    #[error("{}", .0.message)]
    Syntax(Box<Diagnostic>),
    /// A module that should be text is not UTF-8.
    #[error("{} is not UTF-8", .0.file)]
    NotUtf8(Box<Spot>),
    /// An import leads nowhere that may be deployed.
    #[error("cannot import {specifier:?}: {problem}")]
    Import {
        /// The import.
        spot: Box<Spot>,
        /// What it names.
        specifier: String,
        /// What is wrong with it.
        problem: ImportProblem,
    },
    /// Too many modules for one deployment.
    #[error("the application has more than {0} modules")]
    TooManyModules(usize),
    /// Too many bytes for any deployment.
    #[error("the modules are larger than {0} bytes together")]
    TooLarge(u64),
}

/// What is wrong with an import.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ImportProblem {
    /// A package's name.
    #[error("it names a package, and packages are not looked up")]
    Bare,
    /// `cloudflare:…`.
    #[error("modules of Cloudflare Workers are not available here")]
    Cloudflare,
    /// A URL or an absolute path.
    #[error("only relative paths inside the application can be imported")]
    NotRelative,
    /// The path leads out of the root.
    #[error("it leads out of the application's folder")]
    Escape,
    /// The path leads into `node_modules`.
    #[error("it leads into node_modules, which is never deployed")]
    NodeModules,
    /// No such file.
    #[error("there is no such file")]
    Missing,
    /// A file whose kind cannot be guessed.
    #[error("files of this kind cannot be modules")]
    UnknownKind,
    /// JSX.
    #[error("JSX has to be compiled first")]
    Jsx,
    /// CommonJS.
    #[error("CommonJS modules have to be bundled first")]
    CommonJs,
}

const BUNDLE: &str = "bundle the application first, and deploy the result:\n\
     npx esbuild <main module> --bundle --format=esm --conditions=worker,browser --external:node:* --outfile=dist/index.js";

impl PackageError {
    /// The error for the author's eyes.
    pub fn diagnostic(&self) -> Diagnostic {
        let plain = Diagnostic::new(self.to_string());
        match self {
            Self::Config(diagnostic) | Self::Syntax(diagnostic) => (**diagnostic).clone(),
            Self::NotUtf8(spot) => plain.at((**spot).clone()).help("save the file as UTF-8"),
            Self::Import { spot, problem, .. } => {
                let diagnostic = plain.at((**spot).clone());
                match problem.help() {
                    Some(help) => diagnostic.help(help),
                    None => diagnostic,
                }
            }
            Self::NoEntry(_) => plain.help(
                "name one with `main` in wrangler.toml, wrangler.jsonc or package.json, \
                 or call it index.js or index.ts",
            ),
            Self::TooManyModules(_) | Self::TooLarge(_) => plain.help(BUNDLE),
            Self::NotFound(_) | Self::BadEntry { .. } | Self::Read { .. } => plain,
        }
    }
}

impl ImportProblem {
    fn help(&self) -> Option<&'static str> {
        match self {
            Self::Bare | Self::NodeModules | Self::Jsx | Self::CommonJs => Some(BUNDLE),
            Self::Cloudflare => {
                Some("export handlers with `export default { fetch(request, env, ctx) { … } }`")
            }
            Self::NotRelative => Some("copy the module into the application, or bundle it"),
            Self::Escape => Some(
                "deploy the folder that holds all modules, and name the main one with `main` \
                 in its package.json or wrangler.toml",
            ),
            Self::UnknownKind => Some(
                "modules are .js .mjs .ts .mts .json .wasm, text (.txt .html .css .md .svg …) and \
                 data (.bin .data);\nan import attribute says what another file is: \
                 with { type: 'text' } or with { type: 'bytes' }",
            ),
            Self::Missing => None,
        }
    }
}
