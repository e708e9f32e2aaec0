//! A version's code: where it is, and how it gets from there to an isolate.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use insula_wire::ModuleKind;
use thiserror::Error;

use crate::Blame;

/// Where a deployment's code is. It is read when an isolate starts, so that of versions that nobody
/// asks for, and of those that run, the host holds none.
#[derive(Clone)]
pub enum Code {
    /// In memory.
    Held(Arc<Bundle>),
    /// Where it has to be read from.
    Kept(Arc<dyn CodeStore>),
}

/// Keeps one version's code.
pub trait CodeStore: Send + Sync + 'static {
    /// Reads the code, whole and checked.
    fn read(&self) -> BoxFuture<'_, Result<Arc<Bundle>, CodeError>>;
}

/// A version's code cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what}")]
pub struct CodeError {
    /// What happened, and what to do.
    pub what: String,
    /// Whose fault it is.
    pub blame: Blame,
}

impl Code {
    /// The code, read now if it is not in memory.
    ///
    /// # Errors
    ///
    /// [`CodeError`]: it is lost, damaged, or cannot be read at the moment.
    pub async fn read(&self) -> Result<Arc<Bundle>, CodeError> {
        match self {
            Self::Held(bundle) => Ok(Arc::clone(bundle)),
            Self::Kept(store) => store.read().await,
        }
    }
}

impl From<Bundle> for Code {
    fn from(bundle: Bundle) -> Self {
        Self::Held(Arc::new(bundle))
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Held(_) => "Held",
            Self::Kept(_) => "Kept",
        })
    }
}

/// A deployment's modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The name of the module whose exports are the handlers; one of `modules`.
    pub entry: String,
    /// All modules, by distinct names.
    pub modules: Vec<Module>,
}

/// One module of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Its path in the bundle: relative, `/`-separated, without `.` and `..`.
    pub name: String,
    /// What the source is.
    pub kind: ModuleKind,
    /// The source.
    pub source: Bytes,
}

impl Bundle {
    /// Bytes of all sources together: what the bundle limit counts.
    pub fn size(&self) -> u64 {
        self.modules.iter().map(|module| module.source.len() as u64).sum()
    }
}
