use crate::codec::{Reader, Writer, frame, wire_enum};
use crate::host::{ABORT, CHUNK, CLOSE, CREDIT, END, ERROR, MESSAGE, bad_status, credit};
use crate::socket::{close_code, close_reason};
use crate::{BodyHead, Frame, HeaderBlock, MessagePart, RedirectMode, WireError, caps};

const HELLO: u8 = 1;
const READY: u8 = 2;
const BOOT_FAILED: u8 = 3;
const RESPONSE: u8 = 4;
const FAILED: u8 = 5;
const DONE: u8 = 6;
const LOG: u8 = 7;
const EXCEPTION: u8 = 8;
const FETCH: u8 = 9;
const RETIRING: u8 = 10;
const USAGE: u8 = 11;
const SPENT: u8 = 12;
const CPU_SOFT: u8 = 13;
const CONNECT: u8 = 14;

wire_enum! {
    /// Why a deployment did not start. The tenant's fault, all of them.
    pub enum BootFailure ("boot failure") {
        /// A module does not parse.
        Syntax = 0,
        /// A module threw while it was evaluated.
        Exception = 1,
        /// An import names a module that the bundle does not hold.
        MissingModule = 2,
        /// Nothing handles requests.
        NoHandler = 3,
        /// Top-level evaluation waits for something that can never happen.
        NeverSettles = 4,
        /// Top-level evaluation used up its CPU time.
        CpuLimit = 5,
        /// Top-level evaluation used up its memory.
        MemoryLimit = 6,
    }
}

wire_enum! {
    /// Why a request ended without a response from the tenant's code. The tenant's fault, all.
    pub enum FailureCode ("failure code") {
        /// The handler threw, or its promise was rejected.
        Exception = 0,
        /// The handler returned something that is not a `Response`.
        NotAResponse = 1,
        /// The handler waits for something that can never happen.
        NeverSettles = 2,
        /// The deployment exports no handler for this kind of event.
        NoHandler = 3,
        /// The response's body was already used.
        BodyUsed = 4,
        /// The request used up its CPU time.
        CpuLimit = 5,
        /// The isolate used up its memory.
        MemoryLimit = 6,
    }
}

wire_enum! {
    /// Why an isolate will exit by itself. Requests that it has not answered end with this.
    pub enum RetireReason ("retire reason") {
        /// A request used up its CPU time.
        CpuLimit = 0,
        /// The isolate used up its memory.
        MemoryLimit = 1,
        /// The host asked for it.
        Shutdown = 2,
    }
}

wire_enum! {
    /// The `console` method behind a log line.
    pub enum LogLevel ("log level") {
        /// `console.debug`, `console.trace`.
        Debug = 0,
        /// `console.log` and what has no level of its own.
        Log = 1,
        /// `console.info`.
        Info = 2,
        /// `console.warn`.
        Warn = 3,
        /// `console.error`, `console.assert`.
        Error = 4,
    }
}

/// What a deployment exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exports {
    /// Whether it handles requests.
    pub fetch: bool,
    /// Whether it handles scheduled events.
    pub scheduled: bool,
}

/// An error in a tenant's code, for the tenant's eyes only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ErrorReport<'a> {
    /// `TypeError: x is not a function`.
    pub message: &'a str,
    /// The stack, one frame a line; may be empty.
    pub stack: &'a str,
    /// The module's name in the bundle; empty when unknown.
    pub file: &'a str,
    /// The line, from 1; 0 when unknown.
    pub line: u32,
    /// The column, from 1; 0 when unknown.
    pub column: u32,
}

/// What an isolate tells the host.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum IsolateFrame<'a> {
    /// The first frame on a link.
    Hello {
        /// [`crate::VERSION`] of the cordon.
        version: u16,
    },
    /// The deployment is evaluated and takes requests. Those that have come before are looked at only after this
    /// is sent: what an isolate has read without ever being ready, the host gives to another one.
    Ready {
        /// CPU time that evaluation took, in microseconds.
        cpu_us: u64,
        /// What it exports.
        exports: Exports,
    },
    /// The deployment did not start. The isolate exits.
    BootFailed {
        /// Why.
        failure: BootFailure,
        /// What and where.
        error: ErrorReport<'a>,
    },
    /// The response to a request.
    Response {
        /// The request's stream.
        stream: u32,
        /// The status, 101 or 200 to 599.
        status: u16,
        /// The status text.
        status_text: &'a str,
        /// The header fields.
        headers: HeaderBlock<'a>,
        /// The body.
        body: BodyHead<'a>,
    },
    /// The request ends without a response. `Done` still follows.
    Failed {
        /// The request's stream.
        stream: u32,
        /// Why.
        code: FailureCode,
        /// What and where.
        error: ErrorReport<'a>,
    },
    /// Response and `waitUntil` promises are settled: the stream is over.
    Done {
        /// The request's stream.
        stream: u32,
        /// CPU time that the request took, in microseconds.
        cpu_us: u64,
    },
    /// A log line.
    Log {
        /// The request that wrote it; 0 when none did.
        stream: u32,
        /// Its level.
        level: LogLevel,
        /// The text, cut at [`caps::TEXT`] bytes.
        text: &'a str,
    },
    /// An exception that nothing caught, or a promise rejection that nothing handled.
    Exception {
        /// The request during which it happened; 0 when none.
        stream: u32,
        /// What and where.
        error: ErrorReport<'a>,
    },
    /// A subrequest. Opens an odd stream.
    Fetch {
        /// The stream.
        stream: u32,
        /// The request that it belongs to.
        parent: u32,
        /// What to do with a redirect.
        redirect: RedirectMode,
        /// The method.
        method: &'a str,
        /// The absolute URL.
        url: &'a str,
        /// The header fields.
        headers: HeaderBlock<'a>,
        /// The body.
        body: BodyHead<'a>,
    },
    /// A subrequest that shall become a WebSocket. Opens an odd stream.
    Connect {
        /// The stream.
        stream: u32,
        /// The request that it belongs to.
        parent: u32,
        /// The absolute URL.
        url: &'a str,
        /// The header fields.
        headers: HeaderBlock<'a>,
    },
    /// What the isolate's memory comes to, when that has changed much.
    Usage {
        /// Bytes that are charged to it now.
        bytes: u64,
        /// The most bytes that were charged to it at once.
        peak: u64,
    },
    /// CPU time that a request has taken which lasts, or will not be `Done`.
    Spent {
        /// The request's stream; 0 for what no request is charged for.
        stream: u32,
        /// CPU time so far, in microseconds.
        cpu_us: u64,
    },
    /// A request has used up its soft CPU limit, and goes on.
    CpuSoft {
        /// The request's stream.
        stream: u32,
        /// CPU time so far, in microseconds.
        cpu_us: u64,
    },
    /// The isolate will exit and take no more requests.
    Retiring {
        /// Why.
        reason: RetireReason,
        /// The request that is to blame; 0 when none is.
        stream: u32,
    },
    /// Bytes of a body that the isolate sends.
    Chunk {
        /// The body's stream.
        stream: u32,
        /// At most [`caps::CHUNK`] bytes.
        bytes: &'a [u8],
    },
    /// A body that the isolate sends is complete.
    End {
        /// The body's stream.
        stream: u32,
    },
    /// A body that the isolate sends broke off.
    Error {
        /// The body's stream.
        stream: u32,
        /// Why.
        message: &'a str,
    },
    /// The isolate has consumed bytes of a body that the host sends.
    Credit {
        /// The body's stream.
        stream: u32,
        /// How many.
        bytes: u32,
    },
    /// The isolate has no more use for a subrequest, or for the rest of a body that the host sends.
    Abort {
        /// The stream.
        stream: u32,
    },
    /// A part of a message for the other side of a WebSocket.
    Message {
        /// The WebSocket's stream.
        stream: u32,
        /// Whether the message ends here.
        last: bool,
        /// At most [`caps::CHUNK`] bytes.
        part: MessagePart<'a>,
    },
    /// A WebSocket shall end; no message follows.
    Close {
        /// Its stream.
        stream: u32,
        /// The code for the other side; 1005 for none.
        code: u16,
        /// The reason for the other side.
        reason: &'a str,
    },
}

impl<'a> Frame<'a> for IsolateFrame<'a> {
    fn decode(kind: u8, stream: u32, payload: &'a [u8]) -> Result<Self, WireError> {
        check_stream(kind, stream)?;
        let mut r = Reader::new(payload);
        let decoded = match kind {
            HELLO => Self::Hello { version: r.u16("version")? },
            READY => Self::Ready {
                cpu_us: r.u64("cpu time")?,
                exports: Exports {
                    fetch: r.bool("fetch export")?,
                    scheduled: r.bool("scheduled export")?,
                },
            },
            BOOT_FAILED => Self::BootFailed {
                failure: BootFailure::read(&mut r)?,
                error: ErrorReport::read(&mut r)?,
            },
            RESPONSE => {
                let status = status(&mut r)?;
                let status_text = r.str("status text", caps::STATUS_TEXT)?;
                let headers = HeaderBlock::parse(r.bytes("header block", caps::HEADERS)?)?;
                let body = BodyHead::read(r)?;
                return Ok(Self::Response { stream, status, status_text, headers, body });
            }
            FAILED => Self::Failed {
                stream,
                code: FailureCode::read(&mut r)?,
                error: ErrorReport::read(&mut r)?,
            },
            DONE => Self::Done { stream, cpu_us: r.u64("cpu time")? },
            LOG => Self::Log {
                stream,
                level: LogLevel::read(&mut r)?,
                text: r.str("log text", caps::TEXT)?,
            },
            EXCEPTION => Self::Exception { stream, error: ErrorReport::read(&mut r)? },
            FETCH => {
                let parent = parent(&mut r, kind)?;
                let redirect = RedirectMode::read(&mut r)?;
                let method = r.str("method", caps::METHOD)?;
                let url = r.str("url", caps::URL)?;
                let headers = HeaderBlock::parse(r.bytes("header block", caps::HEADERS)?)?;
                let body = BodyHead::read(r)?;
                return Ok(Self::Fetch { stream, parent, redirect, method, url, headers, body });
            }
            CONNECT => Self::Connect {
                stream,
                parent: parent(&mut r, kind)?,
                url: r.str("url", caps::URL)?,
                headers: HeaderBlock::parse(r.bytes("header block", caps::HEADERS)?)?,
            },
            USAGE => Self::Usage { bytes: r.u64("bytes")?, peak: r.u64("peak")? },
            SPENT => Self::Spent { stream, cpu_us: r.u64("cpu time")? },
            CPU_SOFT => Self::CpuSoft { stream, cpu_us: r.u64("cpu time")? },
            RETIRING => Self::Retiring { reason: RetireReason::read(&mut r)?, stream },
            CHUNK => return Ok(Self::Chunk { stream, bytes: r.rest("chunk", caps::CHUNK)? }),
            END => Self::End { stream },
            ERROR => Self::Error { stream, message: r.str("message", caps::TEXT)? },
            CREDIT => Self::Credit { stream, bytes: credit(&mut r)? },
            ABORT => Self::Abort { stream },
            MESSAGE => {
                let (last, part) = MessagePart::read(r)?;
                return Ok(Self::Message { stream, last, part });
            }
            CLOSE => {
                Self::Close { stream, code: close_code(&mut r)?, reason: close_reason(&mut r)? }
            }
            kind => return Err(WireError::UnknownKind(kind)),
        };
        r.finish()?;
        Ok(decoded)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        match *self {
            Self::Hello { version } => frame(out, HELLO, 0, |w| w.u16(version)),
            Self::Ready { cpu_us, exports } => frame(out, READY, 0, |w| {
                w.u64(cpu_us);
                w.bool(exports.fetch);
                w.bool(exports.scheduled);
            }),
            Self::BootFailed { failure, error } => frame(out, BOOT_FAILED, 0, |w| {
                failure.write(w);
                error.write(w);
            }),
            Self::Response { stream, status, status_text, headers, body } => {
                frame(out, RESPONSE, stream, |w| {
                    w.u16(status);
                    w.text(status_text, caps::STATUS_TEXT);
                    w.bytes(headers.as_bytes());
                    body.write(w);
                });
            }
            Self::Failed { stream, code, error } => frame(out, FAILED, stream, |w| {
                code.write(w);
                error.write(w);
            }),
            Self::Done { stream, cpu_us } => frame(out, DONE, stream, |w| w.u64(cpu_us)),
            Self::Log { stream, level, text } => frame(out, LOG, stream, |w| {
                level.write(w);
                w.text(text, caps::TEXT);
            }),
            Self::Exception { stream, error } => frame(out, EXCEPTION, stream, |w| error.write(w)),
            Self::Fetch { stream, parent, redirect, method, url, headers, body } => {
                frame(out, FETCH, stream, |w| {
                    w.u32(parent);
                    redirect.write(w);
                    w.str(method);
                    w.str(url);
                    w.bytes(headers.as_bytes());
                    body.write(w);
                });
            }
            Self::Connect { stream, parent, url, headers } => frame(out, CONNECT, stream, |w| {
                w.u32(parent);
                w.str(url);
                w.bytes(headers.as_bytes());
            }),
            Self::Usage { bytes, peak } => frame(out, USAGE, 0, |w| {
                w.u64(bytes);
                w.u64(peak);
            }),
            Self::Spent { stream, cpu_us } => frame(out, SPENT, stream, |w| w.u64(cpu_us)),
            Self::CpuSoft { stream, cpu_us } => frame(out, CPU_SOFT, stream, |w| w.u64(cpu_us)),
            Self::Retiring { reason, stream } => frame(out, RETIRING, stream, |w| reason.write(w)),
            Self::Chunk { stream, bytes } => frame(out, CHUNK, stream, |w| w.raw(bytes)),
            Self::End { stream } => frame(out, END, stream, |_| {}),
            Self::Error { stream, message } => {
                frame(out, ERROR, stream, |w| w.text(message, caps::TEXT));
            }
            Self::Credit { stream, bytes } => frame(out, CREDIT, stream, |w| w.u32(bytes)),
            Self::Abort { stream } => frame(out, ABORT, stream, |_| {}),
            Self::Message { stream, last, part } => {
                frame(out, MESSAGE, stream, |w| part.write(last, w));
            }
            Self::Close { stream, code, reason } => frame(out, CLOSE, stream, |w| {
                w.u16(code);
                w.text(reason, caps::CLOSE_REASON);
            }),
        }
    }
}

impl<'a> ErrorReport<'a> {
    fn read(r: &mut Reader<'a>) -> Result<Self, WireError> {
        Ok(Self {
            message: r.str("error message", caps::TEXT)?,
            stack: r.str("error stack", caps::TEXT)?,
            file: r.str("error file", caps::MODULE_NAME)?,
            line: r.u32("error line")?,
            column: r.u32("error column")?,
        })
    }

    fn write(&self, w: &mut Writer<'_>) {
        w.text(self.message, caps::TEXT);
        w.text(self.stack, caps::TEXT);
        w.text(self.file, caps::MODULE_NAME);
        w.u32(self.line);
        w.u32(self.column);
    }
}

/// Which streams a frame from an isolate may name.
fn check_stream(kind: u8, stream: u32) -> Result<(), WireError> {
    let from_host = stream != 0 && stream.is_multiple_of(2);
    let legal = match kind {
        HELLO | READY | BOOT_FAILED | USAGE => stream == 0,
        RESPONSE | FAILED | DONE | CPU_SOFT => from_host,
        LOG | EXCEPTION | RETIRING | SPENT => stream.is_multiple_of(2),
        FETCH | CONNECT => stream % 2 == 1,
        CHUNK | END | ERROR | CREDIT | ABORT | MESSAGE | CLOSE => stream != 0,
        kind => return Err(WireError::UnknownKind(kind)),
    };
    if legal { Ok(()) } else { Err(WireError::BadStream { kind, stream }) }
}

/// The request that a subrequest belongs to, or 0.
fn parent(r: &mut Reader<'_>, kind: u8) -> Result<u32, WireError> {
    match r.u32("parent stream")? {
        parent if parent.is_multiple_of(2) => Ok(parent),
        stream => Err(WireError::BadStream { kind, stream }),
    }
}

fn status(r: &mut Reader<'_>) -> Result<u16, WireError> {
    match r.u16("status")? {
        status @ (101 | 200..=599) => Ok(status),
        value => Err(bad_status(value)),
    }
}
