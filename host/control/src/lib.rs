//! Tenants, their deployments and secrets, the stores that keep them, and the admin API.
//!
//! [`Control`] is the whole: it opens the store, answers "which deployment serves this host?"
//! through its [`Directory`], performs deploys and rollbacks, and hands out what tenants log
//! through its [`TailHub`]. The store is the truth; the directory is rebuilt from it.

mod accept;
mod admin;
pub mod api;
mod audit;
mod bundles;
mod clock;
mod control;
mod deploy;
mod directory;
mod error;
mod id;
mod manage;
mod name;
mod policy;
mod recent;
mod seal;
mod source_maps;
mod store;
mod tail;
#[cfg(test)]
mod tests;
mod token;
mod turns;
mod view;
mod work;

pub use admin::Vouched;
pub use bundles::BundleError;
pub use control::{Control, ControlConfig};
pub use directory::Directory;
pub use error::{ControlError, DeployError, InvalidDeploy, OpenError};
pub use name::NameError;
pub use seal::{KeyTextError, SecretError, SecretsKey, SecretsKeyError, SecretsKeySource};
pub use store::StoreError;
pub use tail::{TailHub, TailStream};
pub use token::TokenError;
