//! Frames that are well-formed bytes and still break a rule.

use crate::host::{ABORT, CHUNK, CLOSE, CREDIT, END, ERROR, MESSAGE};
use crate::{
    CordonMessage, Decoder, Frame, HostFrame, IsolateFrame, SupervisorMessage, WireError, caps,
};

#[test]
fn kinds_that_do_not_exist_are_refused() {
    let shared = [CHUNK, END, ERROR, CREDIT, ABORT, MESSAGE, CLOSE];
    for kind in 0..=255 {
        for stream in [0, 1, 2] {
            if !(1..=9).contains(&kind) && !shared.contains(&kind) {
                let unknown = Err(WireError::UnknownKind(kind));
                assert_eq!(HostFrame::decode(kind, stream, &[]), unknown);
            }
            if !(1..=14).contains(&kind) && !shared.contains(&kind) {
                let unknown = Err(WireError::UnknownKind(kind));
                assert_eq!(IsolateFrame::decode(kind, stream, &[]), unknown);
            }
        }
        if !(1..=3).contains(&kind) {
            assert_eq!(SupervisorMessage::decode(&[kind]), Err(WireError::UnknownKind(kind)));
        }
        if !(1..=5).contains(&kind) {
            assert_eq!(CordonMessage::decode(&[kind]), Err(WireError::UnknownKind(kind)));
        }
    }
}

#[test]
fn padding_must_be_zero() {
    for place in 9..12 {
        let mut header = [0; caps::FRAME_HEADER];
        header[8] = 5;
        header[place] = 1;
        let error = first_frame(&header).expect_err("padding is refused");
        assert!(matches!(error, WireError::BadValue { what: "frame padding", .. }), "{error}");
    }
}

#[test]
fn streams_must_fit_their_frames() {
    // Kind, then whether stream 0, an even and an odd one are legal.
    let host = [
        (1, [true, false, false]),
        (2, [true, false, false]),
        (3, [true, false, false]),
        (4, [true, false, false]),
        (5, [true, false, false]),
        (6, [false, true, false]),
        (7, [false, false, true]),
        (8, [false, false, true]),
        (9, [true, false, false]),
        (CHUNK, [false, true, true]),
        (END, [false, true, true]),
        (ERROR, [false, true, true]),
        (CREDIT, [false, true, true]),
        (ABORT, [false, true, false]),
        (MESSAGE, [false, true, true]),
        (CLOSE, [false, true, true]),
    ];
    let isolate = [
        (1, [true, false, false]),
        (2, [true, false, false]),
        (3, [true, false, false]),
        (4, [false, true, false]),
        (5, [false, true, false]),
        (6, [false, true, false]),
        (7, [true, true, false]),
        (8, [true, true, false]),
        (9, [false, false, true]),
        (10, [true, true, false]),
        (11, [true, false, false]),
        (12, [true, true, false]),
        (13, [false, true, false]),
        (14, [false, false, true]),
        (CHUNK, [false, true, true]),
        (END, [false, true, true]),
        (ERROR, [false, true, true]),
        (CREDIT, [false, true, true]),
        (ABORT, [false, true, true]),
        (MESSAGE, [false, true, true]),
        (CLOSE, [false, true, true]),
    ];
    let bad = |kind, stream| Some(WireError::BadStream { kind, stream });
    for (kind, legal) in host {
        for (stream, legal) in [0, 2, 1].into_iter().zip(legal) {
            let refused = HostFrame::decode(kind, stream, &[]).err() == bad(kind, stream);
            assert_eq!(refused, !legal, "kind {kind}, stream {stream} of the host");
        }
    }
    for (kind, legal) in isolate {
        for (stream, legal) in [0, 2, 1].into_iter().zip(legal) {
            let refused = IsolateFrame::decode(kind, stream, &[]).err() == bad(kind, stream);
            assert_eq!(refused, !legal, "kind {kind}, stream {stream} of an isolate");
        }
    }
}

#[test]
fn a_subrequest_belongs_to_a_request() {
    let mut payload = 3u32.to_le_bytes().to_vec();
    payload.extend_from_slice(&[0; 14]);
    for kind in [9, 14] {
        let error = IsolateFrame::decode(kind, 1, &payload).expect_err("3 is no request");
        assert_eq!(error, WireError::BadStream { kind, stream: 3 });
    }
}

#[test]
fn enums_have_no_other_values() {
    // Kind, payload up to the enum, number of values it has.
    let hello: Vec<u8> = [0; 2 + 36].into();
    let host: [(u8, &[u8], u8, &str); 3] =
        [(1, &hello, 3, "reuse mode"), (3, &[0; 4], 5, "module kind"), (9, &[], 8, "farewell")];
    for (kind, before, count, what) in host {
        for value in count..=255 {
            let payload = [before, &[value]].concat();
            let expected = WireError::BadValue { what, value: value.into() };
            assert_eq!(HostFrame::decode(kind, 0, &payload), Err(expected));
        }
    }
    for value in 3..=255 {
        let expected = WireError::BadValue { what: "socket end", value: value.into() };
        assert_eq!(HostFrame::decode(CLOSE, 2, &[value]), Err(expected));
    }
    let isolate: [(u8, u32, &[u8], u8, &str); 8] = [
        (2, 0, &[0; 8], 2, "fetch export"),
        (3, 0, &[], 7, "boot failure"),
        (5, 2, &[], 7, "failure code"),
        (7, 2, &[], 5, "log level"),
        (9, 1, &[0; 4], 3, "redirect mode"),
        (10, 0, &[], 3, "retire reason"),
        (MESSAGE, 1, &[], 2, "last part"),
        (MESSAGE, 2, &[1], 2, "message kind"),
    ];
    for (kind, stream, before, count, what) in isolate {
        for value in count..=255 {
            let payload = [before, &[value]].concat();
            let expected = WireError::BadValue { what, value: value.into() };
            assert_eq!(IsolateFrame::decode(kind, stream, &payload), Err(expected));
        }
    }
    for reason in 6..=255 {
        let packet = [&[2][..], &[0; 8], &[reason]].concat();
        let expected = WireError::BadValue { what: "exit reason", value: reason.into() };
        assert_eq!(CordonMessage::decode(&packet), Err(expected));
    }
}

#[test]
fn bodies_have_no_other_kinds() {
    for value in 4..=255 {
        let payload = [&[0; 12][..], &[value]].concat();
        let expected = WireError::BadValue { what: "body kind", value: value.into() };
        assert_eq!(HostFrame::decode(6, 2, &payload), Err(expected));
    }
}

#[test]
fn statuses_have_three_digits_and_those_sent_out_are_final() {
    let rest = [0; 13];
    for status in [0u16, 99, 1000, u16::MAX] {
        let payload = [&status.to_le_bytes()[..], &rest].concat();
        let expected = WireError::BadValue { what: "status", value: status.into() };
        assert_eq!(HostFrame::decode(7, 1, &payload), Err(expected));
    }
    for status in [0u16, 100, 102, 199, 600, u16::MAX] {
        let payload = [&status.to_le_bytes()[..], &rest].concat();
        let expected = WireError::BadValue { what: "status", value: status.into() };
        assert_eq!(IsolateFrame::decode(4, 2, &payload), Err(expected));
    }
}

#[test]
fn credit_is_some_and_not_too_much() {
    for credit in [0, caps::MAX_CREDIT + 1, u32::MAX] {
        let payload = credit.to_le_bytes();
        let expected = WireError::BadValue { what: "credit", value: credit.into() };
        assert_eq!(HostFrame::decode(CREDIT, 1, &payload), Err(expected.clone()));
        assert_eq!(IsolateFrame::decode(CREDIT, 2, &payload), Err(expected));
    }
}

#[test]
fn what_closes_a_websocket_is_a_code_that_may_be_sent() {
    let decode = |code: u16| {
        let payload = [&code.to_le_bytes()[..], &[0; 4]].concat();
        IsolateFrame::decode(CLOSE, 2, &payload).map(drop)
    };
    for code in [1000, 1001, 1005, 1011, 1014, 3000, 4999] {
        assert!(decode(code).is_ok(), "{code}");
    }
    for code in [0, 999, 1004, 1006, 1015, 1016, 2999, 5000, u16::MAX] {
        let expected = WireError::BadValue { what: "close code", value: code.into() };
        assert_eq!(decode(code), Err(expected));
    }
}

#[test]
fn a_part_of_a_text_is_utf8_by_itself() {
    let payload = [&[0, 0][..], &"é".as_bytes()[..1]].concat();
    let expected = WireError::NotUtf8("message part");
    assert_eq!(IsolateFrame::decode(MESSAGE, 2, &payload), Err(expected.clone()));
    assert_eq!(HostFrame::decode(MESSAGE, 2, &payload), Err(expected));
    assert!(IsolateFrame::decode(MESSAGE, 2, &[&[0, 1], &payload[2..]].concat()).is_ok());
}

#[test]
fn strings_are_utf8() {
    let payload = [&3u32.to_le_bytes()[..], b"a\xff\xfe"].concat();
    assert_eq!(HostFrame::decode(ERROR, 2, &payload), Err(WireError::NotUtf8("message")));
    assert_eq!(IsolateFrame::decode(ERROR, 2, &payload), Err(WireError::NotUtf8("message")));
}

fn first_frame(bytes: &[u8]) -> Result<(), WireError> {
    let mut decoder = Decoder::for_isolate();
    decoder.spare()[..bytes.len()].copy_from_slice(bytes);
    decoder.filled(bytes.len());
    decoder.next::<HostFrame<'_>>().map(drop)
}
