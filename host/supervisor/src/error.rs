use std::fmt;
use std::time::Duration;

use insula_wire::{BootFailure, ErrorReport, FailureCode};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Bundle, CodeError};

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Blame {
    /// The one who sent the request.
    Client,
    /// The one whose code runs.
    Tenant,
    /// The one who runs Insula.
    Operator,
    /// Insula itself.
    Insula,
}

/// An error in a tenant's code, for the tenant's eyes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ErrorDetail {
    /// `TypeError: x is not a function`.
    pub message: String,
    /// The stack, one frame a line; may be empty.
    pub stack: String,
    /// The module's name in the bundle; empty when unknown.
    pub file: String,
    /// The line, from 1; 0 when unknown.
    pub line: u32,
    /// The column, from 1; 0 when unknown.
    pub column: u32,
    /// The author's source line; empty when unknown.
    pub source_line: Box<str>,
    /// Whether file, line, column and source line are those of what the author wrote, by the
    /// module's source map, and not those of the module.
    pub mapped: bool,
}

impl ErrorDetail {
    /// Characters of the source line that are kept.
    const SOURCE_LINE: usize = 200;

    /// What an isolate reports.
    pub(crate) fn new(report: ErrorReport<'_>) -> Self {
        Self {
            message: report.message.to_owned(),
            stack: report.stack.to_owned(),
            file: report.file.to_owned(),
            line: report.line,
            column: report.column,
            source_line: "".into(),
            mapped: false,
        }
    }

    /// Adds the source line out of the `bundle`: the isolate's word is not needed for what the host has itself. A
    /// position in what the author wrote is none in the bundle, whatever its file is called.
    pub fn find_source_line(&mut self, bundle: &Bundle) {
        if self.mapped {
            return;
        }
        self.source_line = source_line(bundle, &self.file, self.line).unwrap_or_default().into();
    }

    /// An error that only has words.
    pub(crate) fn message(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }
}

fn source_line(bundle: &Bundle, file: &str, line: u32) -> Option<String> {
    let module = bundle.modules.iter().find(|module| module.name == file)?;
    let source = std::str::from_utf8(&module.source).ok()?;
    let text = source.lines().nth(line.checked_sub(1)? as usize)?;
    Some(text.chars().take(ErrorDetail::SOURCE_LINE).collect())
}

/// `message`, then where, then the source line with a caret under the column.
impl fmt::Display for ErrorDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.file.is_empty() {
            write!(f, "\n    at {}", self.file)?;
            if self.line > 0 {
                write!(f, ":{}:{}", self.line, self.column)?;
            }
        }
        if !self.source_line.is_empty() {
            let caret = (self.column as usize).saturating_sub(1);
            write!(f, "\n\n    {}\n    {:caret$}^", self.source_line, "")?;
        }
        Ok(())
    }
}

/// Why a deployment could not be started.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The tenant's code does not start.
    #[error("{}: {detail}", boot_failure_text(*failure))]
    Boot {
        /// In which way.
        failure: BootFailure,
        /// What and where.
        detail: ErrorDetail,
    },
    /// The cordon died while the deployment started in it.
    #[error("the cordon crashed while the deployment started")]
    CordonCrashed,
    /// No cordon could be started.
    #[error("no cordon could be started: {0}")]
    NoCordon(String),
    /// The deployment did not start in time.
    #[error("the deployment did not start within {0} ms")]
    TimedOut(u64),
    /// The deployment's code cannot be read.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The server is shutting down.
    #[error("the server is shutting down")]
    ShuttingDown,
}

impl StartError {
    /// Whose fault it is.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Boot { .. } | Self::TimedOut(_) => Blame::Tenant,
            Self::CordonCrashed => Blame::Insula,
            Self::NoCordon(_) | Self::ShuttingDown => Blame::Operator,
            Self::Code(error) => error.blame,
        }
    }
}

/// Why a request that was handed to an isolate has no response.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The deployment did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The tenant's code failed.
    #[error("{}: {detail}", failure_text(*code))]
    Tenant {
        /// In which way.
        code: FailureCode,
        /// What and where.
        detail: ErrorDetail,
    },
    /// The isolate's process died.
    #[error("the cordon crashed")]
    CordonCrashed,
    /// Too many requests wait for the tenant already, or this one has waited too long.
    #[error("too many requests wait for this tenant")]
    Overloaded,
    /// The tenant gets no isolate for so long, because it broke its limits too often.
    #[error("the tenant's code broke its limits too often: no isolate for {} ms", .0.as_millis())]
    BackingOff(Duration),
    /// The tenant has more requests per second than it may have; the next one is possible after this.
    #[error("too many requests per second for this tenant")]
    RateLimited(Duration),
    /// The tenant has as many WebSockets open as it may.
    #[error("too many WebSockets: this tenant may have {0} open")]
    TooManySockets(u32),
    /// No response within the tenant's wall time.
    #[error("no response within {0} ms")]
    WallLimit(u64),
    /// The request's body is above the tenant's limit.
    #[error("the request's body is larger than {0} bytes")]
    BodyTooLarge(u64),
    /// The client went away before there was an answer.
    #[error("the client went away")]
    Cancelled,
    /// The request's head does not fit into a frame.
    #[error("the request's head is too large: {0}")]
    HeadTooLarge(String),
}

impl RequestError {
    /// Every code that there is.
    pub const CODES: [&str; 13] = [
        "tenant-exception",
        "cpu-limit",
        "memory-limit",
        "wall-limit",
        "overloaded",
        "backing-off",
        "rate-limited",
        "cordon-crashed",
        "startup-failed",
        "shutting-down",
        "payload-too-large",
        "cancelled",
        "bad-request",
    ];

    /// What answers and metrics call it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Tenant { code: FailureCode::CpuLimit, .. } => "cpu-limit",
            Self::Tenant { code: FailureCode::MemoryLimit, .. } => "memory-limit",
            Self::Tenant { .. } => "tenant-exception",
            Self::WallLimit(_) => "wall-limit",
            Self::Overloaded | Self::TooManySockets(_) => "overloaded",
            Self::BackingOff(_) => "backing-off",
            Self::RateLimited(_) => "rate-limited",
            Self::CordonCrashed | Self::Start(StartError::CordonCrashed) => "cordon-crashed",
            Self::Start(StartError::ShuttingDown) => "shutting-down",
            Self::Start(_) => "startup-failed",
            Self::BodyTooLarge(_) => "payload-too-large",
            Self::Cancelled => "cancelled",
            Self::HeadTooLarge(_) => "bad-request",
        }
    }

    /// What and where, when the tenant's code is at fault.
    pub fn detail_mut(&mut self) -> Option<&mut ErrorDetail> {
        match self {
            Self::Tenant { detail, .. } | Self::Start(StartError::Boot { detail, .. }) => {
                Some(detail)
            }
            _ => None,
        }
    }

    /// Whose fault it is.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Start(error) => error.blame(),
            Self::Tenant { .. }
            | Self::Overloaded
            | Self::TooManySockets(_)
            | Self::BackingOff(_)
            | Self::RateLimited(_)
            | Self::WallLimit(_) => Blame::Tenant,
            Self::CordonCrashed => Blame::Insula,
            Self::BodyTooLarge(_) | Self::Cancelled | Self::HeadTooLarge(_) => Blame::Client,
        }
    }
}

fn boot_failure_text(failure: BootFailure) -> &'static str {
    match failure {
        BootFailure::Syntax => "the code does not parse",
        BootFailure::Exception => "the code throws at top level",
        BootFailure::MissingModule => "an import names a module that is not in the bundle",
        BootFailure::NoHandler => "nothing handles requests",
        BootFailure::NeverSettles => "top-level await waits for something that can never happen",
        BootFailure::CpuLimit => "start-up used up its CPU time",
        BootFailure::MemoryLimit => "start-up used up its memory",
    }
}

fn failure_text(code: FailureCode) -> &'static str {
    match code {
        FailureCode::Exception => "the handler threw",
        FailureCode::NotAResponse => "the handler did not return a Response",
        FailureCode::NeverSettles => "the handler waits for something that can never happen",
        FailureCode::NoHandler => "the deployment has no handler for this event",
        FailureCode::BodyUsed => "the response's body was already used",
        FailureCode::CpuLimit => "the request used up its CPU time",
        FailureCode::MemoryLimit => "the isolate used up its memory",
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use insula_wire::ModuleKind;

    use super::*;
    use crate::Module;

    fn detail(line: u32) -> ErrorDetail {
        let mut detail = reported(line);
        detail.find_source_line(&bundle());
        detail
    }

    fn reported(line: u32) -> ErrorDetail {
        ErrorDetail::new(ErrorReport {
            message: "no",
            file: "a.js",
            line,
            ..ErrorReport::default()
        })
    }

    fn bundle() -> Bundle {
        let source = format!("first\n{}\n", "ä".repeat(300));
        let module = Module {
            name: "a.js".to_owned(),
            kind: ModuleKind::JavaScript,
            source: Bytes::from(source),
        };
        Bundle { entry: "a.js".to_owned(), modules: vec![module] }
    }

    #[test]
    fn a_position_in_the_author_s_file_is_not_looked_up_in_the_bundle() {
        let mut mapped = ErrorDetail { mapped: true, ..reported(1) };
        mapped.find_source_line(&bundle());
        assert_eq!(&*mapped.source_line, "");
    }

    #[test]
    fn the_source_line_comes_from_the_bundle() {
        assert_eq!(&*detail(1).source_line, "first");
        assert_eq!(*detail(2).source_line, "ä".repeat(200));
    }

    #[test]
    fn a_line_that_is_not_there_is_left_out() {
        assert_eq!(&*detail(0).source_line, "");
        assert_eq!(&*detail(9).source_line, "");
    }
}
