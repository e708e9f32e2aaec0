//! What arrives on a WebSocket: RFC 6455, without input and output.
//!
//! A message is passed on as it comes, in pieces: it is put together where its memory is paid for.

use std::io::Cursor;

use bytes::{Buf, Bytes, BytesMut};
use insula_wire::{NO_CLOSE_CODE, close_code, is_close_code};
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::Role;

/// Bytes in the payload of a control frame (§5.5).
const CONTROL: u64 = 125;

/// What has arrived.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A part of a message; each part of a text is UTF-8 by itself.
    Part {
        is_text: bool,
        last: bool,
        bytes: Bytes,
    },
    /// There is a part of a message, for which no room was given.
    Waiting,
    /// A part of a message, with nothing in it.
    Empty,
    Ping(Bytes),
    Pong,
    Close {
        code: u16,
        reason: String,
    },
}

/// How the other side breaks the protocol, or a limit.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Violation {
    Protocol,
    NotUtf8,
    TooLarge,
}

impl Violation {
    /// What the other side is told.
    pub(super) fn close_code(&self) -> u16 {
        match self {
            Self::Protocol => close_code::PROTOCOL_ERROR,
            Self::NotUtf8 => close_code::NOT_UTF8,
            Self::TooLarge => close_code::TOO_LARGE,
        }
    }
}

/// Takes frames apart.
#[derive(Debug)]
pub(super) struct Reader {
    role: Role,
    /// Bytes of one message.
    limit: u64,
    /// What was read and not yet looked at.
    pub(super) buffer: BytesMut,
    frame: Option<Frame>,
    message: Option<Message>,
}

/// The frame whose payload is arriving.
#[derive(Debug)]
struct Frame {
    opcode: OpCode,
    is_final: bool,
    mask: [u8; 4],
    left: u64,
}

/// The message of which a part has arrived.
#[derive(Debug)]
struct Message {
    is_text: bool,
    size: u64,
    /// The beginning of a character whose rest has not arrived.
    tail: Bytes,
}

impl Reader {
    pub(super) fn new(role: Role, limit: u64) -> Self {
        Self { role, limit, buffer: BytesMut::new(), frame: None, message: None }
    }

    /// The next event, if it is there; a part of a message is at most `room` bytes long.
    pub(super) fn next(&mut self, room: usize) -> Result<Option<Event>, Violation> {
        loop {
            if self.frame.is_none() && !self.take_header()? {
                return Ok(None);
            }
            let Some(frame) = &self.frame else { return Ok(None) };
            let event = match frame.opcode {
                OpCode::Control(control) => self.control(control)?,
                OpCode::Data(_) if room == 0 => Some(Event::Waiting),
                OpCode::Data(_) if frame.left > 0 && self.buffer.is_empty() => None,
                OpCode::Data(_) => match (frame.left, self.part(room)?) {
                    (0, None) => Some(Event::Empty),
                    (_, None) => continue,
                    (_, part) => part,
                },
            };
            return Ok(event);
        }
    }

    /// Takes the next frame's header off; `false` if it is not here whole.
    fn take_header(&mut self) -> Result<bool, Violation> {
        let mut cursor = Cursor::new(&self.buffer[..]);
        let parsed = FrameHeader::parse(&mut cursor).map_err(|_| Violation::Protocol)?;
        let Some((header, length)) = parsed else { return Ok(false) };
        let taken = cursor.position() as usize;
        let extended = header.rsv1 || header.rsv2 || header.rsv3;
        if extended || header.mask.is_some() != (self.role == Role::Server) {
            return Err(Violation::Protocol);
        }
        match header.opcode {
            OpCode::Control(Control::Reserved(_)) | OpCode::Data(Data::Reserved(_)) => {
                return Err(Violation::Protocol);
            }
            OpCode::Control(_) if !header.is_final || length > CONTROL => {
                return Err(Violation::Protocol);
            }
            OpCode::Control(_) => {}
            OpCode::Data(data) => self.begin(data, length)?,
        }
        self.buffer.advance(taken);
        self.frame = Some(Frame {
            opcode: header.opcode,
            is_final: header.is_final,
            mask: header.mask.unwrap_or_default(),
            left: length,
        });
        Ok(true)
    }

    /// A frame of a message begins: of a new one, or of the one that is not complete.
    fn begin(&mut self, data: Data, length: u64) -> Result<(), Violation> {
        if (data == Data::Continue) != self.message.is_some() {
            return Err(Violation::Protocol);
        }
        let is_text = data == Data::Text;
        let message = self.message.get_or_insert(Message { is_text, size: 0, tail: Bytes::new() });
        message.size = message.size.saturating_add(length);
        if message.size > self.limit { Err(Violation::TooLarge) } else { Ok(()) }
    }

    fn control(&mut self, control: Control) -> Result<Option<Event>, Violation> {
        let length = self.frame.as_ref().map_or(0, |frame| frame.left) as usize;
        if self.buffer.len() < length {
            return Ok(None);
        }
        let payload = self.payload(length);
        self.frame = None;
        Ok(Some(match control {
            Control::Ping => Event::Ping(payload),
            Control::Pong => Event::Pong,
            _ => close(&payload)?,
        }))
    }

    /// What is here of a message; `None` if it is no whole character.
    fn part(&mut self, room: usize) -> Result<Option<Event>, Violation> {
        let (Some(frame), Some(message)) = (&self.frame, &mut self.message) else {
            return Err(Violation::Protocol);
        };
        let (is_text, tail) = (message.is_text, std::mem::take(&mut message.tail));
        let left = usize::try_from(frame.left).unwrap_or(usize::MAX);
        let length = left.min(self.buffer.len()).min(room.saturating_sub(tail.len()).max(1));
        let is_final = frame.is_final;
        let payload = self.payload(length);
        let is_over = self.frame.as_ref().is_none_or(|frame| frame.left == 0);
        if is_over {
            self.frame = None;
        }
        let last = is_over && is_final;
        let mut bytes = match tail.is_empty() {
            true => payload,
            false => [tail, payload].concat().into(),
        };
        if is_text {
            let tail = bytes.split_off(whole_characters(&bytes)?);
            if last && !tail.is_empty() {
                return Err(Violation::NotUtf8);
            }
            if let Some(message) = &mut self.message {
                message.tail = tail;
            }
        }
        if last {
            self.message = None;
        }
        Ok((last || !bytes.is_empty()).then_some(Event::Part { is_text, last, bytes }))
    }

    /// Takes `length` bytes of the frame's payload, which are here, and lifts the mask.
    fn payload(&mut self, length: usize) -> Bytes {
        let mut payload = self.buffer.split_to(length);
        if let Some(frame) = &mut self.frame {
            frame.left -= length as u64;
            if self.role == Role::Server {
                super::apply_mask(&mut payload, frame.mask);
                frame.mask.rotate_left(length % 4);
            }
        }
        payload.freeze()
    }
}

/// Bytes of `bytes` that are whole characters, if what follows them may be the beginning of one.
fn whole_characters(bytes: &[u8]) -> Result<usize, Violation> {
    match std::str::from_utf8(bytes) {
        Ok(_) => Ok(bytes.len()),
        Err(error) if error.error_len().is_none() => Ok(error.valid_up_to()),
        Err(_) => Err(Violation::NotUtf8),
    }
}

fn close(payload: &[u8]) -> Result<Event, Violation> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        let reason = String::new();
        let close = Event::Close { code: NO_CLOSE_CODE, reason };
        return if payload.is_empty() { Ok(close) } else { Err(Violation::Protocol) };
    };
    let code = u16::from_be_bytes(*code);
    if !is_close_code(code) {
        return Err(Violation::Protocol);
    }
    let reason = std::str::from_utf8(reason).map_err(|_| Violation::NotUtf8)?;
    Ok(Event::Close { code, reason: reason.to_owned() })
}

#[cfg(test)]
mod any_input;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::websocket::Frames;

    const LIMIT: u64 = 1000;

    /// All events of `bytes`, read in pieces of `pace`, with room for `room`.
    fn events(bytes: &[u8], pace: usize, room: usize) -> Result<Vec<Event>, Violation> {
        let mut reader = Reader::new(Role::Server, LIMIT);
        let mut events = Vec::new();
        for piece in bytes.chunks(pace) {
            reader.buffer.extend_from_slice(piece);
            while let Some(event) = reader.next(room)? {
                events.push(event);
            }
        }
        Ok(events)
    }

    /// A frame: what it is, whether it is the last one, its payload.
    type Sent<'a> = (OpCode, bool, &'a [u8]);

    /// What a client sends.
    fn sent(frames: &[Sent<'_>]) -> Vec<u8> {
        let mut out = Frames::new(Role::Client);
        frames.iter().for_each(|(opcode, is_final, payload)| out.push(*opcode, *is_final, payload));
        out.bytes.to_vec()
    }

    const TEXT: OpCode = OpCode::Data(Data::Text);
    const BINARY: OpCode = OpCode::Data(Data::Binary);
    const CONTINUE: OpCode = OpCode::Data(Data::Continue);
    const PING: OpCode = OpCode::Control(Control::Ping);
    const CLOSE: OpCode = OpCode::Control(Control::Close);

    fn joined(events: &[Event]) -> (Vec<u8>, usize) {
        let mut whole = Vec::new();
        let mut ends = 0;
        for event in events {
            if let Event::Part { last, bytes, is_text } = event {
                assert!(!is_text || std::str::from_utf8(bytes).is_ok(), "{bytes:?}");
                whole.extend_from_slice(bytes);
                ends += usize::from(*last);
            }
        }
        (whole, ends)
    }

    #[test]
    fn messages_arrive_at_any_pace() {
        let text = "aé€😀".repeat(30);
        let (one, two) = text.as_bytes().split_at(101);
        let bytes = sent(&[
            (TEXT, false, one),
            (PING, true, b"now"),
            (CONTINUE, false, b""),
            (CONTINUE, true, two),
            (BINARY, true, b""),
        ]);
        for pace in [1, 2, 3, 7, 64, 10_000] {
            for room in [4, 5, 100, 10_000] {
                let events = events(&bytes, pace, room).expect("legal");
                assert_eq!(joined(&events), (text.clone().into_bytes(), 2));
                assert!(events.contains(&Event::Ping(Bytes::from_static(b"now"))));
            }
        }
    }

    #[test]
    fn a_part_waits_for_room() {
        let bytes = sent(&[(PING, true, b""), (TEXT, true, b"x")]);
        let mut reader = Reader::new(Role::Server, LIMIT);
        reader.buffer.extend_from_slice(&bytes);
        assert_eq!(reader.next(0), Ok(Some(Event::Ping(Bytes::new()))));
        assert_eq!(reader.next(0), Ok(Some(Event::Waiting)));
        assert_eq!(reader.next(0), Ok(Some(Event::Waiting)));
        assert!(matches!(reader.next(9), Ok(Some(Event::Part { last: true, .. }))));
        assert_eq!(reader.next(0), Ok(None));
    }

    #[test]
    fn parts_with_nothing_in_them_are_told_one_by_one() {
        let empty = (CONTINUE, false, &b""[..]);
        let frames =
            [(BINARY, false, &b""[..]), empty, empty, (CONTINUE, true, b"x"), (TEXT, true, b"")];
        let part = |is_text, bytes| Event::Part { is_text, last: true, bytes };
        let expected = [
            Event::Empty,
            Event::Empty,
            Event::Empty,
            part(false, Bytes::from_static(b"x")),
            // A whole message, even so.
            part(true, Bytes::new()),
        ];
        assert_eq!(events(&sent(&frames), 1, 9).as_deref(), Ok(&expected[..]));
        assert_eq!(events(&sent(&frames), 1000, 9).as_deref(), Ok(&expected[..]));
    }

    #[test]
    fn breaches_have_their_codes() {
        let large = vec![b'x'; LIMIT as usize + 1];
        let half = &large[..LIMIT as usize / 2 + 1];
        let rows: &[(&[Sent<'_>], Violation)] = &[
            (&[(CONTINUE, true, b"x")], Violation::Protocol),
            (&[(TEXT, false, b"x"), (TEXT, true, b"x")], Violation::Protocol),
            (&[(PING, false, b"x")], Violation::Protocol),
            (&[(PING, true, &large[..126])], Violation::Protocol),
            (&[(OpCode::Data(Data::Reserved(3)), true, b"")], Violation::Protocol),
            (&[(OpCode::Control(Control::Reserved(11)), true, b"")], Violation::Protocol),
            (&[(TEXT, true, b"\xff")], Violation::NotUtf8),
            (&[(TEXT, true, "é".as_bytes().split_at(1).0)], Violation::NotUtf8),
            (&[(TEXT, false, b"\xe2"), (CONTINUE, true, b"x")], Violation::NotUtf8),
            (&[(BINARY, true, &large)], Violation::TooLarge),
            (&[(BINARY, false, half), (CONTINUE, true, half)], Violation::TooLarge),
            (&[(CLOSE, true, b"\x03")], Violation::Protocol),
            (&[(CLOSE, true, b"\x03\xed")], Violation::Protocol),
            (&[(CLOSE, true, b"\x03\xe8\xff")], Violation::NotUtf8),
        ];
        for (frames, violation) in rows {
            let result = events(&sent(frames), 1 << 20, 1 << 20);
            assert_eq!(result.as_ref(), Err(violation), "{frames:?}");
        }
        let mut unmasked = Frames::new(Role::Server);
        unmasked.push(TEXT, true, b"x");
        assert_eq!(events(&unmasked.bytes, 1, 9), Err(Violation::Protocol));
        let mut compressed = sent(&[(TEXT, true, b"x")]);
        compressed[0] |= 0x40;
        assert_eq!(events(&compressed, 1, 9), Err(Violation::Protocol));
    }

    #[test]
    fn the_end_has_a_code_and_a_reason_or_neither() {
        let close = |payload: &[u8]| events(&sent(&[(CLOSE, true, payload)]), 1, 1);
        let expected = |code, reason: &str| Ok(vec![Event::Close { code, reason: reason.into() }]);
        assert_eq!(close(b""), expected(NO_CLOSE_CODE, ""));
        assert_eq!(close(b"\x03\xe8"), expected(1000, ""));
        assert_eq!(close(b"\x0f\xa0bye"), expected(4000, "bye"));
    }
}
