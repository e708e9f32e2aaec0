use insula_supervisor::Blame;

use crate::seal::{Sealed, Sealer};
use crate::{SecretError, SecretsKey};

fn sealer(byte: u8) -> Sealer {
    let text = format!("{byte:02x}").repeat(31) + "77";
    Sealer::new(SecretsKey::parse("a test", text.as_bytes()).unwrap())
}

fn unreadable(result: Result<String, SecretError>) -> bool {
    let Err(error @ SecretError::Unreadable { .. }) = result else { return false };
    let shown = error.to_string();
    error.blame() == Blame::Operator && shown.contains("`KEY`") && shown.contains("`alice`")
}

#[test]
fn what_is_sealed_opens_in_its_place() {
    let sealer = sealer(1);
    for value in ["", "value", "\0ünï\n", &"long".repeat(16_384)] {
        let sealed = sealer.seal("alice", "KEY", value).unwrap();
        assert_eq!(sealer.open("alice", "KEY", &sealed).unwrap(), value);
    }
}

#[test]
fn equal_values_look_different() {
    let sealer = sealer(1);
    let seal = || sealer.seal("alice", "KEY", "value").unwrap();
    assert_ne!(seal(), seal());
}

#[test]
fn a_value_does_not_open_in_another_place() {
    let sealer = sealer(1);
    for (tenant, name) in
        [("bob", "KEY"), ("carol", "KEY"), ("alice", "OTHER"), ("alic", "eKEY"), ("aliceK", "EY")]
    {
        let sealed = sealer.seal(tenant, name, "value").unwrap();
        assert!(unreadable(sealer.open("alice", "KEY", &sealed)), "{tenant} {name}");
    }
}

#[test]
fn another_key_does_not_open_it() {
    let sealed = sealer(1).seal("alice", "KEY", "value").unwrap();
    assert!(unreadable(sealer(2).open("alice", "KEY", &sealed)));
}

#[test]
fn every_changed_bit_and_every_missing_byte_is_seen() {
    let sealer = sealer(1);
    let whole = sealer.seal("alice", "KEY", "value").unwrap();
    let bytes = whole.as_bytes();
    assert_eq!(bytes.len(), "value".len() + 42, "1 format, 1 key, 24 nonce, 16 tag");
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        let result = sealer.open("alice", "KEY", &Sealed::stored(changed));
        match result {
            Err(SecretError::Unknown { .. }) if bit < 16 => {}
            result => assert!(bit >= 16 && unreadable(result), "bit {bit}"),
        }
    }
    for length in 0..bytes.len() {
        let cut = Sealed::stored(bytes[..length].to_vec());
        assert!(unreadable(sealer.open("alice", "KEY", &cut)), "{length} bytes");
    }
}

#[test]
fn a_later_format_is_told_from_damage() {
    let sealer = sealer(1);
    let mut bytes = sealer.seal("alice", "KEY", "value").unwrap().as_bytes().to_vec();
    bytes[1] = 2;
    let error = sealer.open("alice", "KEY", &Sealed::stored(bytes)).unwrap_err();
    assert!(matches!(error, SecretError::Unknown { format: 1, key: 2, .. }), "{error}");
}
