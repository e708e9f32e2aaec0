//! What must hold for any input. Each function is the body of the fuzz target of the same name;
//! `boundary/wire/tests/seeds.rs` runs it on the committed seeds.

use insula_wire::{
    CordonMessage, Decoder, Frame, HeaderBlock, HeaderBlockBuilder, HostFrame, IsolateFrame,
    SupervisorMessage, WireError,
};

/// What a host sends to an isolate. The first byte says how many bytes arrive at once. Returns
/// how many frames the input holds before it ends or breaks a rule.
pub fn host_frames(input: &[u8]) -> usize {
    frames(input, Decoder::for_isolate(), |decoder, out| {
        Ok(decoder.next::<HostFrame<'_>>()?.map(|frame| frame.encode(out)))
    })
}

/// What an isolate sends to its host, likewise.
pub fn isolate_frames(input: &[u8]) -> usize {
    frames(input, Decoder::for_host(), |decoder, out| {
        Ok(decoder.next::<IsolateFrame<'_>>()?.map(|frame| frame.encode(out)))
    })
}

/// One packet on a control link, in either direction. Returns in how many it is a message.
pub fn control_messages(packet: &[u8]) -> usize {
    let supervisor = SupervisorMessage::decode(packet);
    if let Ok(message) = &supervisor {
        assert_eq!(message.encode(), packet);
    }
    let cordon = CordonMessage::decode(packet);
    if let Ok(message) = &cordon {
        assert_eq!(message.encode(), packet);
    }
    usize::from(supervisor.is_ok()) + usize::from(cordon.is_ok())
}

/// One header block. Returns how many fields it has if it is legal.
pub fn header_block(bytes: &[u8]) -> usize {
    let Ok(block) = HeaderBlock::parse(bytes) else { return 0 };
    let mut again = HeaderBlockBuilder::default();
    let mut fields = 0;
    for (name, value) in block.iter() {
        again.push(name, value).expect("a field of a legal block is legal");
        fields += 1;
    }
    assert_eq!(again.block().as_bytes(), bytes, "the fields are all of the block");
    fields
}

/// Decodes `input`, whose first byte is the pace. Frames that are accepted are written again, and
/// must be the very bytes that came.
fn frames(
    input: &[u8],
    mut decoder: Decoder,
    next: impl Fn(&mut Decoder, &mut Vec<u8>) -> Result<Option<()>, WireError>,
) -> usize {
    let Some((&pace, bytes)) = input.split_first() else { return 0 };
    let mut again = Vec::new();
    let mut count = 0;
    for part in bytes.chunks(usize::from(pace) + 1) {
        decoder.spare()[..part.len()].copy_from_slice(part);
        decoder.filled(part.len());
        loop {
            match next(&mut decoder, &mut again) {
                Ok(Some(())) => count += 1,
                Ok(None) => break,
                Err(_) => {
                    assert!(bytes.starts_with(&again));
                    return count;
                }
            }
        }
    }
    assert!(bytes.starts_with(&again));
    assert_eq!(decoder.is_mid_frame(), again.len() < bytes.len(), "no byte is lost");
    count
}
