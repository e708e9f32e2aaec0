use crate::codec::{Reader, frame, wire_enum};
use crate::socket::close_reason;
use crate::{BodyHead, Frame, HeaderBlock, IsolateLimits, MessagePart, SocketEnd, WireError, caps};

const HELLO: u8 = 1;
const BOOT: u8 = 2;
pub(crate) const MODULE: u8 = 3;
const VARIABLE: u8 = 4;
const START: u8 = 5;
const REQUEST: u8 = 6;
const FETCH_RESPONSE: u8 = 7;
const FETCH_FAILED: u8 = 8;
const SHUTDOWN: u8 = 9;
pub(crate) const CHUNK: u8 = 32;
pub(crate) const END: u8 = 33;
pub(crate) const ERROR: u8 = 34;
pub(crate) const CREDIT: u8 = 35;
pub(crate) const ABORT: u8 = 36;
pub(crate) const MESSAGE: u8 = 37;
pub(crate) const CLOSE: u8 = 38;

wire_enum! {
    /// What a module's source is.
    pub enum ModuleKind ("module kind") {
        /// An ECMAScript module, UTF-8.
        JavaScript = 0,
        /// A JSON module, UTF-8.
        Json = 1,
        /// A text module, UTF-8; its default export is a string.
        Text = 2,
        /// A data module; its default export is an `ArrayBuffer`.
        Data = 3,
        /// A WebAssembly module; its default export is a `WebAssembly.Module`.
        Wasm = 4,
    }
}

wire_enum! {
    /// What a subrequest does with a redirect (Fetch, "redirect mode").
    pub enum RedirectMode ("redirect mode") {
        /// Follow it.
        Follow = 0,
        /// Fail.
        Error = 1,
        /// Return the redirect itself.
        Manual = 2,
    }
}

wire_enum! {
    /// Why an isolate shall finish. Tenants see the name in their `beforeunload` event.
    pub enum Farewell ("farewell") {
        /// Another version, other variables or other limits take over.
        Replaced = 0,
        /// The machine needs the memory, and this isolate has had nothing to do for longest.
        Evicted = 1,
        /// There were more isolates of the deployment than its requests needed.
        Idle = 2,
        /// A request used up its soft CPU limit.
        CpuSoft = 3,
        /// The cordon is replaced by a fresh one.
        Recycled = 4,
        /// It was there for one request, or for one check.
        Done = 5,
        /// The server ends.
        Shutdown = 6,
        /// The tenant computes so much, or has come to compute so little, that it lives with others.
        Moved = 7,
    }
}

impl Farewell {
    /// The name that tenants, logs and metrics show.
    pub fn name(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Evicted => "evicted",
            Self::Idle => "idle",
            Self::CpuSoft => "cpu-soft",
            Self::Recycled => "recycled",
            Self::Done => "done",
            Self::Shutdown => "shutdown",
            Self::Moved => "moved",
        }
    }
}

/// What the host tells an isolate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HostFrame<'a> {
    /// The first frame on a link.
    Hello {
        /// [`crate::VERSION`] of the host.
        version: u16,
        /// What this isolate may use.
        limits: IsolateLimits,
    },
    /// A deployment follows: its variables, its modules, then `Start`.
    Boot {
        /// The name of the module whose exports are the handlers.
        entry: &'a str,
        /// Modules that follow, at most [`caps::MODULES`].
        modules: u32,
        /// Variables that follow, at most [`caps::VARIABLES`].
        variables: u32,
    },
    /// One module of the deployment.
    Module {
        /// Its path in the bundle, relative, `/`-separated, without `.` and `..`.
        name: &'a str,
        /// What the source is.
        kind: ModuleKind,
        /// The source.
        source: &'a [u8],
    },
    /// One variable or secret of the deployment.
    Variable {
        /// Its name.
        name: &'a str,
        /// Its value.
        value: &'a str,
    },
    /// Everything has been sent: evaluate the entry module.
    Start,
    /// A request to handle. Opens an even stream.
    Request {
        /// The stream.
        stream: u32,
        /// The method, as in Fetch: upper-case for the standard ones.
        method: &'a str,
        /// The absolute URL.
        url: &'a str,
        /// The header fields.
        headers: HeaderBlock<'a>,
        /// The body.
        body: BodyHead<'a>,
    },
    /// The response to a subrequest that the isolate opened.
    FetchResponse {
        /// The subrequest's stream.
        stream: u32,
        /// The status, 100 to 999: a server may answer outside of what HTTP defines.
        status: u16,
        /// Whether a redirect was followed.
        redirected: bool,
        /// The status text.
        status_text: &'a str,
        /// The URL that answered, after redirects.
        url: &'a str,
        /// The header fields.
        headers: HeaderBlock<'a>,
        /// The body.
        body: BodyHead<'a>,
    },
    /// A subrequest came to nothing. Ends its stream.
    FetchFailed {
        /// The subrequest's stream.
        stream: u32,
        /// Why, in words for the tenant's author.
        message: &'a str,
    },
    /// Finish what is in flight, then exit.
    Shutdown {
        /// Why.
        reason: Farewell,
    },
    /// Bytes of a body that the host sends.
    Chunk {
        /// The body's stream.
        stream: u32,
        /// At most [`caps::CHUNK`] bytes.
        bytes: &'a [u8],
    },
    /// A body that the host sends is complete.
    End {
        /// The body's stream.
        stream: u32,
    },
    /// A body that the host sends broke off.
    Error {
        /// The body's stream.
        stream: u32,
        /// Why, in words for the tenant's author.
        message: &'a str,
    },
    /// The host has consumed bytes of a body that the isolate sends.
    Credit {
        /// The body's stream.
        stream: u32,
        /// How many.
        bytes: u32,
    },
    /// A request is over for the host: the client went away, or a limit ended it.
    Abort {
        /// The request's stream.
        stream: u32,
    },
    /// A part of a message that has arrived on a WebSocket.
    Message {
        /// The WebSocket's stream.
        stream: u32,
        /// Whether the message ends here.
        last: bool,
        /// At most [`caps::CHUNK`] bytes.
        part: MessagePart<'a>,
    },
    /// A WebSocket is no more.
    Closed {
        /// Its stream.
        stream: u32,
        /// How.
        end: SocketEnd,
        /// The code that the other side gave; 1005 for none, 1006 if it said nothing.
        code: u16,
        /// The reason that the other side gave.
        reason: &'a str,
    },
}

impl<'a> Frame<'a> for HostFrame<'a> {
    fn decode(kind: u8, stream: u32, payload: &'a [u8]) -> Result<Self, WireError> {
        check_stream(kind, stream)?;
        let mut r = Reader::new(payload);
        let decoded = match kind {
            HELLO => {
                Self::Hello { version: r.u16("version")?, limits: IsolateLimits::read(&mut r)? }
            }
            BOOT => Self::Boot {
                entry: r.str("entry module", caps::MODULE_NAME)?,
                modules: count(&mut r, "modules", caps::MODULES)?,
                variables: count(&mut r, "variables", caps::VARIABLES)?,
            },
            MODULE => {
                let name = r.str("module name", caps::MODULE_NAME)?;
                let kind = ModuleKind::read(&mut r)?;
                let source = r.rest("module source", caps::MODULE_PAYLOAD)?;
                return Ok(Self::Module { name, kind, source });
            }
            VARIABLE => Self::Variable {
                name: r.str("variable name", caps::FRAME_PAYLOAD)?,
                value: r.str("variable value", caps::FRAME_PAYLOAD)?,
            },
            START => Self::Start,
            REQUEST => {
                let method = r.str("method", caps::METHOD)?;
                let url = r.str("url", caps::URL)?;
                let headers = HeaderBlock::parse(r.bytes("header block", caps::HEADERS)?)?;
                let body = BodyHead::read(r)?;
                return Ok(Self::Request { stream, method, url, headers, body });
            }
            FETCH_RESPONSE => {
                let status = match r.u16("status")? {
                    status @ 100..=999 => status,
                    value => return Err(bad_status(value)),
                };
                let redirected = r.bool("redirected")?;
                let status_text = r.str("status text", caps::STATUS_TEXT)?;
                let url = r.str("url", caps::URL)?;
                let headers = HeaderBlock::parse(r.bytes("header block", caps::HEADERS)?)?;
                let body = BodyHead::read(r)?;
                return Ok(Self::FetchResponse {
                    stream,
                    status,
                    redirected,
                    status_text,
                    url,
                    headers,
                    body,
                });
            }
            FETCH_FAILED => Self::FetchFailed { stream, message: r.str("message", caps::TEXT)? },
            SHUTDOWN => Self::Shutdown { reason: Farewell::read(&mut r)? },
            CHUNK => return Ok(Self::Chunk { stream, bytes: r.rest("chunk", caps::CHUNK)? }),
            END => Self::End { stream },
            ERROR => Self::Error { stream, message: r.str("message", caps::TEXT)? },
            CREDIT => Self::Credit { stream, bytes: credit(&mut r)? },
            ABORT => Self::Abort { stream },
            MESSAGE => {
                let (last, part) = MessagePart::read(r)?;
                return Ok(Self::Message { stream, last, part });
            }
            CLOSE => Self::Closed {
                stream,
                end: SocketEnd::read(&mut r)?,
                code: r.u16("close code")?,
                reason: close_reason(&mut r)?,
            },
            kind => return Err(WireError::UnknownKind(kind)),
        };
        r.finish()?;
        Ok(decoded)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        match *self {
            Self::Hello { version, limits } => frame(out, HELLO, 0, |w| {
                w.u16(version);
                limits.write(w);
            }),
            Self::Boot { entry, modules, variables } => frame(out, BOOT, 0, |w| {
                w.str(entry);
                w.u32(modules);
                w.u32(variables);
            }),
            Self::Module { name, kind, source } => frame(out, MODULE, 0, |w| {
                w.str(name);
                kind.write(w);
                w.raw(source);
            }),
            Self::Variable { name, value } => frame(out, VARIABLE, 0, |w| {
                w.str(name);
                w.str(value);
            }),
            Self::Start => frame(out, START, 0, |_| {}),
            Self::Request { stream, method, url, headers, body } => {
                frame(out, REQUEST, stream, |w| {
                    w.str(method);
                    w.str(url);
                    w.bytes(headers.as_bytes());
                    body.write(w);
                });
            }
            Self::FetchResponse { stream, status, redirected, status_text, url, headers, body } => {
                frame(out, FETCH_RESPONSE, stream, |w| {
                    w.u16(status);
                    w.bool(redirected);
                    w.text(status_text, caps::STATUS_TEXT);
                    w.str(url);
                    w.bytes(headers.as_bytes());
                    body.write(w);
                });
            }
            Self::FetchFailed { stream, message } => {
                frame(out, FETCH_FAILED, stream, |w| w.text(message, caps::TEXT));
            }
            Self::Shutdown { reason } => frame(out, SHUTDOWN, 0, |w| reason.write(w)),
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
            Self::Closed { stream, end, code, reason } => frame(out, CLOSE, stream, |w| {
                end.write(w);
                w.u16(code);
                w.text(reason, caps::CLOSE_REASON);
            }),
        }
    }
}

/// Which streams a frame from the host may name: none, one that the host opened, one that the
/// isolate opened, or either.
fn check_stream(kind: u8, stream: u32) -> Result<(), WireError> {
    let legal = match kind {
        HELLO | BOOT | MODULE | VARIABLE | START | SHUTDOWN => stream == 0,
        REQUEST | ABORT => stream != 0 && stream.is_multiple_of(2),
        FETCH_RESPONSE | FETCH_FAILED => stream % 2 == 1,
        CHUNK | END | ERROR | CREDIT | MESSAGE | CLOSE => stream != 0,
        kind => return Err(WireError::UnknownKind(kind)),
    };
    if legal { Ok(()) } else { Err(WireError::BadStream { kind, stream }) }
}

fn count(r: &mut Reader<'_>, what: &'static str, cap: usize) -> Result<u32, WireError> {
    let n = r.u32(what)?;
    crate::codec::check_cap(what, n as usize, cap)?;
    Ok(n)
}

pub(crate) fn bad_status(value: u16) -> WireError {
    WireError::BadValue { what: "status", value: value.into() }
}

pub(crate) fn credit(r: &mut Reader<'_>) -> Result<u32, WireError> {
    let bytes = r.u32("credit")?;
    if bytes == 0 || bytes > caps::MAX_CREDIT {
        return Err(WireError::BadValue { what: "credit", value: bytes.into() });
    }
    Ok(bytes)
}
