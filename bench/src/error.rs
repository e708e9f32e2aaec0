//! What can go wrong in a run.

use std::io;

/// Why a benchmark stopped.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The operating system refused something.
    #[error("could not {what}: {source}")]
    Io {
        /// What was tried, after "could not".
        what: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A server did not answer in time, or ended first.
    #[error("{name} was not ready {why}; its output:\n{log}")]
    NotReady {
        /// Which server.
        name: &'static str,
        /// After how long, or with which exit status.
        why: String,
        /// The end of its output.
        log: String,
    },
    /// A program ended with a failure.
    #[error("{program} failed ({status}):\n{output}")]
    Program {
        /// The program and what it was asked to do.
        program: String,
        /// Its exit status.
        status: String,
        /// What it printed.
        output: String,
    },
    /// A measured figure would be meaningless.
    #[error("{name} answered wrongly under load: {why}")]
    Answers {
        /// Which server.
        name: &'static str,
        /// What was wrong.
        why: String,
    },
    /// A program printed something else than agreed.
    #[error("{what} printed something unexpected: {text}")]
    Output {
        /// Which program or file.
        what: String,
        /// Its text.
        text: String,
    },
}

impl BenchError {
    /// `what` reads on after "could not".
    pub fn io(what: impl Into<String>, source: io::Error) -> Self {
        Self::Io { what: what.into(), source }
    }
}
