use proptest::collection::vec;
use proptest::prelude::*;

use crate::{HeaderBlock, HeaderBlockBuilder, WireError, caps};

proptest! {
    #[test]
    fn the_builder_and_the_parser_agree(name in vec(any::<u8>(), 0..4), value in vec(any::<u8>(), 0..4)) {
        let Ok(name) = String::from_utf8(name) else { return Ok(()) };
        let mut builder = HeaderBlockBuilder::default();
        let pushed = builder.push(&name, &value);
        let bytes = [name.as_bytes(), b"\n", &value, b"\n"].concat();
        match HeaderBlock::parse(&bytes) {
            // Not a field with this name and value: one that a line end splits in two, or none.
            Ok(block) if block.iter().ne([(name.as_str(), &value[..])]) => {
                prop_assert!(pushed.is_err());
            }
            Ok(block) => {
                prop_assert_eq!(pushed, Ok(()));
                prop_assert_eq!(builder.block(), block);
            }
            Err(_) => prop_assert!(pushed.is_err()),
        }
    }
}

#[test]
fn names_are_lower_case_tokens() {
    for byte in 0..=255u8 {
        let legal = byte.is_ascii_lowercase()
            || byte.is_ascii_digit()
            || b"!#$%&'*+-.^_`|~".contains(&byte);
        let block = [b"x", &[byte][..], b"\nvalue\n"].concat();
        assert_eq!(HeaderBlock::parse(&block).is_ok(), legal, "{byte:#x}");
        let name = format!("x{}", char::from(byte));
        assert_eq!(HeaderBlockBuilder::default().push(&name, b"value").is_ok(), legal, "{name:?}");
    }
    let empty = WireError::BadHeaders("a name is empty");
    assert_eq!(HeaderBlock::parse(b"\nvalue\n"), Err(empty.clone()));
    assert_eq!(HeaderBlockBuilder::default().push("", b"value"), Err(empty));
}

#[test]
fn values_hold_no_line_ends() {
    for byte in 0..=255u8 {
        let legal = !matches!(byte, 0 | b'\r' | b'\n');
        let pushed = HeaderBlockBuilder::default().push("name", &[b'a', byte, b'b']);
        assert_eq!(pushed.is_ok(), legal, "{byte:#x}");
        if byte != b'\n' {
            let block = [b"name\na", &[byte][..], b"b\n"].concat();
            assert_eq!(HeaderBlock::parse(&block).is_ok(), legal, "{byte:#x}");
        }
    }
}

#[test]
fn lines_must_end() {
    for block in ["a", "a\nb", "a\n", "a\nb\nc", "a\nb\nc\n"] {
        let expected = WireError::BadHeaders("a line does not end");
        assert_eq!(HeaderBlock::parse(block.as_bytes()), Err(expected), "{block:?}");
    }
}

#[test]
fn values_may_be_empty_and_names_may_repeat() {
    let block = HeaderBlock::parse(b"set-cookie\n\nset-cookie\nb\n").expect("a block");
    let fields: Vec<_> = block.iter().collect();
    assert_eq!(fields, [("set-cookie", &b""[..]), ("set-cookie", b"b")]);
}

#[test]
fn a_full_builder_refuses_and_keeps_what_it_has() {
    let mut builder = HeaderBlockBuilder::default();
    for _ in 0..caps::HEADER_FIELDS {
        builder.push("a", b"b").expect("there is room");
    }
    assert!(matches!(
        builder.push("a", b"b"),
        Err(WireError::TooLong { what: "header fields", .. })
    ));
    assert_eq!(builder.block().iter().count(), caps::HEADER_FIELDS);

    builder.clear();
    let value = vec![b'v'; caps::HEADERS - 3];
    builder.push("a", &value).expect("a block may be as long as the cap");
    assert_eq!(builder.block().as_bytes().len(), caps::HEADERS);
    assert!(HeaderBlock::parse(builder.block().as_bytes()).is_ok());
    assert!(matches!(builder.push("a", b""), Err(WireError::TooLong { what: "header block", .. })));
    assert_eq!(builder.block().iter().count(), 1);
}
