use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::diagnostic::Diagnostic;

/// Why a command ends without success.
#[derive(Debug)]
pub enum Failure {
    /// The command line asks for something that makes no sense: exit status 2.
    Usage(Diagnostic),
    /// It did not work out: exit status 1.
    Failed(Box<Diagnostic>),
    /// What there is to say has been said: exit status 1.
    Said,
    /// Nobody reads the output any more: no failure of this command.
    NobodyReads,
}

impl Failure {
    /// The exit status.
    pub fn status(&self) -> u8 {
        match self {
            Self::NobodyReads => 0,
            Self::Failed(_) | Self::Said => 1,
            Self::Usage(_) => 2,
        }
    }

    /// The exit status, for the end of `main`.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.status())
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Failed(Box::new(diagnostic))
    }
}

/// Writing to standard output failed.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::NobodyReads,
            _ => Diagnostic::new(format!("cannot write the output: {error}")).into(),
        }
    }
}

/// The text for standard error, if there is any.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(diagnostic) => diagnostic.fmt(f),
            Self::Failed(diagnostic) => diagnostic.fmt(f),
            Self::Said | Self::NobodyReads => Ok(()),
        }
    }
}
