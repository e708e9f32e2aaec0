//! The frames that cross a wall, and nothing else: no I/O, no threads, no clock.
//!
//! Two conversations are spoken here:
//!
//! - **isolate link**: one stream socket per isolate. The host sends [`HostFrame`]s, the isolate
//!   answers with [`IsolateFrame`]s. Both are framed by [`Decoder`].
//! - **control link**: one packet socket per cordon. Each packet is one [`SupervisorMessage`] or
//!   one [`CordonMessage`]; a packet may carry one file descriptor beside it.
//!
//! Each side distrusts the other. Every length has a cap in [`caps`] that is checked *before*
//! anything is allocated for it, every enum is validated, and a peer that breaks a rule produces
//! a [`WireError`], after which the conversation is over: there is no resynchronising.
//!
//! # Frame layout
//!
//! ```text
//! 0        4        8     9        12
//! +--------+--------+-----+--------+----------------+
//! | length | stream | kind| zero   | payload        |
//! | u32 LE | u32 LE | u8  | 3 × u8 | `length` bytes |
//! +--------+--------+-----+--------+----------------+
//! ```
//!
//! Inside a payload: integers are little-endian, strings and byte strings are a `u32` length
//! followed by that many bytes, booleans are one byte that is 0 or 1.
//!
//! # Streams
//!
//! A stream is one request with its response, or one subrequest with its response. The host opens
//! streams with even numbers, the isolate with odd ones; 0 is the link itself. A number is never
//! used twice on one link.
//!
//! # Bodies and credit
//!
//! A body that fits in [`caps::INLINE_BODY`] travels inside its head frame. A larger one, or one
//! of unknown length, follows as `Chunk`s and one `End` (or `Error`). Its sender may have at most
//! [`caps::INITIAL_CREDIT`] bytes outstanding; the reader grants more with `Credit` as the bytes
//! are consumed, so that a slow reader slows the writer and no buffer grows without bound.
//!
//! # WebSockets
//!
//! A response with status 101 makes its stream a WebSocket: a request's when the isolate sends it, that
//! of a `Connect` when the host does. From then on `Message`s travel both ways, in parts of at most
//! [`caps::CHUNK`] bytes, on credit as bodies do; each part costs [`caps::PART_OVERHEAD`] beside its
//! bytes. The isolate asks for the end with `Close`, after which it sends no message; the host has the
//! last word, which is `Closed`.

mod body;
pub mod caps;
mod codec;
mod control;
mod decoder;
mod error;
mod headers;
mod host;
mod isolate;
mod limits;
mod socket;
#[cfg(test)]
mod tests;

pub use body::BodyHead;
pub use control::{CRASHED_BYTES, CordonMessage, ExitReason, SupervisorMessage};
pub use decoder::Decoder;
pub use error::WireError;
pub use headers::{HeaderBlock, HeaderBlockBuilder};
pub use host::{Farewell, HostFrame, ModuleKind, RedirectMode};
pub use isolate::{
    BootFailure, ErrorReport, Exports, FailureCode, IsolateFrame, LogLevel, RetireReason,
};
pub use limits::{IsolateLimits, ReuseMode};
pub use socket::{MessagePart, NO_CLOSE_CODE, SocketEnd, close_code, is_close_code};

/// The version of both conversations; sent in each side's first frame. Host and cordon are built
/// and installed together, so any difference is an installation fault and ends the conversation.
pub const VERSION: u16 = 1;

/// A frame that one side of the isolate link can send.
pub trait Frame<'a>: Sized {
    /// Parses the frame with this kind byte, stream number and payload.
    ///
    /// # Errors
    ///
    /// Any [`WireError`]: the bytes come from a peer that is not trusted.
    fn decode(kind: u8, stream: u32, payload: &'a [u8]) -> Result<Self, WireError>;

    /// Appends the frame, header included, to `out`.
    fn encode(&self, out: &mut Vec<u8>);
}
