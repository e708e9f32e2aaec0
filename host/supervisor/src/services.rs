use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::combinators::UnsyncBoxBody;
use insula_wire::{LogLevel, RedirectMode};
use thiserror::Error;
use tokio::runtime::Handle;

use crate::{Deployment, RequestError, Socket};

/// A body on its way through the host: read by polling, so backpressure is the reader's pace.
pub type BoxBody = UnsyncBoxBody<Bytes, BodyError>;

/// Why a body broke off. The text is for the tenant's author and for the host's log.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum BodyError {
    /// The sender went away or gave up.
    #[error("the body broke off: {0}")]
    Broken(String),
    /// The body is above the tenant's limit.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
}

/// What isolates need from the host, and what they tell it. The supervisor calls; whoever builds
/// the server implements.
pub trait Services: Send + Sync + 'static {
    /// Performs a subrequest. Dropping the future or the response's body cancels it.
    fn fetch(
        &self,
        deployment: Arc<Deployment>,
        request: Subrequest,
    ) -> BoxFuture<'static, Result<http::Response<BoxBody>, SubrequestError>>;

    /// Asks a server for a WebSocket. Dropping the future cancels it. Without a network, there is none.
    fn connect(
        &self,
        _deployment: Arc<Deployment>,
        request: Subrequest,
    ) -> BoxFuture<'static, Result<Connected, SubrequestError>> {
        let url = request.request.uri().to_string();
        Box::pin(std::future::ready(Err(SubrequestError::BadUrl(url))))
    }

    /// Where subrequests are carried out, those of tenants that compute much (`is_heavy`) and others'; called inside a
    /// tokio runtime, which is the one if there is no other. What tenants ask for in any number is better done where nobody
    /// waits behind it.
    fn errands(&self, is_heavy: bool) -> Handle {
        let _ = is_heavy;
        Handle::current()
    }

    /// Calls `look` with every live deployment: those for whose isolates cordons are kept ready. Must not block for long.
    fn each_live(&self, look: &mut dyn FnMut(&Deployment)) {
        let _ = look;
    }

    /// Lets go of what it keeps for a tenant that is no more.
    fn forget(&self, tenant: &str) {
        let _ = tenant;
    }

    /// Takes note of something that happened in a tenant's isolate. Must not block.
    fn event(&self, deployment: &Arc<Deployment>, event: TenantEvent);
}

/// What asking a server for a WebSocket gave.
pub enum Connected {
    /// One, and the head of the response.
    Open(http::Response<()>, Drive),
    /// The server has answered otherwise.
    Refused(http::Response<BoxBody>),
}

/// Carries messages between a server and an isolate until one of them ends it.
pub type Drive = Box<dyn FnOnce(Socket) -> BoxFuture<'static, ()> + Send>;

/// A `fetch` by tenant code.
#[derive(Debug)]
pub struct Subrequest {
    /// What to do with a redirect.
    pub redirect: RedirectMode,
    /// Method, absolute URL, headers and body as the tenant gave them; not yet judged.
    pub request: http::Request<BoxBody>,
}

/// Why a subrequest came to nothing; the tenant's `fetch` rejects with the text.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum SubrequestError {
    /// The tenant's egress policy refuses the address.
    #[error("egress to {target} is not allowed: {reason}")]
    Refused {
        /// Host and port, as the tenant named them.
        target: String,
        /// Which rule.
        reason: String,
    },
    /// The URL cannot be fetched (scheme, host).
    #[error("cannot fetch {0}")]
    BadUrl(String),
    /// A redirect in error mode, or too many of them.
    #[error("{0}")]
    Redirect(String),
    /// Connecting, sending or receiving failed.
    #[error("{0}")]
    Network(String),
    /// The tenant has as many subrequests open as it may.
    #[error("too many subrequests at once: this tenant may have {0} open")]
    TooManyOpen(u32),
    /// All tenants together have about as many open as the host has files for.
    #[error(
        "too many subrequests at once: the server has no files for more of this tenant's; try again later"
    )]
    TooManyOfAll,
    /// The request has used up its subrequests.
    #[error("too many subrequests: the limit is {0} per request")]
    TooMany(u32),
}

/// Something that happened in a tenant's isolate.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum TenantEvent {
    /// A console line.
    Log(LogLine),
    /// An exception that nothing caught, or a rejection that nothing handled.
    Exception(Exception),
    /// A request is over.
    Outcome(Outcome),
    /// An isolate of the deployment started.
    Started {
        /// CPU time of top-level evaluation, in microseconds.
        cpu_us: u64,
        /// Wall time from lease to ready, in microseconds.
        wall_us: u64,
    },
    /// A limit was broken, or a soft one passed.
    Breach {
        /// The request that did it, if one did.
        request: Option<u64>,
        /// Which limit.
        limit: Limit,
    },
    /// The tenant breaks its limits over and over: it gets no further isolate for a while.
    BackingOff {
        /// How long.
        pause: Duration,
    },
    /// The tenant lives in cordons of its own from now on, until
    /// [`Supervisor::release`](crate::Supervisor::release).
    Quarantined(Offence),
}

/// A limit whose breach is told and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// CPU time of a request, hard: the isolate is replaced.
    Cpu = 0,
    /// CPU time of a request, soft: the isolate finishes what it has, and is replaced.
    CpuSoft = 1,
    /// Memory of an isolate.
    Memory = 2,
    /// Time until the response's head.
    Wall = 3,
}

impl Limit {
    /// Every limit, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Cpu, Self::CpuSoft, Self::Memory, Self::Wall];

    /// The name that logs and metrics show.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu-limit",
            Self::CpuSoft => "cpu-soft",
            Self::Memory => "memory-limit",
            Self::Wall => "wall-limit",
        }
    }
}

/// What brings a tenant into quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Offence {
    /// A fault on its isolate's thread ended the cordon.
    #[error("its code crashed a cordon")]
    Crash,
    /// Its isolate did not react to an interrupt, and the cordon had to be killed.
    #[error("its code did not stop when it was interrupted")]
    IgnoredInterrupt,
    /// The cordon made a system call that no cordon makes.
    #[error("a forbidden system call was made while its code ran")]
    ForbiddenCall,
    /// Its isolate sent what no isolate sends.
    #[error("its isolate broke the protocol")]
    BrokeProtocol,
}

/// A console line.
#[derive(Debug, Clone)]
pub struct LogLine {
    /// The request that wrote it, if one did.
    pub request: Option<u64>,
    /// Its level.
    pub level: LogLevel,
    /// The text.
    pub text: String,
}

/// An exception that nothing caught.
#[derive(Debug, Clone)]
pub struct Exception {
    /// The request during which it happened, if one did.
    pub request: Option<u64>,
    /// What and where.
    pub detail: crate::ErrorDetail,
}

/// How a request ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The request's number; log lines carry the same.
    pub request: u64,
    /// `GET https://…`.
    pub request_line: String,
    /// The status that the tenant answered with, or why there is none.
    pub result: Result<u16, RequestError>,
    /// CPU time on the isolate's thread, in microseconds; 0 when the isolate did not live to tell.
    pub cpu_us: u64,
    /// Wall time from hand-over to the end of the stream, in microseconds.
    pub wall_us: u64,
}
