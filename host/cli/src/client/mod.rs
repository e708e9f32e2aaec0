//! The commands that talk to a server. All of them use its admin API, and nothing else.

mod admin;
mod deploy;
mod error;
mod policy;
mod secret;
mod tail;
mod tenants;

pub use deploy::deploy;
pub use policy::{audit, policy, release};
pub use secret::secret;
pub use tail::{show_event, tail};
pub use tenants::{delete, deployments, rollback, tenants};

use std::io::Write;

use serde::Serialize;

use crate::failure::Failure;

/// Writes `text` to standard output.
pub fn say(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Writes `value` to standard output as JSON for people and programs.
fn say_json(value: &impl Serialize) -> Result<(), Failure> {
    // The API's types have string keys only, so they are JSON always.
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    say(&(text + "\n"))
}
