use std::io;
use std::process::ExitStatus;

use insula_jail::JailError;
use rustix::io::Errno;
use thiserror::Error;

/// Why the launcher does not run, or runs no longer: it says so to the host's process, which says
/// so to the operator.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LaunchError {
    /// Somebody started it by hand.
    #[error("standard input is not a launcher's link; the launcher is started by `insula serve`")]
    NoLink,
    /// The link could not be kept from cordons.
    #[error("cannot take the link from standard input: {0}")]
    Link(io::Error),
    /// Rights could not be given up.
    #[error("{0}")]
    Confine(JailError),
    /// The link broke.
    #[error("cannot listen to the host: {0}")]
    Listen(Errno),
    /// Nobody hears what the launcher says.
    #[error("cannot answer the host: {0}")]
    Answer(Errno),
    /// The host's process said something that it never says: somebody else speaks through it.
    #[error("the host sent a packet that is no request")]
    Breach,
    /// An id came back, so that a later packet could mean another cordon.
    #[error("the host used the id {0} after a larger one")]
    UsedId(u64),
}

/// Why there is no launcher.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// There is no socket for the link.
    #[error("cannot make the launcher's link: {0}")]
    Link(Errno),
    /// The process could not be started.
    #[error("cannot start the launcher: {0}")]
    Spawn(io::Error),
    /// The link broke.
    #[error("cannot listen to the launcher: {0}")]
    Listen(Errno),
    /// The launcher does not go on.
    #[error("the launcher cannot work: {0}")]
    Failed(String),
    /// The launcher ended without a word.
    #[error("the launcher ended at once: {0}")]
    Ended(ExitStatus),
    /// The launcher ended without a word, and how is not known.
    #[error("the launcher ended at once, and could not be waited for: {0}")]
    Lost(io::Error),
    /// The launcher said something that it should not say before it is ready.
    #[error("the launcher greets with {0}")]
    Greeting(String),
}

impl StartError {
    /// What an operator can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Link(_) | Self::Spawn(_) => {
                "allow more processes and open files (ulimit -u, ulimit -n, TasksMax=)"
            }
            Self::Failed(_) => {
                "start as an unprivileged user, or as root with CAP_SETPCAP; mount /proc"
            }
            _ => "install insula and insula-cordon from the same build",
        }
    }
}
