use proptest::collection::vec;
use proptest::prelude::*;

use super::parts::{Parts, encoded};
use crate::{CordonMessage, Decoder, Frame, HostFrame, IsolateFrame, SupervisorMessage, caps};

proptest! {
    #[test]
    fn frames_of_the_host_arrive_as_they_were_sent(parts in Parts::any(), reads in reads()) {
        travel(Decoder::for_isolate(), &parts.host_frames(), &reads, same::<HostFrame<'_>>)?;
    }

    #[test]
    fn frames_of_an_isolate_arrive_as_they_were_sent(parts in Parts::any(), reads in reads()) {
        travel(Decoder::for_host(), &parts.isolate_frames(), &reads, same::<IsolateFrame<'_>>)?;
    }

    #[test]
    fn control_messages_arrive_as_they_were_sent(parts in Parts::any()) {
        for message in parts.supervisor_messages() {
            prop_assert_eq!(SupervisorMessage::decode(&message.encode()), Ok(message));
        }
        for message in parts.cordon_messages() {
            prop_assert_eq!(CordonMessage::decode(&message.encode()), Ok(message));
        }
    }

    #[test]
    fn header_fields_arrive_as_they_were_sent(parts in Parts::any()) {
        for frame in parts.host_frames() {
            let (HostFrame::Request { headers, .. } | HostFrame::FetchResponse { headers, .. }) =
                frame
            else {
                continue;
            };
            let fields = headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
            prop_assert_eq!(fields.collect::<Vec<_>>(), parts.fields());
        }
    }
}

#[test]
fn long_texts_are_cut_between_characters() {
    // Every cap is even, and `é` is two bytes long: with one byte before it, none ends on the cap.
    let text = format!("x{}", "é".repeat(caps::TEXT));
    let bytes = encoded(&HostFrame::FetchFailed { stream: 1, message: &text });
    let HostFrame::FetchFailed { message, .. } = decode(&bytes) else { panic!("another kind") };
    assert_eq!(message.len(), caps::TEXT - 1);
    assert!(text.starts_with(message));
}

#[test]
fn a_module_may_be_longer_than_other_frames() {
    let source = vec![b'x'; caps::FRAME_PAYLOAD + 1];
    let name = "index.js";
    let module = HostFrame::Module { name, kind: crate::ModuleKind::Data, source: &source };
    let bytes = encoded(&module);
    travel(Decoder::for_isolate(), &[module], &[], same::<HostFrame<'_>>).expect("it arrives");
    let mut host = Decoder::for_host();
    let room = host.spare();
    room[..caps::FRAME_HEADER].copy_from_slice(&bytes[..caps::FRAME_HEADER]);
    host.filled(caps::FRAME_HEADER);
    assert!(host.next::<IsolateFrame<'_>>().is_err(), "an isolate sends no long frames");
}

/// Sizes of the reads that bytes arrive in, in turn; what is left arrives as the room allows.
fn reads() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![vec(1usize..8, 0..400), vec(1usize..2000, 0..40), Just(Vec::new())]
}

/// Sends all frames as one run of bytes, and compares what comes out. Frames of two decoders have
/// two lifetimes, which only a function can be generic over.
fn travel<'a, F: Frame<'a>>(
    mut decoder: Decoder,
    sent: &[F],
    reads: &[usize],
    arrives: impl Fn(&mut Decoder, &F) -> Result<bool, TestCaseError>,
) -> Result<(), TestCaseError> {
    let bytes: Vec<u8> = sent.iter().flat_map(encoded).collect();
    let mut rest = &bytes[..];
    let mut reads = reads.iter().copied();
    let mut expected = sent.iter().peekable();
    while !rest.is_empty() {
        let room = decoder.spare();
        prop_assert!(room.len() >= 4096);
        let size = reads.next().unwrap_or(usize::MAX).min(room.len()).min(rest.len());
        room[..size].copy_from_slice(&rest[..size]);
        decoder.filled(size);
        rest = &rest[size..];
        while let Some(frame) = expected.peek() {
            if !arrives(&mut decoder, frame)? {
                break;
            }
            expected.next();
        }
    }
    prop_assert!(expected.next().is_none(), "a frame is missing");
    prop_assert!(!decoder.is_mid_frame(), "bytes are left over");
    Ok(())
}

trait Arrives {
    fn arrives(&self, decoder: &mut Decoder) -> Result<bool, TestCaseError>;
}

fn same<F: Arrives>(decoder: &mut Decoder, expected: &F) -> Result<bool, TestCaseError> {
    expected.arrives(decoder)
}

impl Arrives for HostFrame<'_> {
    fn arrives(&self, decoder: &mut Decoder) -> Result<bool, TestCaseError> {
        let Some(frame) = decoder.next::<HostFrame<'_>>()? else { return Ok(false) };
        prop_assert_eq!(&frame, self);
        Ok(true)
    }
}

impl Arrives for IsolateFrame<'_> {
    fn arrives(&self, decoder: &mut Decoder) -> Result<bool, TestCaseError> {
        let Some(frame) = decoder.next::<IsolateFrame<'_>>()? else { return Ok(false) };
        prop_assert_eq!(&frame, self);
        Ok(true)
    }
}

/// The frame that `bytes` are.
fn decode(bytes: &[u8]) -> HostFrame<'_> {
    let (header, payload) = bytes.split_at(caps::FRAME_HEADER);
    let stream = u32::from_le_bytes(header[4..8].try_into().expect("four bytes"));
    HostFrame::decode(header[8], stream, payload).expect("a frame")
}
