//! The control link between the supervisor and a cordon. One packet is one message.

use crate::codec::{Reader, Writer, wire_enum};
use crate::{WireError, caps};

wire_enum! {
    /// Why an isolate's thread ended.
    pub enum ExitReason ("exit reason") {
        /// The host closed the link or asked for shutdown.
        Closed = 0,
        /// The deployment did not start.
        BootFailed = 1,
        /// A limit was broken.
        Limit = 2,
        /// The host broke the protocol.
        Protocol = 3,
        /// A defect of Insula: the isolate was ended, the cordon goes on.
        Defect = 4,
        /// The engine could not create an isolate.
        NoIsolate = 5,
    }
}

/// What the supervisor tells a cordon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SupervisorMessage {
    /// The first message.
    Hello {
        /// [`crate::VERSION`] of the host.
        version: u16,
    },
    /// Start an isolate on the stream socket that came with this packet.
    Start {
        /// A number for this isolate, never used before in this cordon.
        isolate: u64,
    },
    /// Finish: take no more isolates, let the present ones end, exit.
    Drain,
}

/// What a cordon tells the supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CordonMessage {
    /// The engine runs; isolates can be started.
    Hello {
        /// [`crate::VERSION`] of the cordon.
        version: u16,
    },
    /// An isolate's thread has ended and everything it held is freed.
    Exited {
        /// The number from [`SupervisorMessage::Start`].
        isolate: u64,
        /// Why.
        reason: ExitReason,
    },
    /// An isolate does not answer to interrupts.
    Stuck {
        /// The number from [`SupervisorMessage::Start`].
        isolate: u64,
    },
    /// An isolate is in a turn that takes long.
    Long {
        /// The number from [`SupervisorMessage::Start`].
        isolate: u64,
        /// CPU time of that turn, in microseconds, since this was last said.
        cpu_us: u32,
    },
    /// The cordon dies of a fault. Its last word; nothing vouches for it.
    Crashed {
        /// The isolate on whose thread the fault was; 0 when it was another thread.
        isolate: u64,
        /// The signal's number.
        signal: u8,
    },
}

/// Bytes of a [`CordonMessage::Crashed`].
pub const CRASHED_BYTES: usize = 10;

const CRASHED: u8 = 4;

impl SupervisorMessage {
    /// Parses one packet.
    ///
    /// # Errors
    ///
    /// Any [`WireError`].
    pub fn decode(packet: &[u8]) -> Result<Self, WireError> {
        let (kind, mut r) = open(packet)?;
        let message = match kind {
            1 => Self::Hello { version: r.u16("version")? },
            2 => Self::Start { isolate: r.u64("isolate")? },
            3 => Self::Drain,
            kind => return Err(WireError::UnknownKind(kind)),
        };
        r.finish()?;
        Ok(message)
    }

    /// The packet for this message.
    pub fn encode(&self) -> Vec<u8> {
        seal(|w| match *self {
            Self::Hello { version } => {
                w.u8(1);
                w.u16(version);
            }
            Self::Start { isolate } => {
                w.u8(2);
                w.u64(isolate);
            }
            Self::Drain => w.u8(3),
        })
    }
}

impl CordonMessage {
    /// Parses one packet.
    ///
    /// # Errors
    ///
    /// Any [`WireError`].
    pub fn decode(packet: &[u8]) -> Result<Self, WireError> {
        let (kind, mut r) = open(packet)?;
        let message = match kind {
            1 => Self::Hello { version: r.u16("version")? },
            2 => Self::Exited { isolate: r.u64("isolate")?, reason: ExitReason::read(&mut r)? },
            3 => Self::Stuck { isolate: r.u64("isolate")? },
            5 => Self::Long { isolate: r.u64("isolate")?, cpu_us: r.u32("cpu_us")? },
            CRASHED => Self::Crashed { isolate: r.u64("isolate")?, signal: r.u8("signal")? },
            kind => return Err(WireError::UnknownKind(kind)),
        };
        r.finish()?;
        Ok(message)
    }

    /// The packet for this message.
    pub fn encode(&self) -> Vec<u8> {
        seal(|w| match *self {
            Self::Hello { version } => {
                w.u8(1);
                w.u16(version);
            }
            Self::Exited { isolate, reason } => {
                w.u8(2);
                w.u64(isolate);
                reason.write(w);
            }
            Self::Stuck { isolate } => {
                w.u8(3);
                w.u64(isolate);
            }
            Self::Long { isolate, cpu_us } => {
                w.u8(5);
                w.u64(isolate);
                w.u32(cpu_us);
            }
            Self::Crashed { isolate, signal } => {
                for byte in Self::crashed_packet(isolate, signal) {
                    w.u8(byte);
                }
            }
        })
    }

    /// The packet for a [`Crashed`](Self::Crashed), made without asking an allocator: it is sent
    /// from the handler of a signal.
    pub fn crashed_packet(isolate: u64, signal: u8) -> [u8; CRASHED_BYTES] {
        let [a, b, c, d, e, f, g, h] = isolate.to_le_bytes();
        [CRASHED, a, b, c, d, e, f, g, h, signal]
    }
}

fn open(packet: &[u8]) -> Result<(u8, Reader<'_>), WireError> {
    crate::codec::check_cap("control message", packet.len(), caps::CONTROL)?;
    let mut r = Reader::new(packet);
    Ok((r.u8("control message")?, r))
}

fn seal(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut Writer { out: &mut out });
    out
}
