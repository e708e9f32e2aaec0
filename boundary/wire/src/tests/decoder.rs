//! What a decoder makes its side hold, whatever arrives.

use proptest::collection::vec;
use proptest::prelude::*;

use super::parts::{Parts, encoded};
use crate::{Decoder, HostFrame, IsolateFrame, WireError, caps};

/// Bytes of room that a decoder may make beyond twice what has arrived (a growing `Vec` doubles).
const ROOM: usize = 256 << 10;

proptest! {
    #[test]
    fn any_bytes_are_held_within_bounds(bytes in vec(any::<u8>(), 0..20_000), read in 1usize..6000) {
        let mut decoder = Decoder::for_host();
        let mut given = 0;
        for part in bytes.chunks(read) {
            given += give(&mut decoder, part);
            prop_assert!(decoder.room() <= 2 * given + ROOM);
            loop {
                match decoder.next::<IsolateFrame<'_>>() {
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    // The conversation is over.
                    Err(_) => return Ok(()),
                }
            }
        }
    }

    #[test]
    fn announced_bytes_are_not_reserved(length in 0u32..=caps::MODULE_PAYLOAD as u32) {
        let mut decoder = Decoder::for_isolate();
        let mut header = length.to_le_bytes().to_vec();
        header.extend_from_slice(&[0, 0, 0, 0, crate::host::MODULE, 0, 0, 0]);
        let given = give(&mut decoder, &header);
        decoder.spare();
        prop_assert!(decoder.room() <= 2 * given + ROOM);
    }

    #[test]
    fn a_burst_leaves_nothing_behind(parts in Parts::any(), times in 1usize..20) {
        let mut decoder = Decoder::for_isolate();
        for _ in 0..times {
            for frame in parts.host_frames() {
                give(&mut decoder, &encoded(&frame));
            }
        }
        while decoder.next::<HostFrame<'_>>()?.is_some() {}
        decoder.shrink();
        prop_assert!(decoder.room() <= 4096);
        give(&mut decoder, &encoded(&HostFrame::Start));
        prop_assert_eq!(decoder.next::<HostFrame<'_>>()?, Some(HostFrame::Start));
    }
}

#[test]
fn a_length_above_the_cap_is_refused_by_its_header() {
    let header = |kind: u8, length: usize| {
        let mut header = (length as u32).to_le_bytes().to_vec();
        header.extend_from_slice(&[0, 0, 0, 0, kind, 0, 0, 0]);
        header
    };
    let refused = |mut decoder: Decoder, bytes: &[u8]| {
        give(&mut decoder, bytes);
        match decoder.next::<HostFrame<'_>>() {
            Err(WireError::TooLong { what: "frame", cap, .. }) => Some(cap),
            Ok(None) => None,
            other => panic!("{other:?}"),
        }
    };
    let module = crate::host::MODULE;
    for (decoder, kind, cap) in [
        (Decoder::for_isolate as fn() -> Decoder, 4, caps::FRAME_PAYLOAD),
        (Decoder::for_isolate, module, caps::MODULE_PAYLOAD),
        (Decoder::for_host, 4, caps::FRAME_PAYLOAD),
        (Decoder::for_host, module, caps::FRAME_PAYLOAD),
    ] {
        assert_eq!(refused(decoder(), &header(kind, cap)), None);
        assert_eq!(refused(decoder(), &header(kind, cap + 1)), Some(cap));
        assert_eq!(refused(decoder(), &header(kind, u32::MAX as usize)), Some(cap));
    }
}

#[test]
fn shrinking_within_a_frame_loses_nothing() {
    let bytes = encoded(&HostFrame::Variable { name: "a", value: "b" });
    let mut decoder = Decoder::for_isolate();
    give(&mut decoder, &bytes[..14]);
    assert_eq!(decoder.next::<HostFrame<'_>>(), Ok(None));
    assert!(decoder.is_mid_frame());
    decoder.shrink();
    give(&mut decoder, &bytes[14..]);
    let expected = HostFrame::Variable { name: "a", value: "b" };
    assert_eq!(decoder.next::<HostFrame<'_>>(), Ok(Some(expected)));
    assert!(!decoder.is_mid_frame());
}

#[test]
#[should_panic(expected = "more bytes filled than were spare")]
fn bytes_that_were_not_spare_cannot_be_filled() {
    let mut decoder = Decoder::for_host();
    let room = decoder.spare().len();
    decoder.filled(room + 1);
}

/// Gives all of `bytes`, as the room allows. Returns how many they are.
fn give(decoder: &mut Decoder, bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while !rest.is_empty() {
        let room = decoder.spare();
        let size = room.len().min(rest.len());
        room[..size].copy_from_slice(&rest[..size]);
        decoder.filled(size);
        rest = &rest[size..];
    }
    bytes.len()
}
