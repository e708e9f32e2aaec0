use futures_util::FutureExt;

use super::fixture::Fixture;
use crate::ControlError;

async fn back(fixture: &Fixture, id: Option<&str>) -> Result<u64, ControlError> {
    let rollback = fixture.control.rollback(&fixture.supervisor, "alice", id);
    rollback.await.map(|version| version.number)
}

#[tokio::test]
async fn a_rollback_leads_to_the_version_before() {
    let fixture = Fixture::new().await;
    for source in ["one", "two", "three"] {
        fixture.deploy("alice", source).await;
    }
    assert_eq!(back(&fixture, None).await.unwrap(), 2);
    assert_eq!(fixture.served("alice.cloud.test").await, "two");
    assert_eq!(back(&fixture, None).await.unwrap(), 1);
    assert_eq!(fixture.served("alice.cloud.test").await, "one");
    assert!(matches!(back(&fixture, None).await, Err(ControlError::NoEarlierVersion(_))));
    assert_eq!(fixture.served("alice.cloud.test").await, "one");

    // From a version deployed after a rollback, back is not to the one that was abandoned.
    fixture.deploy("alice", "four").await;
    assert_eq!(back(&fixture, None).await.unwrap(), 1);
    let fixture = fixture.reopen().await;
    assert_eq!(fixture.served("alice.cloud.test").await, "one");
}

#[tokio::test]
async fn a_rollback_by_id_or_number_leads_there() {
    let fixture = Fixture::new().await;
    let first = fixture.deploy("alice", "one").await;
    fixture.deploy("alice", "two").await;
    assert_eq!(back(&fixture, Some(&first.version.id)).await.unwrap(), 1);
    assert_eq!(back(&fixture, Some("v2")).await.unwrap(), 2);
    assert_eq!(back(&fixture, Some("v2")).await.unwrap(), 2);
    assert_eq!(fixture.served("alice.cloud.test").await, "two");
}

#[tokio::test]
async fn a_rollback_to_nothing_changes_nothing() {
    let fixture = Fixture::new().await;
    fixture.deploy("alice", "one").await;
    let bobs = fixture.deploy("bob", "bob's").await;
    for id in ["v9", "v", "nonsense", "", &bobs.version.id] {
        let result = back(&fixture, Some(id)).await;
        assert!(matches!(result, Err(ControlError::NoSuchVersion { .. })), "{id}");
    }
    assert_eq!(fixture.served("alice.cloud.test").await, "one");
    let nobody = fixture.control.rollback(&fixture.supervisor, "nobody", None).await;
    assert!(matches!(nobody, Err(ControlError::NoSuchTenant(_))));
}

#[tokio::test]
async fn a_rollback_to_a_lost_bundle_keeps_what_is_live() {
    let fixture = Fixture::new().await;
    let first = fixture.deploy("alice", "one").await;
    fixture.deploy("alice", "two").await;
    let file = fixture.folder.path().join("bundles").join(first.version.bundle.to_string());
    std::fs::remove_file(file).unwrap();
    assert!(matches!(back(&fixture, None).await, Err(ControlError::Bundle(_))));
    assert_eq!(fixture.served("alice.cloud.test").await, "two");
    let fixture = fixture.reopen().await;
    assert_eq!(fixture.served("alice.cloud.test").await, "two");
}

#[tokio::test]
async fn deleting_a_tenant_takes_everything_of_it_and_nothing_of_others() {
    let fixture = Fixture::new().await;
    fixture.deploy("alice", "own").await;
    fixture.deploy("alice", "shared").await;
    let bobs = fixture.deploy("bob", "shared").await;
    fixture.control.put_host("alice", "shop.example").await.unwrap();
    let mut tail = fixture.control.tail().subscribe("alice");
    fixture.control.delete(&fixture.supervisor, "alice").await.unwrap();
    assert_eq!(tail.next().now_or_never(), Some(None));
    assert_eq!(fixture.served("alice.cloud.test").await, "");
    assert_eq!(fixture.served("shop.example").await, "");
    assert_eq!(fixture.served("bob.cloud.test").await, "shared");
    assert_eq!(fixture.bundle_files(), [bobs.version.bundle.to_string()]);
    let again = fixture.control.delete(&fixture.supervisor, "alice").await;
    assert!(matches!(again, Err(ControlError::NoSuchTenant(_))));
    let fixture = fixture.reopen().await;
    assert_eq!(fixture.served("alice.cloud.test").await, "");
    assert_eq!(fixture.served("bob.cloud.test").await, "shared");
}
