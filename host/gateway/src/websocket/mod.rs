//! WebSockets: between a connection that has switched protocols and an isolate.

mod allowance;
mod conversation;
mod handshake;
mod reader;

use std::time::Duration;

use bytes::BytesMut;
use insula_supervisor::Limits;
use insula_wire::NO_CLOSE_CODE;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, OpCode};

pub(crate) use self::conversation::{converse, linger};
pub(crate) use self::handshake::{Answer, Asked, Offer};

/// Which side of the connection this host is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Server,
    Client,
}

/// What bounds a WebSocket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    /// Bytes of a message that arrives.
    pub(crate) message_bytes: u64,
    /// How long the other side may say nothing before it is asked whether it lives; and then again
    /// before it is given up.
    pub(crate) ping: Duration,
    /// How long there may be no message.
    pub(crate) idle: Duration,
}

impl Terms {
    pub(crate) fn of(limits: &Limits) -> Self {
        Self {
            message_bytes: limits.websocket_message_bytes,
            ping: within_a_day(limits.websocket_ping_ms),
            idle: within_a_day(limits.websocket_idle_ms),
        }
    }
}

/// A time that a clock can show.
fn within_a_day(ms: u64) -> Duration {
    Duration::from_millis(ms.clamp(1, 24 * 3600 * 1000))
}

/// Frames on their way out.
#[derive(Debug)]
pub(crate) struct Frames {
    role: Role,
    pub(crate) bytes: BytesMut,
    random: Random,
    /// There was no mask for a frame, which is missing: the conversation cannot go on.
    pub(crate) failed: bool,
}

/// Where unpredictable bytes come from.
type Random = fn(&mut [u8]) -> Result<(), getrandom::Error>;

impl Frames {
    pub(crate) fn new(role: Role) -> Self {
        Self { role, bytes: BytesMut::new(), random: getrandom::fill, failed: false }
    }

    pub(crate) fn push(&mut self, opcode: OpCode, is_final: bool, payload: &[u8]) {
        let Ok(mask) = self.mask() else {
            tracing::error!("a WebSocket ends: the system gives no random numbers");
            self.failed = true;
            return;
        };
        let header = FrameHeader { is_final, opcode, mask, ..FrameHeader::default() };
        let mut head = Vec::with_capacity(14);
        // Nothing that is written to memory fails.
        if header.format(payload.len() as u64, &mut head).is_err() {
            return;
        }
        self.bytes.extend_from_slice(&head);
        let start = self.bytes.len();
        self.bytes.extend_from_slice(payload);
        if let Some(mask) = mask {
            apply_mask(&mut self.bytes[start..], mask);
        }
    }

    pub(crate) fn close(&mut self, code: u16, reason: &str) {
        let mut payload = Vec::new();
        if code != NO_CLOSE_CODE {
            payload.extend_from_slice(&code.to_be_bytes());
            payload.extend_from_slice(reason.as_bytes());
        }
        self.push(OpCode::Control(Control::Close), true, &payload);
    }

    /// §5.3: who is asked to carry the bytes must not be able to choose them.
    fn mask(&self) -> Result<Option<[u8; 4]>, getrandom::Error> {
        if self.role == Role::Server {
            return Ok(None);
        }
        let mut mask = [0; 4];
        (self.random)(&mut mask)?;
        Ok(Some(mask))
    }
}

fn apply_mask(bytes: &mut [u8], mask: [u8; 4]) {
    for chunk in bytes.chunks_mut(4) {
        chunk.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_out_with_a_mask_that_can_be_known() {
        let mut frames = Frames::new(Role::Client);
        frames.random = |_| Err(getrandom::Error::UNSUPPORTED);
        frames.close(1000, "");
        assert!(frames.failed && frames.bytes.is_empty());
        let mut frames = Frames::new(Role::Server);
        frames.random = |_| Err(getrandom::Error::UNSUPPORTED);
        frames.close(1000, "");
        assert!(!frames.failed && frames.bytes[..] == [0x88, 2, 3, 0xe8]);
    }
}
