use insula_supervisor::Blame;

use super::fixture::{Fixture, request};
use crate::{DeployError, StoreError};

#[tokio::test]
async fn a_deploy_that_does_not_boot_changes_nothing() {
    let fixture = Fixture::new().await;
    let live = fixture.deploy("alice", "live").await;
    for tenant in ["alice", "bob"] {
        let deploy = fixture.control.deploy(&fixture.supervisor, tenant, request("new"));
        let error = deploy.await.unwrap_err();
        assert!(matches!(error, DeployError::Start(_)), "{error}");
    }
    assert_eq!(fixture.served("alice.cloud.test").await, "live");
    assert_eq!(fixture.served("bob.cloud.test").await, "");
    assert_eq!(fixture.bundle_files(), [live.version.bundle.to_string()]);
    let tenants = fixture.control.tenants().await.unwrap().tenants;
    assert_eq!(tenants.iter().map(|tenant| tenant.number).collect::<Vec<_>>(), [Some(1)]);
}

#[tokio::test]
async fn a_failed_deploy_of_the_live_code_leaves_its_bundle() {
    let fixture = Fixture::new().await;
    let live = fixture.deploy("alice", "same").await;
    let deploy = fixture.control.deploy(&fixture.supervisor, "bob", request("same"));
    assert!(deploy.await.is_err());
    assert_eq!(fixture.bundle_files(), [live.version.bundle.to_string()]);
}

#[tokio::test]
async fn a_deploy_replaces_what_is_served() {
    let fixture = Fixture::new().await;
    fixture.deploy("alice", "one").await;
    let second = fixture.deploy("alice", "two").await;
    assert_eq!(fixture.served("alice.cloud.test").await, "two");
    let list = fixture.control.deployments("alice", 10).await.unwrap().deployments;
    assert_eq!(
        list.iter().map(|d| (d.number, d.active)).collect::<Vec<_>>(),
        [(2, true), (1, false)]
    );
    assert_eq!(list[0].id, second.version.id);
    assert_eq!((list[0].startup_cpu_us, list[0].startup_wall_us), (11, 22));
    assert_eq!(list[0].bundle_bytes, 3);
}

#[tokio::test]
async fn a_bundle_that_cannot_be_written_is_the_operators_fault() {
    let fixture = Fixture::new().await;
    fixture.deploy("alice", "live").await;
    let bundles = fixture.folder.path().join("bundles");
    std::fs::remove_dir_all(&bundles).unwrap();
    std::fs::write(&bundles, "a file where the folder was").unwrap();
    let deploy = fixture.control.deploy(&fixture.supervisor, "alice", request("new"));
    let error = deploy.await.unwrap_err();
    assert!(matches!(error, DeployError::Bundle(_)), "{error}");
    assert_eq!(error.blame(), Blame::Operator);
    assert_eq!(fixture.served("alice.cloud.test").await, "live");
}

#[tokio::test]
async fn a_version_that_cannot_be_recorded_does_not_go_live() {
    let fixture = Fixture::new().await;
    let live = fixture.deploy("alice", "live").await;
    let database = fixture.folder.path().join("insula.db");
    let pool = sqlx::SqlitePool::connect(database.to_str().unwrap()).await.unwrap();
    sqlx::query(
        "CREATE TRIGGER broken BEFORE INSERT ON versions \
         BEGIN SELECT RAISE (ABORT, 'broken'); END",
    )
    .execute(&pool)
    .await
    .unwrap();

    let mut version = live.version.clone();
    version.id = "9".to_owned();
    let deployment = super::fixture::deployment("alice", "9", "new");
    let report = insula_supervisor::BootReport { cpu_us: 1, wall_us: 1 };
    let switched = fixture.control.make_live(&fixture.supervisor, version, deployment, report);
    let error = switched.await.unwrap_err();
    assert!(matches!(error, StoreError::Database { .. }), "{error}");
    assert_eq!(fixture.served("alice.cloud.test").await, "live");
    let fixture = fixture.reopen().await;
    assert_eq!(fixture.served("alice.cloud.test").await, "live");
}

#[tokio::test]
async fn a_deploy_waits_for_its_tenants_turn() {
    let fixture = Fixture::new().await;
    let turn = fixture.control.turns.wait("alice".into()).await;
    let (control, supervisor) = (fixture.control.clone(), fixture.supervisor.clone());
    let waiting =
        tokio::spawn(async move { control.deploy(&supervisor, "alice", request("new")).await });
    for _ in 0..3 {
        // Goes through all that alice's would go through, and fails as alice's would.
        let other = fixture.control.deploy(&fixture.supervisor, "bob", request("other"));
        assert!(other.await.is_err());
    }
    assert!(!waiting.is_finished());
    drop(turn);
    assert!(waiting.await.unwrap().is_err());
}
