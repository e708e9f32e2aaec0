use std::path::PathBuf;

use insula_control::api::ErrorInfo;
use insula_supervisor::Blame;
use thiserror::Error;

use crate::diagnostic::Diagnostic;
use crate::failure::Failure;

/// Why a server did not do what it was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// No server runs on the data folder.
    #[error("no server is running on the data folder {0}")]
    NoServer(PathBuf),
    /// The file in which a server says where it listens makes no sense.
    #[error("{0} does not say where the server listens")]
    BadRunFile(PathBuf),
    /// No token was given, and none can be read.
    #[error("cannot read the admin token {path}: {source}")]
    NoToken {
        /// Where it should be.
        path: PathBuf,
        /// Why it cannot be read.
        source: std::io::Error,
    },
    /// The URL or the token cannot be used.
    #[error("{what} cannot be used: {reason}")]
    Unusable {
        /// Which.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// The server does not answer.
    #[error("the server at {url} does not answer: {reason}")]
    Unreachable {
        /// Where it should be.
        url: String,
        /// Why.
        reason: String,
    },
    /// The server said no.
    #[error("{}", .0.message)]
    Refused(Box<ErrorInfo>),
    /// What answers is no server of this kind.
    #[error("what answers at {url} is not an Insula admin API of this version: {reason}")]
    NotInsula {
        /// Where.
        url: String,
        /// What it did.
        reason: String,
    },
}

impl ClientError {
    /// The error for people.
    pub fn diagnostic(&self) -> Diagnostic {
        let plain = Diagnostic::new(self.to_string());
        match self {
            Self::NoServer(data) => plain.help(format!(
                "start one with `insula serve --data {}`, name another data folder with --data, \
                 or a server elsewhere with --admin-url and --token",
                data.display()
            )),
            Self::BadRunFile(_) => plain.help("restart the server, or name it with --admin-url"),
            Self::NoToken { .. } => {
                plain.help("name the server's data folder with --data, or the token with --token")
            }
            Self::Unusable { .. } => plain,
            Self::Unreachable { .. } => plain.help("is the server running?"),
            Self::NotInsula { .. } => plain.help("check --admin-url"),
            Self::Refused(info) => refused(plain.blame(info.blame), info),
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        error.diagnostic().into()
    }
}

fn refused(diagnostic: Diagnostic, info: &ErrorInfo) -> Diagnostic {
    match (info.code.as_str(), info.blame) {
        ("unauthorized", _) => {
            diagnostic.help("name the right token with --token, or the data folder with --data")
        }
        ("no-such-tenant", _) => diagnostic.help("`insula tenants` lists those that there are"),
        (_, Blame::Operator) => diagnostic.help("the server's log says more"),
        _ => diagnostic,
    }
}
