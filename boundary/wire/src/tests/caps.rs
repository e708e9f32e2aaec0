//! Each cap: what is as long as it may be is taken, one more is refused.

use crate::host::{CHUNK, CLOSE, ERROR, MESSAGE};
use crate::{
    BodyHead, CordonMessage, Frame, HeaderBlock, HostFrame, IsolateFrame, SupervisorMessage,
    WireError, caps,
};

#[test]
fn strings_and_blocks_are_capped() {
    // What, cap, the payload of a frame of the host up to the length.
    let rows: [(&str, usize, u8, u32, &[u8]); 9] = [
        ("entry module", caps::MODULE_NAME, 2, 0, &[]),
        ("module name", caps::MODULE_NAME, 3, 0, &[]),
        ("method", caps::METHOD, 6, 2, &[]),
        ("url", caps::URL, 6, 2, &[0; 4]),
        ("header block", caps::HEADERS, 6, 2, &[0; 8]),
        ("status text", caps::STATUS_TEXT, 7, 1, &[200, 0, 0]),
        ("message", caps::TEXT, 8, 1, &[]),
        ("message", caps::TEXT, ERROR, 2, &[]),
        ("close reason", caps::CLOSE_REASON, CLOSE, 2, &[0; 3]),
    ];
    for (what, cap, kind, stream, before) in rows {
        let refused =
            |length: usize| too_long(HostFrame::decode(kind, stream, &announce(before, length)));
        assert_eq!(refused(cap), None, "{what} may be {cap} bytes long");
        assert_eq!(refused(cap + 1), Some((what, cap)));
        assert_eq!(refused(u32::MAX as usize), Some((what, cap)));
    }
    let rows: [(&str, usize, u8, u32, &[u8]); 12] = [
        ("error message", caps::TEXT, 3, 0, &[0]),
        ("error stack", caps::TEXT, 3, 0, &[0; 5]),
        ("error file", caps::MODULE_NAME, 3, 0, &[0; 9]),
        ("status text", caps::STATUS_TEXT, 4, 2, &[200, 0]),
        ("header block", caps::HEADERS, 4, 2, &[200, 0, 0, 0, 0, 0]),
        ("log text", caps::TEXT, 7, 0, &[0]),
        ("method", caps::METHOD, 9, 1, &[0; 5]),
        ("url", caps::URL, 9, 1, &[0; 9]),
        ("header block", caps::HEADERS, 9, 1, &[0; 13]),
        ("url", caps::URL, 14, 1, &[0; 4]),
        ("header block", caps::HEADERS, 14, 1, &[0; 8]),
        ("close reason", caps::CLOSE_REASON, CLOSE, 2, &[232, 3]),
    ];
    for (what, cap, kind, stream, before) in rows {
        let refused =
            |length: usize| too_long(IsolateFrame::decode(kind, stream, &announce(before, length)));
        assert_eq!(refused(cap), None, "{what} may be {cap} bytes long");
        assert_eq!(refused(cap + 1), Some((what, cap)));
        assert_eq!(refused(u32::MAX as usize), Some((what, cap)));
    }
}

#[test]
fn counts_are_capped() {
    let boot = |modules: usize, variables: usize| {
        let counts = [(modules as u32).to_le_bytes(), (variables as u32).to_le_bytes()].concat();
        too_long(HostFrame::decode(2, 0, &[&[0; 4][..], &counts].concat()))
    };
    assert_eq!(boot(caps::MODULES, caps::VARIABLES), None);
    assert_eq!(boot(caps::MODULES + 1, 0), Some(("modules", caps::MODULES)));
    assert_eq!(boot(0, caps::VARIABLES + 1), Some(("variables", caps::VARIABLES)));
}

#[test]
fn chunks_and_inline_bodies_are_capped() {
    let bytes = vec![0; caps::CHUNK + 1];
    assert!(HostFrame::decode(CHUNK, 2, &bytes[1..]).is_ok());
    assert!(IsolateFrame::decode(CHUNK, 2, &bytes[1..]).is_ok());
    assert_eq!(too_long(HostFrame::decode(CHUNK, 2, &bytes)), Some(("chunk", caps::CHUNK)));
    assert_eq!(too_long(IsolateFrame::decode(CHUNK, 2, &bytes)), Some(("chunk", caps::CHUNK)));

    let mut request = vec![0; 12];
    request.push(1);
    request.resize(13 + caps::INLINE_BODY, b'x');
    let body = match HostFrame::decode(6, 2, &request) {
        Ok(HostFrame::Request { body: BodyHead::Inline(body), .. }) => body.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(body, caps::INLINE_BODY);
    request.push(b'x');
    let refused = too_long(HostFrame::decode(6, 2, &request));
    assert_eq!(refused, Some(("inline body", caps::INLINE_BODY)));
}

#[test]
fn parts_of_messages_are_capped() {
    for kind in [0, 1] {
        let mut part = vec![1, kind];
        part.resize(2 + caps::CHUNK, b'x');
        assert!(HostFrame::decode(MESSAGE, 2, &part).is_ok());
        assert!(IsolateFrame::decode(MESSAGE, 1, &part).is_ok());
        part.push(b'x');
        let expected = Some(("message part", caps::CHUNK));
        assert_eq!(too_long(HostFrame::decode(MESSAGE, 2, &part)), expected);
        assert_eq!(too_long(IsolateFrame::decode(MESSAGE, 1, &part)), expected);
    }
}

#[test]
fn header_fields_are_capped() {
    let block = |fields: usize| "a\nb\n".repeat(fields).into_bytes();
    assert!(HeaderBlock::parse(&block(caps::HEADER_FIELDS)).is_ok());
    let too_many = block(caps::HEADER_FIELDS + 1);
    let refused = HeaderBlock::parse(&too_many);
    assert_eq!(
        refused.map(drop),
        Err(WireError::TooLong {
            what: "header fields",
            length: caps::HEADER_FIELDS as u64 + 1,
            cap: caps::HEADER_FIELDS,
        })
    );
}

#[test]
fn control_messages_are_capped() {
    let packet = vec![3; caps::CONTROL + 1];
    let expected = Some(("control message", caps::CONTROL));
    assert_eq!(too_long(SupervisorMessage::decode(&packet)), expected);
    assert_eq!(too_long(CordonMessage::decode(&packet)), expected);
    assert_eq!(too_long(SupervisorMessage::decode(&packet[1..])), None);
}

/// A payload that announces `length` bytes and ends there.
fn announce(before: &[u8], length: usize) -> Vec<u8> {
    [before, &(length as u32).to_le_bytes()].concat()
}

/// What was too long, and its cap.
fn too_long<T>(result: Result<T, WireError>) -> Option<(&'static str, usize)> {
    match result {
        Err(WireError::TooLong { what, cap, .. }) => Some((what, cap)),
        _ => None,
    }
}
