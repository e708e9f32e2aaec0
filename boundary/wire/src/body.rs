use crate::codec::{Reader, Writer};
use crate::{WireError, caps};

/// How a message's body travels. Always the last field of a head frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BodyHead<'a> {
    /// The message has no body (not even an empty one).
    #[default]
    None,
    /// The whole body: at most [`caps::INLINE_BODY`] bytes.
    Inline(&'a [u8]),
    /// The body follows in chunks.
    Stream {
        /// Its length in bytes, when the sender knows it.
        length: Option<u64>,
    },
}

impl<'a> BodyHead<'a> {
    pub(crate) fn read(mut reader: Reader<'a>) -> Result<Self, WireError> {
        let body = match reader.u8("body kind")? {
            0 => Self::None,
            1 => return Ok(Self::Inline(reader.rest("inline body", caps::INLINE_BODY)?)),
            2 => Self::Stream { length: None },
            3 => Self::Stream { length: Some(reader.u64("body length")?) },
            value => return Err(WireError::BadValue { what: "body kind", value: value.into() }),
        };
        reader.finish()?;
        Ok(body)
    }

    pub(crate) fn write(self, writer: &mut Writer<'_>) {
        match self {
            Self::None => writer.u8(0),
            Self::Inline(bytes) => {
                writer.u8(1);
                writer.raw(bytes);
            }
            Self::Stream { length: None } => writer.u8(2),
            Self::Stream { length: Some(length) } => {
                writer.u8(3);
                writer.u64(length);
            }
        }
    }
}
