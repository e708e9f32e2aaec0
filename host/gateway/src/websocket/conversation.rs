//! One WebSocket from its opening to its end.

use std::task::Poll;

use bytes::{BufMut, Bytes, BytesMut};
use insula_supervisor::{Said, Socket};
use insula_wire::close_code::{ABNORMAL, GOING_AWAY};
use insula_wire::{MessagePart, SocketEnd, caps};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::{Duration, Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::allowance::Allowance;
use super::reader::{Event, Reader, Violation};
use super::{Frames, Role, Terms};

/// Bytes that may wait on their way out before the isolate is asked for no more: a part of a message at the most comes
/// on top, and there are many WebSockets.
const FULL: usize = 16 << 10;

/// Bytes that are read at once.
const READ: usize = 16 << 10;

/// How long the other side may take to say goodbye, and the last bytes to get out.
const GOODBYE: Duration = Duration::from_secs(5);

/// How long what comes too late is read.
const LINGER: Duration = Duration::from_secs(2);

/// Bytes of it that are read at once, and how long not to read then.
const LATE: usize = 64 << 10;
const LATE_REST: Duration = Duration::from_millis(50);

/// Bytes that nobody hears, and that count as one more frame.
const UNHEARD: usize = 4 << 10;

/// Room for fewer bytes is none.
const LEAST: usize = 64;

/// How a conversation ends: what the isolate is told.
struct End {
    end: SocketEnd,
    code: u16,
    reason: String,
}

/// Carries messages between `io` and an isolate until one of them, or `leaving`, ends it, and both know. Returns what
/// there is to [linger] on.
pub(crate) async fn converse<T>(
    io: T,
    socket: Socket,
    role: Role,
    terms: Terms,
    leaving: CancellationToken,
) -> ReadHalf<T>
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    let now = Instant::now();
    let (input, output) = tokio::io::split(io);
    let mut conversation = Conversation {
        input,
        output,
        socket: &socket,
        reader: Reader::new(role, terms.message_bytes),
        out: Frames::new(role),
        terms,
        waits_for_room: false,
        allowance: Allowance::new(now),
        resting: None,
        appetite: READ / 16,
        mid_message: false,
        pong: None,
        asked: None,
        heard: now,
        written: now,
        looked: now,
        message: now,
        deadline: None,
    };
    let End { end, code, reason } = conversation.run(leaving).await;
    if end != SocketEnd::Broken {
        conversation.finish().await;
    }
    let Conversation { input, .. } = conversation;
    socket.end(end, code, &reason);
    input
}

/// Reads what comes too late: a connection that is closed with something unread is torn down, and the other side may not
/// get to see why.
pub(crate) async fn linger<T: AsyncRead>(mut input: ReadHalf<T>) {
    let mut waste = [0; 4096];
    let rest = async {
        let mut late = 0;
        while let Ok(bytes @ 1..) = input.read(&mut waste).await {
            late += bytes;
            // Whoever sends without end has no claim to this host's time.
            if late >= LATE {
                late = 0;
                sleep(LATE_REST).await;
            }
        }
    };
    // Long enough for anybody who is polite.
    let _ = timeout(LINGER, rest).await;
}

struct Conversation<'a, T> {
    input: ReadHalf<T>,
    output: WriteHalf<T>,
    socket: &'a Socket,
    reader: Reader,
    out: Frames,
    terms: Terms,
    /// Nothing is read until the isolate takes more.
    waits_for_room: bool,
    /// What may be read that no isolate pays for.
    allowance: Allowance,
    /// Until when nothing is read, because too much of that has come.
    resting: Option<Instant>,
    /// Bytes that are read at once: many have little to say, and wait long.
    appetite: usize,
    /// A message of the isolate's is not complete.
    mid_message: bool,
    /// The last ping, which waits for its answer.
    pong: Option<Bytes>,
    /// When the other side was asked whether it lives, if it has said nothing since.
    asked: Option<Instant>,
    /// When it was last heard, took something, and when there was a message.
    heard: Instant,
    written: Instant,
    message: Instant,
    /// When it was last looked whether the isolate has lost its patience.
    looked: Instant,
    /// Until when the other side may answer the close frame that it was sent.
    deadline: Option<Instant>,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Conversation<'_, T> {
    async fn run(&mut self, leaving: CancellationToken) -> End {
        loop {
            if let Some(end) = self.digest() {
                return end;
            }
            if self.out.bytes.len() < FULL
                && let Some(payload) = self.pong.take()
            {
                self.out.push(OpCode::Control(Control::Pong), true, &payload);
            }
            if self.out.failed {
                return End::broken();
            }
            let is_closing = self.deadline.is_some();
            let (socket, look) = (self.socket, self.next_look());
            let resting = self.resting;
            let reads = !self.waits_for_room && resting.is_none();
            if reads {
                self.reader.buffer.reserve(self.appetite);
            }
            // A buffer may have more room than was asked for, and would grow with what fills it.
            let mut free = (&mut self.reader.buffer).limit(self.appetite);
            tokio::select! {
                read = self.input.read_buf(&mut free), if reads => match read {
                    Ok(bytes @ 1..) => {
                        self.heard = Instant::now();
                        self.asked = None;
                        self.appetite = if bytes < self.appetite { READ / 16 } else { READ };
                    }
                    _ => return End::broken(),
                },
                wrote = self.output.write_buf(&mut self.out.bytes), if !self.out.bytes.is_empty() => match wrote {
                    Ok(1..) => self.written = Instant::now(),
                    _ => return End::broken(),
                },
                said = socket.said(), if !is_closing && self.out.bytes.len() < FULL => self.say(said),
                _ = socket.room(), if self.waits_for_room => self.waits_for_room = false,
                () = sleep_until(resting.unwrap_or(look)), if resting.is_some() => self.resting = None,
                () = leaving.cancelled(), if !is_closing => self.close(GOING_AWAY, ""),
                () = sleep_until(look) => {
                    if let Some(end) = self.look() {
                        return end;
                    }
                }
            }
        }
    }

    /// Handles what was read, as far as the isolate takes it.
    fn digest(&mut self) -> Option<End> {
        let mut left = 0;
        let mut is_heard = true;
        while !self.waits_for_room && self.resting.is_none() {
            // A part should be worth its frame.
            let room = if left < LEAST { 0 } else { left };
            match self.reader.next(room) {
                Ok(None) => return None,
                Ok(Some(Event::Waiting)) => match self.socket.room_now() {
                    // Nobody takes what the other side says: it is read for its end alone.
                    Poll::Ready(room) => {
                        is_heard = room.is_some();
                        left = room.unwrap_or(caps::CHUNK);
                    }
                    Poll::Pending => self.waits_for_room = true,
                },
                Ok(Some(Event::Part { is_text, last, bytes })) => {
                    self.message = Instant::now();
                    left = room.saturating_sub(caps::part_cost(bytes.len()) as usize);
                    self.pass_on(is_text, last, &bytes);
                    if !is_heard {
                        self.resting = self.allowance.spend(1 + (bytes.len() / UNHEARD) as u64);
                    }
                }
                Ok(Some(Event::Ping(payload))) => {
                    self.pong = Some(payload);
                    self.resting = self.allowance.spend(1);
                }
                Ok(Some(Event::Pong | Event::Empty)) => self.resting = self.allowance.spend(1),
                Ok(Some(Event::Close { code, reason })) => {
                    if self.deadline.is_none() {
                        self.out.close(code, &reason);
                    }
                    return Some(End { end: SocketEnd::Clean, code, reason });
                }
                Err(violation) => return Some(self.refuse(&violation)),
            }
        }
        None
    }

    fn pass_on(&self, is_text: bool, last: bool, bytes: &[u8]) {
        if !is_text {
            return self.socket.send(last, MessagePart::Binary(bytes));
        }
        // The reader has seen to it.
        if let Ok(text) = std::str::from_utf8(bytes) {
            self.socket.send(last, MessagePart::Text(text));
        }
    }

    fn say(&mut self, said: Said) {
        match said {
            Said::Part { is_text, last, bytes } => {
                self.message = Instant::now();
                let data = match (self.mid_message, is_text) {
                    (true, _) => Data::Continue,
                    (false, true) => Data::Text,
                    (false, false) => Data::Binary,
                };
                self.mid_message = !last;
                if self.out.bytes.is_empty() {
                    self.written = self.message;
                }
                self.out.push(OpCode::Data(data), last, &bytes);
            }
            Said::Close { code, reason } => self.close(code, &reason),
            Said::Gone(code) => self.close(code, ""),
        }
    }

    fn close(&mut self, code: u16, reason: &str) {
        self.out.close(code, reason);
        self.deadline = Some(Instant::now() + GOODBYE);
    }

    /// The other side has broken the protocol, or a limit.
    fn refuse(&mut self, violation: &Violation) -> End {
        if self.deadline.is_none() {
            self.out.close(violation.close_code(), "");
        }
        End { end: SocketEnd::Failed, code: ABNORMAL, reason: String::new() }
    }

    /// When to look whether the other side is still there.
    fn next_look(&self) -> Instant {
        let quiet = self.asked.unwrap_or(self.heard) + self.terms.ping;
        let stalled = self.written + 2 * self.terms.ping;
        let idle = self.message + self.terms.idle;
        let next = match self.out.bytes.is_empty() {
            true => quiet.min(idle),
            false => quiet.min(idle).min(stalled).min(self.written.max(self.looked) + GOODBYE),
        };
        self.deadline.map_or(next, |deadline| deadline.min(next))
    }

    fn look(&mut self) -> Option<End> {
        let now = Instant::now();
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            return Some(End::broken());
        }
        if !self.out.bytes.is_empty() {
            let stalled = now >= self.written + 2 * self.terms.ping;
            let unwanted = now >= self.written + GOODBYE && self.socket.is_closing();
            if stalled || unwanted {
                return Some(End::broken());
            }
        }
        self.looked = now;
        // Who is looked at has been quiet: what the last burst needed goes.
        if self.reader.buffer.is_empty() {
            self.reader.buffer = BytesMut::new();
        }
        if self.out.bytes.is_empty() {
            self.out.bytes = BytesMut::new();
        }
        if self.waits_for_room || self.resting.is_some() {
            // It may speak and is not listened to.
            self.heard = now;
            self.asked = None;
        } else if now >= self.asked.unwrap_or(self.heard) + self.terms.ping {
            if self.asked.is_some() {
                return Some(End::broken());
            }
            self.asked = Some(now);
            if self.out.bytes.is_empty() {
                self.out.push(OpCode::Control(Control::Ping), true, b"");
                self.written = now;
            }
        }
        if now >= self.message + self.terms.idle && self.deadline.is_none() {
            self.message = now;
            self.close(GOING_AWAY, "no message for too long");
        }
        None
    }

    /// Lets the last bytes out.
    async fn finish(&mut self) {
        let last = async {
            while !self.out.bytes.is_empty() {
                if !matches!(self.output.write_buf(&mut self.out.bytes).await, Ok(1..)) {
                    return;
                }
            }
            // The other side may have closed it already.
            let _ = self.output.shutdown().await;
        };
        if timeout(GOODBYE, last).await.is_err() {
            tracing::debug!("the other side of a WebSocket does not take its end");
        }
    }
}

impl End {
    fn broken() -> Self {
        Self { end: SocketEnd::Broken, code: ABNORMAL, reason: String::new() }
    }
}
