//! What WebSockets add to a stream: messages in parts, and closing.

use crate::codec::{Reader, Writer, wire_enum};
use crate::{WireError, caps};

/// A part of a message, which is as small as its sender likes: a message is what lies between two
/// parts that are the last of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessagePart<'a> {
    /// Of a text message; each part by itself is UTF-8.
    Text(&'a str),
    /// Of a binary message.
    Binary(&'a [u8]),
}

wire_enum! {
    /// How a WebSocket ended.
    pub enum SocketEnd ("socket end") {
        /// Both sides have said so.
        Clean = 0,
        /// The other side is gone.
        Broken = 1,
        /// The other side broke the protocol, or a limit was broken.
        Failed = 2,
    }
}

/// What a close frame says when it has no code.
pub const NO_CLOSE_CODE: u16 = 1005;

/// What a close frame says (RFC 6455 §7.4.1).
pub mod close_code {
    /// Whoever says it goes, or has no time for more.
    pub const GOING_AWAY: u16 = 1001;
    /// The other side breaks the protocol.
    pub const PROTOCOL_ERROR: u16 = 1002;
    /// Stands for a close frame that never came; none says it.
    pub const ABNORMAL: u16 = 1006;
    /// A text is no UTF-8.
    pub const NOT_UTF8: u16 = 1007;
    /// A message is larger than its receiver takes.
    pub const TOO_LARGE: u16 = 1009;
    /// Whoever says it has failed.
    pub const INTERNAL_ERROR: u16 = 1011;
}

impl<'a> MessagePart<'a> {
    /// Its bytes.
    pub fn bytes(&self) -> &'a [u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    /// The credit that sending it takes: an empty part is not for nothing.
    pub fn cost(&self) -> u32 {
        caps::part_cost(self.bytes().len())
    }

    pub(crate) fn read(mut reader: Reader<'a>) -> Result<(bool, Self), WireError> {
        let last = reader.bool("last part")?;
        let is_binary = reader.bool("message kind")?;
        let bytes = reader.rest("message part", caps::CHUNK)?;
        if is_binary {
            return Ok((last, Self::Binary(bytes)));
        }
        let text = core::str::from_utf8(bytes).map_err(|_| WireError::NotUtf8("message part"))?;
        Ok((last, Self::Text(text)))
    }

    pub(crate) fn write(&self, last: bool, writer: &mut Writer<'_>) {
        writer.bool(last);
        writer.bool(matches!(self, Self::Binary(_)));
        writer.raw(self.bytes());
    }
}

/// Whether a close frame may carry `code` (RFC 6455 §7.4), and what it may be for.
pub fn is_close_code(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// A code that goes out: one that may, or 1005 for none.
pub(crate) fn close_code(reader: &mut Reader<'_>) -> Result<u16, WireError> {
    match reader.u16("close code")? {
        code if code == NO_CLOSE_CODE || is_close_code(code) => Ok(code),
        value => Err(WireError::BadValue { what: "close code", value: value.into() }),
    }
}

pub(crate) fn close_reason<'a>(reader: &mut Reader<'a>) -> Result<&'a str, WireError> {
    reader.str("close reason", caps::CLOSE_REASON)
}
