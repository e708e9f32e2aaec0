use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use insula_wire::{MessagePart, SocketEnd, close_code};

use crate::link::Link;
use crate::stats::SocketPermit;

/// The host's end of an isolate's WebSocket. Dropping it tells the isolate that the other side is
/// gone.
pub struct Socket {
    link: Arc<Link>,
    stream: u32,
    over: bool,
    permit: Option<SocketPermit>,
}

/// What an isolate says on a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A part of a message; each part of a text is UTF-8 by itself.
    Part {
        /// Whether the message is a text.
        is_text: bool,
        /// Whether the message ends here.
        last: bool,
        /// The content.
        bytes: Bytes,
    },
    /// It shall end.
    Close {
        /// The code for the other side; 1005 for none.
        code: u16,
        /// The reason for the other side.
        reason: String,
    },
    /// The isolate has no more to say, and hears no more. With the code for the other side.
    Gone(u16),
}

impl Socket {
    pub(crate) fn new(link: Arc<Link>, stream: u32) -> Self {
        Self { link, stream, over: false, permit: None }
    }

    /// Holds the right to be open for as long as it is.
    pub(crate) fn hold(&mut self, permit: Option<SocketPermit>) {
        self.permit = permit;
    }

    /// What the isolate says next. May be dropped and called again.
    pub async fn said(&self) -> Said {
        poll_fn(|cx| self.link.poll_said(self.stream, cx)).await
    }

    /// Waits until the isolate takes some of a message; returns how many bytes, or `None` when it
    /// takes none any more. May be dropped and called again.
    pub async fn room(&self) -> Option<usize> {
        poll_fn(|cx| self.link.poll_room(self.stream, cx)).await
    }

    /// How many bytes the isolate takes of a message now, as [`room`](Self::room) says it. The room is shared
    /// with others and is not kept: whoever has it uses it before it awaits anything.
    pub fn room_now(&self) -> Poll<Option<usize>> {
        self.link.poll_room(self.stream, &Context::from_waker(Waker::noop()))
    }

    /// Whether the isolate has asked for the end, perhaps after messages that nobody has read.
    pub fn is_closing(&self) -> bool {
        self.link.is_closing(self.stream)
    }

    /// Sends a part of a message to the isolate: at most as many bytes as there is [room](Self::room_now) for.
    pub fn send(&self, last: bool, part: MessagePart<'_>) {
        self.link.send_part(self.stream, last, part);
    }

    /// Tells the isolate how it ended.
    pub fn end(mut self, end: SocketEnd, code: u16, reason: &str) {
        self.over = true;
        self.link.end_socket(self.stream, end, code, reason);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if !self.over {
            self.link.end_socket(self.stream, SocketEnd::Broken, close_code::ABNORMAL, "");
        }
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("stream", &self.stream).finish_non_exhaustive()
    }
}
