use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use insula_supervisor::Blame;
use tempfile::TempDir;

use super::fixture::{Fixture, files_with, open, open_with};
use crate::{KeyTextError, OpenError, SecretsKey, SecretsKeyError, SecretsKeySource};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff";
const OTHER: &str = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff";

fn given(text: &str) -> SecretsKeySource {
    SecretsKeySource::Given(SecretsKey::parse("INSULA_SECRETS_KEY", text.as_bytes()).unwrap())
}

/// Opening the folder fails; what the error is.
async fn refused(folder: &Path, source: SecretsKeySource) -> SecretsKeyError {
    match open_with(folder, source).await.err() {
        Some(OpenError::SecretsKey(error)) => {
            assert_eq!(error.blame(), Blame::Operator);
            error
        }
        Some(other) => panic!("{other}"),
        None => panic!("it opened"),
    }
}

async fn with_secret() -> Fixture {
    let fixture = Fixture::new().await;
    fixture.deploy("alice", "code").await;
    let value = "value".to_owned();
    fixture.control.put_secret(&fixture.supervisor, "alice", "KEY", value).await.unwrap();
    fixture
}

fn value_of(fixture: &Fixture) -> String {
    fixture.control.directory().active("alice").unwrap().variables[0].1.clone()
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn hexadecimal_and_base64_write_the_same_key() {
    let sealed_by = |text: &str| {
        let key = SecretsKey::parse("a test", text.as_bytes()).unwrap();
        crate::seal::Sealer::new(key)
    };
    let sealed = sealed_by(KEY).seal("alice", "KEY", "value").unwrap();
    for text in [
        KEY,
        &KEY.to_uppercase(),
        &format!(" {KEY}\r\n"),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8=",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8=\n",
    ] {
        assert_eq!(sealed_by(text).open("alice", "KEY", &sealed).unwrap(), "value", "{text:?}");
    }
    let url_safe = "__________________________________________8A";
    SecretsKey::parse("a test", url_safe.replace("8A", "4").as_bytes()).unwrap();
}

#[test]
fn a_text_that_is_no_key_is_refused_without_being_shown() {
    use KeyTextError as E;
    let long = "a".repeat(1025);
    for (text, expected) in [
        ("", E::Empty),
        (" \n", E::Empty),
        ("hunter2 hunter2 hunter2", E::Encoding),
        ("passw0rd", E::Length(6)),
        (&KEY[2..], E::Length(31)),
        (&KEY[1..], E::Encoding),
        (&format!("{KEY}00"), E::Length(33)),
        (&long, E::TooLong),
        (&"00".repeat(32), E::Constant),
        (&format!("{}\u{fc}", &KEY[2..]), E::Encoding),
    ] {
        let error = SecretsKey::parse("INSULA_SECRETS_KEY", text.as_bytes()).unwrap_err();
        assert_eq!(error.blame(), Blame::Operator);
        let shown = error.to_string() + &format!("{error:?}");
        assert!(shown.contains("INSULA_SECRETS_KEY"), "{shown}");
        let trimmed = text.trim();
        assert!(trimmed.is_empty() || !shown.contains(trimmed), "{shown}");
        assert!(
            matches!(error, SecretsKeyError::Text { error, .. } if error == expected),
            "{text:?}: {error}"
        );
    }
}

#[test]
fn a_key_does_not_show_itself() {
    let source = given(KEY);
    assert_eq!(format!("{source:?} {source:#?}").matches("0").count(), 0);
}

#[tokio::test]
async fn the_first_start_makes_a_key_for_its_owner_alone() {
    let folder = TempDir::new().unwrap();
    let control = open(&folder).await.unwrap();
    let path = folder.path().join("secrets.key");
    let first = std::fs::read_to_string(&path).unwrap();
    assert_eq!(first.len(), 65, "64 digits and a line feed");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    control.close().await;
    drop(control);
    open(&folder).await.unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
    let other = TempDir::new().unwrap();
    open(&other).await.unwrap();
    assert_ne!(std::fs::read_to_string(other.path().join("secrets.key")).unwrap(), first);
}

#[tokio::test]
async fn what_a_crash_left_of_a_key_is_not_used() {
    let folder = TempDir::new().unwrap();
    let left = folder.path().join("secrets.key.new");
    std::fs::write(&left, KEY).unwrap();
    set_mode(&left, 0o666);
    open(&folder).await.unwrap();
    let path = folder.path().join("secrets.key");
    assert!(!left.exists());
    assert_ne!(std::fs::read_to_string(&path).unwrap().trim(), KEY);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn the_key_is_in_no_other_file() {
    let fixture = with_secret().await;
    let path = fixture.folder.path().join("secrets.key");
    let text = std::fs::read_to_string(&path).unwrap();
    let digits = text.trim();
    let byte = |at: usize| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap();
    let raw: Vec<u8> = (0..32).map(byte).collect();
    assert_eq!(files_with(fixture.folder.path(), digits.as_bytes()), [path]);
    assert_eq!(files_with(fixture.folder.path(), &raw), Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn a_lost_key_is_not_replaced_while_there_are_secrets() {
    let fixture = with_secret().await;
    fixture.control.close().await;
    let path = fixture.folder.path().join("secrets.key");
    let kept = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    for _ in 0..2 {
        let error = refused(fixture.folder.path(), SecretsKeySource::DataFolder).await;
        assert!(matches!(&error, SecretsKeyError::Missing(missing) if *missing == path));
        let shown = error.to_string();
        assert!(shown.contains("cannot be read") && shown.contains("backup"), "{shown}");
        assert!(!path.exists(), "a new key would hide that the old one is missing");
    }
    std::fs::write(&path, kept).unwrap();
    set_mode(&path, 0o600);
    assert_eq!(value_of(&fixture.reopen().await), "value");
}

#[tokio::test]
async fn a_lost_key_is_replaced_when_there_is_nothing_to_read_with_it() {
    let fixture = with_secret().await;
    fixture.control.delete_secret(&fixture.supervisor, "alice", "KEY").await.unwrap();
    std::fs::remove_file(fixture.folder.path().join("secrets.key")).unwrap();
    let fixture = fixture.reopen().await;
    let value = "new".to_owned();
    fixture.control.put_secret(&fixture.supervisor, "alice", "KEY", value).await.unwrap();
    assert_eq!(value_of(&fixture.reopen().await), "new");
}

#[tokio::test]
async fn a_file_that_others_may_use_is_refused_as_it_is() {
    let fixture = with_secret().await;
    fixture.control.close().await;
    let path = fixture.folder.path().join("secrets.key");
    for mode in [0o640, 0o604, 0o620, 0o602, 0o644, 0o777] {
        set_mode(&path, mode);
        for source in [SecretsKeySource::DataFolder, SecretsKeySource::File(path.clone())] {
            let error = refused(fixture.folder.path(), source).await;
            let right =
                matches!(error, SecretsKeyError::Exposed { mode: seen, .. } if seen == mode);
            assert!(right, "{mode:o}: {error}");
        }
        let now = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(now, mode, "closing it in silence would hide that it was open");
    }
    set_mode(&path, 0o400);
    assert_eq!(value_of(&fixture.reopen().await), "value");
}

#[tokio::test]
async fn a_file_that_holds_no_key_is_refused_and_kept() {
    let fixture = with_secret().await;
    fixture.control.close().await;
    let path = fixture.folder.path().join("secrets.key");
    let kept = std::fs::read(&path).unwrap();
    for text in [&b""[..], &kept[..63], &kept[..32], &[kept.as_slice(), b"00"].concat()] {
        std::fs::write(&path, text).unwrap();
        let error = refused(fixture.folder.path(), SecretsKeySource::DataFolder).await;
        let shown = error.to_string();
        assert!(matches!(error, SecretsKeyError::Text { .. }), "{shown}");
        assert!(shown.contains("secrets.key"), "{shown}");
        assert_eq!(std::fs::read(&path).unwrap(), text);
    }
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let error = refused(fixture.folder.path(), SecretsKeySource::DataFolder).await;
    assert!(matches!(error, SecretsKeyError::NotAFile(_)), "{error}");
}

#[tokio::test]
async fn another_key_is_told_at_the_start() {
    let fixture = with_secret().await;
    fixture.control.close().await;
    let error = refused(fixture.folder.path(), given(OTHER)).await;
    let shown = error.to_string();
    assert!(matches!(error, SecretsKeyError::Wrong { .. }), "{shown}");
    assert!(shown.contains("INSULA_SECRETS_KEY") && !shown.contains(OTHER), "{shown}");
    assert_eq!(value_of(&fixture.reopen().await), "value");
}

#[tokio::test]
async fn a_given_key_needs_no_file() {
    let folder = TempDir::new().unwrap();
    let control = open_with(folder.path(), given(KEY)).await.unwrap();
    let fixture = Fixture { control, supervisor: super::fixture::supervisor(), folder };
    fixture.deploy("alice", "code").await;
    let value = "value".to_owned();
    fixture.control.put_secret(&fixture.supervisor, "alice", "KEY", value).await.unwrap();
    fixture.control.close().await;
    assert!(!fixture.folder.path().join("secrets.key").exists());
    let error = refused(fixture.folder.path(), SecretsKeySource::DataFolder).await;
    assert!(matches!(error, SecretsKeyError::Missing(_)), "{error}");

    let file = fixture.folder.path().join("elsewhere");
    std::fs::write(&file, KEY).unwrap();
    set_mode(&file, 0o600);
    let control = open_with(fixture.folder.path(), SecretsKeySource::File(file)).await.unwrap();
    assert_eq!(value_of(&Fixture { control, ..fixture }), "value");
}

#[tokio::test]
async fn a_named_file_is_never_made() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("not-mounted.key");
    let error = refused(folder.path(), SecretsKeySource::File(path.clone())).await;
    assert!(matches!(error, SecretsKeyError::NoSuchFile(_)), "{error}");
    assert!(!path.exists() && !folder.path().join("secrets.key").exists());
}
