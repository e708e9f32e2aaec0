use std::os::unix::fs::MetadataExt;

use tempfile::TempDir;

use crate::TokenError;
use crate::token::{Tokens, hash, read_or_create};

#[test]
fn a_token_is_made_once_for_its_owner() {
    let folder = TempDir::new().unwrap();
    let token = read_or_create(folder.path()).unwrap();
    assert_eq!(token.len(), 64);
    assert_eq!(read_or_create(folder.path()).unwrap(), token);
    let other = TempDir::new().unwrap();
    assert_ne!(read_or_create(other.path()).unwrap(), token);
    let mode = std::fs::metadata(folder.path().join("admin-token")).unwrap().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_token_that_others_can_read_is_taken_from_them() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("admin-token");
    std::fs::write(&path, "an-operators-own-token\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(read_or_create(folder.path()).unwrap(), "an-operators-own-token");
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn a_token_that_is_easily_guessed_is_refused() {
    let folder = TempDir::new().unwrap();
    for text in ["", "\n", "short", "two words that are long enough"] {
        std::fs::write(folder.path().join("admin-token"), text).unwrap();
        let result = read_or_create(folder.path());
        assert!(matches!(result, Err(TokenError::Unusable { .. })), "{text:?}");
    }
}

#[test]
fn only_known_tokens_are_accepted() {
    let tokens = Tokens::new(vec![hash(b"first token"), hash(b"second token")]);
    assert!(tokens.accept(b"first token"));
    assert!(tokens.accept(b"second token"));
    for token in [&b""[..], b"first", b"first token ", b"First token", &hash(b"first token")] {
        assert!(!tokens.accept(token), "{token:?}");
    }
    assert!(!Tokens::new(Vec::new()).accept(b""));
}
