//! The last wall: system calls.

mod build;
mod rule;
mod table;

pub use rule::{Rule, Verdict};

pub(crate) use build::install;
pub(crate) use table::{CORDON, RELAY};

/// Every system call that a cordon may make once its engine has started, and why. A call that
/// several rules name needs one of them to hold. Any other call ends the process.
pub fn system_calls() -> &'static [Rule] {
    CORDON
}
