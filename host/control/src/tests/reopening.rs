use insula_supervisor::Blame;
use tempfile::TempDir;

use super::fixture::{Fixture, copy_files, open};
use crate::{Control, ControlConfig, OpenError};

#[tokio::test]
async fn everything_acknowledged_is_there_again() {
    let fixture = Fixture::new().await;
    fixture.deploy("alice", "one").await;
    let live = fixture.deploy("alice", "two").await;
    fixture.deploy("bob", "bob's").await;
    let supervisor = &fixture.supervisor;
    fixture.control.put_secret(supervisor, "alice", "KEY", "value".to_owned()).await.unwrap();
    fixture.control.put_host("alice", "shop.example").await.unwrap();
    let before = fixture.control.directory().active("alice").unwrap();

    let fixture = fixture.reopen().await;
    assert_eq!(fixture.served("alice.cloud.test").await, "two");
    assert_eq!(fixture.served("shop.example").await, "two");
    assert_eq!(fixture.served("bob.cloud.test").await, "bob's");
    let after = fixture.control.directory().active("alice").unwrap();
    assert_eq!(after.id, before.id);
    assert_eq!(after.variables, before.variables);
    assert_eq!(after.variables, [("KEY".to_owned(), "value".to_owned())]);
    let detail = fixture.control.tenant(&fixture.supervisor, "alice").await.unwrap();
    assert_eq!(detail.summary.active.as_deref(), Some(&*live.version.id));
}

/// A second control plane on the same files sees what a killed one would leave: nothing of the
/// first one is closed or flushed.
#[tokio::test]
async fn nothing_acknowledged_waits_for_an_orderly_end() {
    let fixture = Fixture::new().await;
    fixture.deploy("alice", "live").await;
    let copy = TempDir::new().unwrap();
    copy_files(fixture.folder.path(), copy.path());
    let control = open(&copy).await.unwrap();
    assert!(control.directory().active("alice").is_some());
}

#[tokio::test]
async fn a_lost_bundle_is_not_served_and_the_rest_is() {
    let fixture = Fixture::new().await;
    let lost = fixture.deploy("alice", "alice's").await;
    fixture.deploy("bob", "bob's").await;
    let file = fixture.folder.path().join("bundles").join(lost.version.bundle.to_string());
    std::fs::remove_file(&file).unwrap();

    let fixture = fixture.reopen().await;
    assert_eq!(fixture.served("alice.cloud.test").await, "");
    assert_eq!(fixture.served("bob.cloud.test").await, "bob's");
    let alice = fixture.control.tenant(&fixture.supervisor, "alice").await.unwrap().summary;
    assert!(alice.active.is_some() && !alice.serving);

    fixture.deploy("alice", "alice's").await;
    assert_eq!(fixture.served("alice.cloud.test").await, "alice's");
}

#[tokio::test]
async fn a_damaged_bundle_is_found_out_when_it_is_asked_for_and_mended_by_a_deploy() {
    let fixture = Fixture::new().await;
    let damaged = fixture.deploy("alice", "alice's").await;
    let file = fixture.folder.path().join("bundles").join(damaged.version.bundle.to_string());
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();

    let fixture = fixture.reopen().await;
    let alice = fixture.control.directory().active("alice").unwrap();
    let error = alice.code.read().await.unwrap_err();
    assert_eq!(error.blame, Blame::Operator);
    assert!(error.what.contains("damaged") && error.what.contains("deploy again"), "{error}");

    fixture.deploy("alice", "alice's").await;
    assert_eq!(fixture.served("alice.cloud.test").await, "alice's");
}

#[tokio::test]
async fn the_token_survives_and_a_replaced_one_replaces() {
    let fixture = Fixture::new().await;
    let path = fixture.folder.path().join("admin-token");
    let first = std::fs::read_to_string(&path).unwrap();
    let first = first.trim().as_bytes();
    assert!(fixture.control.tokens.accept(first));
    let fixture = fixture.reopen().await;
    assert!(fixture.control.tokens.accept(first));

    std::fs::remove_file(&path).unwrap();
    let fixture = fixture.reopen().await;
    let second = std::fs::read_to_string(&path).unwrap();
    assert!(fixture.control.tokens.accept(second.trim().as_bytes()));
    assert!(!fixture.control.tokens.accept(first), "the lost token must not open anything");
}

#[tokio::test]
async fn the_token_itself_is_nowhere_in_the_database() {
    let fixture = Fixture::new().await;
    let token = std::fs::read_to_string(fixture.folder.path().join("admin-token")).unwrap();
    fixture.control.close().await;
    let database = std::fs::read(fixture.folder.path().join("insula.db")).unwrap();
    let token = token.trim().as_bytes();
    assert!(!database.windows(token.len()).any(|bytes| bytes == token));
}

#[tokio::test]
async fn a_changed_default_reaches_versions_that_did_not_ask() {
    let fixture = Fixture::new().await;
    fixture.deploy("alice", "code").await;
    fixture.control.close().await;
    let mut config = fixture.control.config.clone();
    config.defaults.cpu_ms = 77;
    let control = Control::open(config).await.unwrap();
    assert_eq!(control.directory().active("alice").unwrap().limits.cpu_ms, 77);
}

#[tokio::test]
async fn a_configuration_that_cannot_work_is_refused() {
    let folder = TempDir::new().unwrap();
    let good = open(&folder).await.unwrap().config.clone();
    for base_domain in ["", ".", "a b", "http://x", "a:80", "a..b"] {
        let config = ControlConfig { base_domain: base_domain.to_owned(), ..good.clone() };
        let result = Control::open(config).await.err();
        assert!(matches!(result, Some(OpenError::BaseDomain(_))), "{base_domain:?}");
    }
    let mut config = good.clone();
    config.defaults.memory_mb = 1;
    assert!(matches!(Control::open(config).await.err(), Some(OpenError::Defaults(_))));
    let config = ControlConfig { data_dir: "/proc/nothing".into(), ..good };
    assert!(matches!(Control::open(config).await.err(), Some(OpenError::Folder { .. })));
}
