use std::sync::Arc;

use insula_supervisor::Deployment;

use super::fixture::{Fixture, request};
use crate::ControlError;
use crate::accept::Accepted;
use crate::name::TenantName;

fn live(fixture: &Fixture) -> Arc<Deployment> {
    fixture.control.directory().active("alice").unwrap()
}

async fn put(fixture: &Fixture, name: &str, value: &str) -> Result<(), ControlError> {
    fixture.control.put_secret(&fixture.supervisor, "alice", name, value.to_owned()).await
}

#[tokio::test]
async fn a_changed_secret_makes_new_isolates_of_the_same_version() {
    let fixture = Fixture::new().await;
    let row = fixture.deploy("alice", "code").await;
    let before = live(&fixture);
    put(&fixture, "KEY", "one").await.unwrap();
    let after = live(&fixture);
    assert_ne!(after.id, before.id, "old isolates must not be taken for new ones");
    assert_eq!(after.variables, [("KEY".to_owned(), "one".to_owned())]);
    let detail = fixture.control.tenant(&fixture.supervisor, "alice").await.unwrap();
    assert_eq!(detail.summary.active.as_deref(), Some(&*row.version.id));
    assert_eq!(detail.secrets, ["KEY"]);

    fixture.control.delete_secret(&fixture.supervisor, "alice", "KEY").await.unwrap();
    let last = live(&fixture);
    assert!(last.variables.is_empty());
    assert!(last.id != after.id && last.id != before.id);
}

#[tokio::test]
async fn a_secret_wins_over_a_variable_and_outlives_deploys() {
    let fixture = Fixture::new().await;
    // Set before the first deploy, so that the first version finds it.
    put(&fixture, "KEY", "secret").await.unwrap();
    let mut request = request("code");
    request.vars = [("KEY", "variable"), ("OTHER", "plain")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let accepted = Accepted::judge(request, &fixture.control.config.defaults).unwrap();
    let tenant = TenantName::parse("alice").unwrap();
    let (_, deployment) = fixture.control.prepare(&tenant, accepted).await.unwrap();
    let expected = [("KEY", "secret"), ("OTHER", "plain")];
    assert_eq!(
        deployment.variables,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

#[tokio::test]
async fn secrets_are_listed_by_name_only_and_in_order() {
    let fixture = Fixture::new().await;
    for name in ["B", "A"] {
        put(&fixture, name, "do not show").await.unwrap();
    }
    let list = fixture.control.secrets("alice").await.unwrap();
    assert_eq!(list.secrets, ["A", "B"]);
    let detail = fixture.control.tenant(&fixture.supervisor, "alice").await.unwrap();
    assert!(!serde_json::to_string(&detail).unwrap().contains("do not show"));
}

#[tokio::test]
async fn secrets_are_bounded() {
    let fixture = Fixture::new().await;
    assert!(matches!(put(&fixture, "a b", "x").await, Err(ControlError::Name(_))));
    let long = "x".repeat(65_537);
    assert!(matches!(put(&fixture, "KEY", &long).await, Err(ControlError::TooMany(_))));
    for i in 0..256 {
        fixture.control.store.create_tenant("alice", 1).await.unwrap();
        let name = format!("K{i}");
        let sealed = fixture.control.sealer.seal("alice", &name, "x").unwrap();
        fixture.control.store.put_secret("alice", &name, &sealed).await.unwrap();
    }
    assert!(matches!(put(&fixture, "KEY", "x").await, Err(ControlError::TooMany(_))));
    assert!(put(&fixture, "K0", "changed").await.is_ok());
}

#[tokio::test]
async fn deleting_what_is_not_there_says_so() {
    let fixture = Fixture::new().await;
    let delete = async |tenant: &str| {
        fixture.control.delete_secret(&fixture.supervisor, tenant, "KEY").await
    };
    assert!(matches!(delete("alice").await, Err(ControlError::NoSuchTenant(_))));
    fixture.deploy("alice", "code").await;
    let before = live(&fixture);
    assert!(matches!(delete("alice").await, Err(ControlError::NoSuchSecret { .. })));
    assert!(Arc::ptr_eq(&before, &live(&fixture)), "nothing changed, so nothing restarts");
}
