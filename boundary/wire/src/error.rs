use thiserror::Error;

/// What the peer did wrong. Always the peer's fault: a side never produces such bytes itself.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WireError {
    /// A length is above its cap.
    #[error("{what} of {length} bytes is above the cap of {cap}")]
    TooLong {
        /// What was too long.
        what: &'static str,
        /// The length that the peer announced, in bytes or items.
        length: u64,
        /// The cap from [`crate::caps`].
        cap: usize,
    },
    /// The payload ended before the frame was complete.
    #[error("the payload ends inside {0}")]
    Truncated(&'static str),
    /// The payload continues after the frame was complete.
    #[error("{0} bytes follow the end of the frame")]
    TrailingBytes(usize),
    /// No frame has this kind byte in this direction.
    #[error("no frame has the kind {0}")]
    UnknownKind(u8),
    /// A field holds a value that it cannot have.
    #[error("{what} cannot be {value}")]
    BadValue {
        /// The field.
        what: &'static str,
        /// The offending value.
        value: u64,
    },
    /// A string is not UTF-8.
    #[error("{0} is not UTF-8")]
    NotUtf8(&'static str),
    /// A header block is not a sequence of `name LF value LF` with legal names and values.
    #[error("malformed header block: {0}")]
    BadHeaders(&'static str),
    /// The frame names a stream that its kind cannot have.
    #[error("a frame of kind {kind} cannot name stream {stream}")]
    BadStream {
        /// The frame's kind byte.
        kind: u8,
        /// The stream number.
        stream: u32,
    },
}
