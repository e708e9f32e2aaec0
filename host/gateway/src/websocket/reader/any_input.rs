//! What must hold for any bytes that arrive, legal or not.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::websocket::Frames;

const LIMIT: u64 = 400;

/// What the bytes of a connection come to, however they were cut.
#[derive(Debug, Default, PartialEq, Eq)]
struct Read {
    /// Messages that are complete.
    messages: Vec<(bool, Vec<u8>)>,
    /// All else, and after how many messages.
    others: Vec<(usize, Event)>,
    violation: Option<Violation>,
}

fn read(role: Role, bytes: &[u8], pace: usize, room: usize) -> Read {
    let mut reader = Reader::new(role, LIMIT);
    let mut read = Read::default();
    let mut message = Vec::new();
    for piece in bytes.chunks(pace) {
        reader.buffer.extend_from_slice(piece);
        loop {
            match reader.next(room) {
                Ok(None) => break,
                Err(violation) => return Read { violation: Some(violation), ..read },
                Ok(Some(Event::Part { is_text, last, bytes })) => {
                    // A character may be larger than the room.
                    assert!(bytes.len() <= room.max(4), "{} for {room}", bytes.len());
                    assert!(!is_text || std::str::from_utf8(&bytes).is_ok());
                    assert!(last || !bytes.is_empty(), "a part is worth something");
                    message.extend_from_slice(&bytes);
                    assert!(message.len() as u64 <= LIMIT);
                    if last {
                        read.messages.push((is_text, std::mem::take(&mut message)));
                    }
                }
                Ok(Some(event)) => {
                    assert_ne!(event, Event::Waiting, "there is room");
                    read.others.push((read.messages.len(), event));
                }
            }
        }
    }
    read
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "[aé€😀]{0,60}".prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..150),
        // The end of a connection, with a code that may be none.
        1 => (990u16..1020, "[a-é]{0,9}").prop_map(|(code, reason)| [&code.to_be_bytes(), reason.as_bytes()].concat()),
    ]
}

/// Frames of which most are legal; few sequences are.
fn frames(role: Role) -> impl Strategy<Value = Vec<u8>> {
    let frame = (prop_oneof![6 => 0u8..3, 3 => 8u8..11, 1 => 0u8..16], any::<bool>(), payload());
    vec(frame, 1..8).prop_map(move |frames| {
        let mut out = Frames::new(role);
        for (opcode, is_final, payload) in frames {
            out.push(OpCode::from(opcode), is_final || opcode >= 8, &payload);
        }
        out.bytes.to_vec()
    })
}

/// The same message in two frames, cut anywhere.
fn halves() -> impl Strategy<Value = (String, Vec<u8>)> {
    ("[aé€😀]{1,60}", any::<prop::sample::Index>()).prop_map(|(text, at)| {
        let (one, two) = text.as_bytes().split_at(at.index(text.len()));
        let mut out = Frames::new(Role::Client);
        out.push(OpCode::Data(Data::Text), false, one);
        out.push(OpCode::Data(Data::Continue), true, two);
        (text, out.bytes.to_vec())
    })
}

fn agree(role: Role, bytes: &[u8], pace: usize, room: usize) -> Result<(), TestCaseError> {
    let whole = read(role, bytes, bytes.len().max(1), usize::MAX);
    prop_assert_eq!(read(role, bytes, pace, room), whole);
    Ok(())
}

proptest! {
    #[test]
    fn the_pace_changes_nothing_for_frames(bytes in frames(Role::Client), pace in 1usize..40, room in 1usize..70) {
        agree(Role::Server, &bytes, pace, room)?;
    }

    #[test]
    fn nor_for_frames_of_a_server(bytes in frames(Role::Server), pace in 1usize..40, room in 1usize..70) {
        agree(Role::Client, &bytes, pace, room)?;
    }

    #[test]
    fn nor_for_frames_with_a_fault(
        mut bytes in frames(Role::Client), at in any::<prop::sample::Index>(), fault: u8, pace in 1usize..40, room in 1usize..70,
    ) {
        let at = at.index(bytes.len());
        bytes[at] ^= fault;
        agree(Role::Server, &bytes, pace, room)?;
    }

    #[test]
    fn nor_for_any_bytes(bytes in vec(any::<u8>(), 0..300), pace in 1usize..40, room in 1usize..70) {
        agree(Role::Server, &bytes, pace, room)?;
        agree(Role::Client, &bytes, pace, room)?;
    }

    #[test]
    fn a_text_may_be_cut_within_its_characters((text, bytes) in halves(), pace in 1usize..40, room in 1usize..70) {
        let read = read(Role::Server, &bytes, pace, room);
        prop_assert_eq!(read.messages, [(true, text.into_bytes())]);
        prop_assert_eq!(read.violation, None);
    }
}
