use std::path::PathBuf;

use insula_supervisor::{Blame, StartError};
use thiserror::Error;

use crate::{BundleError, NameError, SecretError, SecretsKeyError, StoreError, TokenError};

/// Why the control plane could not be opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The data folder could not be created or used.
    #[error("cannot use the data folder {}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The operator's limits are out of range.
    #[error("the default limits cannot be used: {0}")]
    Defaults(InvalidDeploy),
    /// The base domain is not a domain.
    #[error("`{0}` cannot be the base domain: it is not a domain name")]
    BaseDomain(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bundles.
    #[error(transparent)]
    Bundles(#[from] BundleError),
    /// The admin token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The key of the secrets.
    #[error(transparent)]
    SecretsKey(#[from] SecretsKeyError),
    /// A secret could not be sealed.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// What is wrong with a deploy before any of it is run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidDeploy {
    /// No modules.
    #[error("the deployment has no modules")]
    NoModules,
    /// More modules than one deployment may have.
    #[error("the deployment has {modules} modules; the limit is {limit}")]
    TooManyModules {
        /// How many it has.
        modules: usize,
        /// How many it may have.
        limit: usize,
    },
    /// The entry is not among the modules.
    #[error("the entry `{0}` is not among the modules")]
    MissingEntry(String),
    /// The entry is not JavaScript.
    #[error("the entry `{0}` is not a JavaScript module")]
    EntryKind(String),
    /// A module's name is not a clean relative path.
    #[error(
        "`{0}` cannot be a module's name: use a relative path with '/', without '.' and '..', \
         not beginning with `insula:`, of at most 1024 bytes"
    )]
    ModuleName(String),
    /// Two modules have one name.
    #[error("two modules are called `{0}`")]
    DuplicateModule(String),
    /// A module's source is not base64.
    #[error("the source of `{0}` is not base64")]
    NotBase64(String),
    /// A module that must be text is not UTF-8.
    #[error("`{0}` is not UTF-8")]
    NotUtf8(String),
    /// The bundle is too large.
    #[error("the bundle has {bytes} bytes; the limit is {limit}")]
    BundleTooLarge {
        /// Bytes of all modules together.
        bytes: u64,
        /// The limit, in bytes.
        limit: u64,
    },
    /// A limit is out of its range.
    #[error("{limit} is {asked}; it must be from {min} to {max}")]
    LimitOutOfRange {
        /// The limit's name.
        limit: &'static str,
        /// What was asked for.
        asked: u64,
        /// The smallest value.
        min: u64,
        /// The largest value.
        max: u64,
    },
    /// A variable's name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Too much of something that is counted.
    #[error("there are {count} {what}; the limit is {limit}")]
    TooMany {
        /// Of what, in what unit: `variables`, `bytes in a variable's value`, …
        what: &'static str,
        /// How many.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
}

/// Why a deploy did not happen. The version that was live before it is live still.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DeployError {
    /// The request is not a deployment.
    #[error(transparent)]
    Invalid(#[from] InvalidDeploy),
    /// The code did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bundle could not be kept.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A secret of the tenant cannot be opened.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The operating system has no random bytes for an id.
    #[error("no random bytes: {0}")]
    Random(String),
}

impl DeployError {
    /// Whose fault it is.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Invalid(_) => Blame::Client,
            Self::Random(_) => Blame::Operator,
            Self::Secret(error) => error.blame(),
            Self::Start(error) => error.blame(),
            Self::Store(error) => error.blame(),
            Self::Bundle(error) => error.blame(),
        }
    }
}

/// The bare name is wrong, so the deploy is invalid.
impl From<NameError> for DeployError {
    fn from(error: NameError) -> Self {
        Self::Invalid(error.into())
    }
}

/// Why something else than a deploy did not happen.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ControlError {
    /// A name cannot be used.
    #[error(transparent)]
    Name(#[from] NameError),
    /// There is no such tenant.
    #[error("there is no tenant called `{0}`")]
    NoSuchTenant(String),
    /// The tenant has no such version.
    #[error("`{tenant}` has no version `{version}`")]
    NoSuchVersion {
        /// The tenant.
        tenant: String,
        /// The version's id or number, as asked for.
        version: String,
    },
    /// There is nothing to go back to.
    #[error("`{0}` has no earlier version to go back to: name one by its id")]
    NoEarlierVersion(String),
    /// There is no such secret.
    #[error("`{tenant}` has no secret called `{name}`")]
    NoSuchSecret {
        /// The tenant.
        tenant: String,
        /// The secret's name.
        name: String,
    },
    /// The tenant does not own that host name.
    #[error("`{tenant}` does not own `{host}`")]
    NoSuchHost {
        /// The tenant.
        tenant: String,
        /// The host name.
        host: String,
    },
    /// Another tenant owns that host name.
    #[error("`{0}` belongs to another tenant")]
    HostTaken(String),
    /// The tenant lives with others as it is.
    #[error("`{0}` is not in quarantine")]
    NotInQuarantine(String),
    /// Too much of something that is counted, or too long.
    #[error(transparent)]
    TooMany(InvalidDeploy),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A bundle is lost or damaged.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A secret cannot be sealed or opened.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

impl ControlError {
    /// Whose fault it is.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Store(error) => error.blame(),
            Self::Bundle(error) => error.blame(),
            Self::Secret(error) => error.blame(),
            _ => Blame::Client,
        }
    }
}
