//! Bytes that no honest peer sends.

use proptest::collection::vec;
use proptest::prelude::*;

use super::parts::{Parts, encoded};
use crate::{
    CordonMessage, Frame, HeaderBlock, HostFrame, IsolateFrame, SupervisorMessage, WireError, caps,
};

proptest! {
    #[test]
    fn any_payload_is_a_frame_or_an_error(
        kind in any::<u8>(),
        stream in any::<u32>(),
        payload in vec(any::<u8>(), 0..600),
    ) {
        stays_the_same_if_legal(kind, stream, &payload)?;
    }

    #[test]
    fn any_damage_to_a_frame_makes_a_frame_or_an_error(
        parts in Parts::any(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        for mut bytes in all_encoded(&parts) {
            for (place, value) in &damage {
                let place = place.index(bytes.len());
                bytes[place] = *value;
            }
            let (kind, stream, payload) = split(&bytes);
            stays_the_same_if_legal(kind, stream, payload)?;
        }
    }

    #[test]
    fn a_frame_that_lacks_bytes_is_refused(parts in Parts::any(), cut in any::<prop::sample::Index>()) {
        for frame in parts.host_frames() {
            let bytes = encoded(&frame);
            if ends_with_bytes_of_any_length(&frame) || bytes.len() == caps::FRAME_HEADER {
                continue;
            }
            let (kind, stream, payload) = split(&bytes);
            let short = &payload[..cut.index(payload.len())];
            let result = HostFrame::decode(kind, stream, short);
            prop_assert!(matches!(result, Err(WireError::Truncated(_))), "{:?}", result);
        }
    }

    #[test]
    fn a_frame_with_bytes_after_its_end_is_refused(parts in Parts::any(), more in vec(any::<u8>(), 1..9)) {
        for frame in parts.host_frames() {
            if ends_with_bytes_of_any_length(&frame) {
                continue;
            }
            let mut bytes = encoded(&frame);
            bytes.extend_from_slice(&more);
            let (kind, stream, payload) = split(&bytes);
            let result = HostFrame::decode(kind, stream, payload);
            prop_assert_eq!(result, Err(WireError::TrailingBytes(more.len())));
        }
    }

    #[test]
    fn any_packet_is_a_control_message_or_an_error(packet in vec(any::<u8>(), 0..40)) {
        if let Ok(message) = SupervisorMessage::decode(&packet) {
            prop_assert_eq!(message.encode(), packet.clone());
        }
        if let Ok(message) = CordonMessage::decode(&packet) {
            prop_assert_eq!(message.encode(), packet);
        }
    }

    #[test]
    fn any_bytes_are_a_header_block_or_an_error(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(block) = HeaderBlock::parse(&bytes) {
            prop_assert_eq!(block.as_bytes(), &bytes[..]);
        }
    }
}

/// There is one encoding of a frame: whatever is accepted is written again byte by byte.
fn stays_the_same_if_legal(kind: u8, stream: u32, payload: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(frame) = HostFrame::decode(kind, stream, payload) {
        let again = encoded(&frame);
        prop_assert_eq!(split(&again), (kind, stream, payload));
    }
    if let Ok(frame) = IsolateFrame::decode(kind, stream, payload) {
        let again = encoded(&frame);
        prop_assert_eq!(split(&again), (kind, stream, payload));
    }
    Ok(())
}

/// Whether the last field is as long as the payload makes it, so that any cut or addition is legal.
fn ends_with_bytes_of_any_length(frame: &HostFrame<'_>) -> bool {
    matches!(
        frame,
        HostFrame::Module { .. }
            | HostFrame::Chunk { .. }
            | HostFrame::Message { .. }
            | HostFrame::Request { body: crate::BodyHead::Inline(_), .. }
            | HostFrame::FetchResponse { body: crate::BodyHead::Inline(_), .. }
    )
}

fn all_encoded(parts: &Parts) -> Vec<Vec<u8>> {
    let host = parts.host_frames();
    let isolate = parts.isolate_frames();
    host.iter().map(encoded).chain(isolate.iter().map(encoded)).collect()
}

fn split(bytes: &[u8]) -> (u8, u32, &[u8]) {
    let (header, payload) = bytes.split_at(caps::FRAME_HEADER);
    (header[8], u32::from_le_bytes(header[4..8].try_into().expect("four bytes")), payload)
}
