use std::path::PathBuf;
use std::sync::Arc;

use insula_supervisor::Deployment;
use sqlx::SqlitePool;
use tempfile::TempDir;

use super::fixture::{Fixture, copy_files, files_with, open, request};
use crate::accept::Accepted;
use crate::name::TenantName;
use crate::{ControlError, DeployError, SecretError};

const VALUE: &str = "sk_live_51f0a9c7 a value that stands out";

async fn put(fixture: &Fixture, tenant: &str, name: &str, value: &str) {
    let control = &fixture.control;
    control.put_secret(&fixture.supervisor, tenant, name, value.to_owned()).await.unwrap();
}

fn live(fixture: &Fixture, tenant: &str) -> Option<Arc<Deployment>> {
    fixture.control.directory().active(tenant)
}

/// Changes the database beside the server, as somebody with the file could.
async fn change(folder: &TempDir, statement: &'static str) {
    let database = folder.path().join("insula.db");
    let pool = SqlitePool::connect(&format!("sqlite:{}", database.display())).await.unwrap();
    let done = sqlx::query(statement).execute(&pool).await.unwrap();
    assert!(done.rows_affected() > 0, "nothing was changed");
    pool.close().await;
}

#[tokio::test]
async fn a_value_is_in_no_file_at_any_time() {
    let fixture = Fixture::new().await;
    let folder = fixture.folder.path();
    let nowhere = Vec::<PathBuf>::new();
    let holders = || files_with(folder, VALUE.as_bytes());
    // The search finds what is kept as it is: a variable, in the log of the database.
    let mut request = request("code");
    request.vars = [("PLAIN".to_owned(), "a variable that stands out".to_owned())].into();
    let accepted = Accepted::judge(request, &fixture.control.config.defaults).unwrap();
    let tenant = TenantName::parse("alice").unwrap();
    let (version, deployment) = fixture.control.prepare(&tenant, accepted).await.unwrap();
    let report = insula_supervisor::BootReport { cpu_us: 1, wall_us: 1 };
    let supervisor = &fixture.supervisor;
    fixture.control.make_live(supervisor, version, deployment, report).await.unwrap();
    assert_eq!(files_with(folder, b"a variable that stands out"), [folder.join("insula.db-wal")]);

    for number in 0..40 {
        put(&fixture, "alice", &format!("KEY{number}"), VALUE).await;
    }
    // Larger than a page, so that it takes a chain of them.
    put(&fixture, "alice", "LONG", &VALUE.repeat(400)).await;
    assert_eq!(holders(), nowhere, "after put");
    put(&fixture, "alice", "KEY1", "changed").await;
    fixture.control.delete_secret(supervisor, "alice", "KEY2").await.unwrap();
    assert_eq!(holders(), nowhere, "after delete");
    let copy = TempDir::new().unwrap();
    copy_files(folder, copy.path());
    drop(open(&copy).await.unwrap());
    assert_eq!(files_with(copy.path(), VALUE.as_bytes()), nowhere, "after a crash");
    fixture.control.close().await;
    assert_eq!(holders(), nowhere, "after an orderly end");
    assert!(!folder.join("insula.db-wal").exists());
}

#[tokio::test]
async fn a_damaged_secret_stops_its_tenant_and_no_other_one() {
    let fixture = Fixture::new().await;
    fixture.deploy("alice", "alice's").await;
    fixture.deploy("bob", "bob's").await;
    for (tenant, name) in [("alice", "KEY"), ("alice", "FINE"), ("bob", "KEY")] {
        put(&fixture, tenant, name, VALUE).await;
    }
    change(
        &fixture.folder,
        "UPDATE secrets SET sealed = CAST(substr(sealed, 1, 30) || x'00112233' || \
         substr(sealed, 35) AS BLOB) \
         WHERE tenant = 'alice' AND name = 'KEY'",
    )
    .await;
    let fixture = fixture.reopen().await;
    assert!(live(&fixture, "alice").is_none());
    assert_eq!(live(&fixture, "bob").unwrap().variables[0].1, VALUE);
    let list = fixture.control.secrets("alice").await.unwrap();
    assert_eq!(list.secrets, ["FINE", "KEY"], "what there is can still be seen");

    // A deploy or a rollback does not go on without the secret.
    let unreadable = SecretError::Unreadable { tenant: "alice".into(), name: "KEY".into() };
    let accepted = Accepted::judge(request("new"), &fixture.control.config.defaults).unwrap();
    let tenant = TenantName::parse("alice").unwrap();
    let result = fixture.control.prepare(&tenant, accepted).await;
    assert!(matches!(result, Err(DeployError::Secret(error)) if error == unreadable));
    let result = fixture.control.rollback(&fixture.supervisor, "alice", Some("v1")).await;
    assert!(matches!(result, Err(ControlError::Secret(error)) if error == unreadable));

    // Setting it again brings the tenant back, with what was there beside it.
    put(&fixture, "alice", "KEY", "again").await;
    let variables = [("FINE", VALUE), ("KEY", "again")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(live(&fixture, "alice").unwrap().variables, variables);
}

#[tokio::test]
async fn a_deleted_secret_no_longer_stops_its_tenant() {
    let fixture = Fixture::new().await;
    fixture.deploy("alice", "code").await;
    put(&fixture, "alice", "KEY", VALUE).await;
    change(&fixture.folder, "UPDATE secrets SET sealed = x'00'").await;
    let fixture = fixture.reopen().await;
    assert!(live(&fixture, "alice").is_none());
    fixture.control.delete_secret(&fixture.supervisor, "alice", "KEY").await.unwrap();
    assert!(live(&fixture, "alice").unwrap().variables.is_empty());
}

#[tokio::test]
async fn rows_that_change_places_do_not_open() {
    let fixture = Fixture::new().await;
    for tenant in ["alice", "carol"] {
        fixture.deploy(tenant, "code").await;
        put(&fixture, tenant, "KEY", tenant).await;
        put(&fixture, tenant, "OTHER", "other").await;
    }
    fixture.deploy("bob", "code").await;
    put(&fixture, "bob", "KEY", "bob").await;
    change(
        &fixture.folder,
        "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE tenant = 'carol' \
         AND name = 'KEY') WHERE tenant = 'alice' AND name = 'KEY'",
    )
    .await;
    change(
        &fixture.folder,
        "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE tenant = 'carol' \
         AND name = 'OTHER') WHERE tenant = 'carol' AND name = 'KEY'",
    )
    .await;
    let fixture = fixture.reopen().await;
    assert!(live(&fixture, "alice").is_none(), "a neighbour's secret");
    assert!(live(&fixture, "carol").is_none(), "its own secret under another name");
    assert!(live(&fixture, "bob").is_some());
}
