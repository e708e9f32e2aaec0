use insula_wire::WireError;
use thiserror::Error;

/// How an isolate broke the protocol. The link ends there: what sends such bytes is defective or
/// has been taken over.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Breach {
    /// The bytes are no frame.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// A frame names a stream that was never opened, or is over.
    #[error("{what} for stream {stream}, which is not open")]
    NoSuchStream {
        /// The frame.
        what: &'static str,
        /// The stream.
        stream: u32,
    },
    /// A stream number was used a second time.
    #[error("stream {0} was opened before")]
    Reopened(u32),
    /// A request was answered twice.
    #[error("a second answer on stream {0}")]
    AnsweredTwice(u32),
    /// A request ended without an answer.
    #[error("stream {0} is done without an answer")]
    Unanswered(u32),
    /// A body has more bytes on the way than was granted, or was granted too much.
    #[error("a body exceeds its credit")]
    Credit,
    /// A body went on after its end.
    #[error("a body goes on after its end")]
    AfterEnd,
    /// A body that the head did not announce.
    #[error("body bytes on stream {0}, which has no body")]
    NoBody(u32),
    /// What is said on a WebSocket that is none.
    #[error("{what} on stream {stream}, which is no WebSocket")]
    NoSocket {
        /// The frame.
        what: &'static str,
        /// The stream.
        stream: u32,
    },
    /// A frame that belongs to another part of the conversation.
    #[error("{0} out of turn")]
    OutOfTurn(&'static str),
}
