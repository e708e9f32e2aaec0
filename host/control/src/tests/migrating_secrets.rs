use std::path::{Path, PathBuf};

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{Connection as _, SqliteConnection, SqlitePool};
use tempfile::TempDir;

use super::fixture::{copy_files, files_with, open};
use crate::seal::{Sealed, Sealer};
use crate::store::{SqliteStore, Store as _};
use crate::{OpenError, SecretsKey};

const VALUE: &str = "sk_live_51f0a9c7 a value that stands out";
const SECRETS: usize = 120;

/// The value of a secret; some take more than a page.
fn value(number: usize) -> String {
    if number.is_multiple_of(10) { VALUE.repeat(200) } else { format!("{VALUE} {number}") }
}

fn name(number: usize) -> String {
    format!("KEY{number:03}")
}

/// A folder as the version before sealing left it when it was killed: rows that came, changed
/// and went, part of them in the log.
async fn old_folder() -> TempDir {
    let whole = sqlx::migrate!("./migrations/sqlite");
    let old = whole.iter().filter(|migration| migration.version <= 2).cloned().collect();
    let folder = TempDir::new().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("insula.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .pragma("secure_delete", "ON");
    let pool = SqlitePool::connect_with(options).await.unwrap();
    Migrator::with_migrations(old).run(&pool).await.unwrap();
    sqlx::query("INSERT INTO tenants (name, created_ms, secret_revision) VALUES ('alice', 1, 7)")
        .execute(&pool)
        .await
        .unwrap();
    let put = async |number: usize, value: &str| {
        sqlx::query(
            "INSERT INTO secrets (tenant, name, value) VALUES ('alice', ?, ?) \
             ON CONFLICT (tenant, name) DO UPDATE SET value = excluded.value",
        )
        .bind(name(number))
        .bind(value)
        .execute(&pool)
        .await
        .unwrap();
    };
    for number in 0..SECRETS {
        put(number, &format!("{VALUE} before")).await;
    }
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&pool).await.unwrap();
    for number in 0..SECRETS {
        put(number, &value(number)).await;
    }
    // Somebody deleted a secret with another program, which leaves the value on its free page.
    put(SECRETS, &VALUE.repeat(400)).await;
    let path = format!("sqlite:{}", folder.path().join("insula.db").display());
    let mut other = SqliteConnection::connect(&path).await.unwrap();
    sqlx::query("PRAGMA secure_delete = OFF").execute(&mut other).await.unwrap();
    let deleted = sqlx::query("DELETE FROM secrets WHERE name = ?").bind(name(SECRETS));
    deleted.execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    let copy = TempDir::new().unwrap();
    copy_files(folder.path(), copy.path());
    for file in ["insula.db", "insula.db-wal"] {
        let path = copy.path().join(file);
        assert!(files_with(copy.path(), VALUE.as_bytes()).contains(&path), "{file} holds it");
    }
    pool.close().await;
    copy
}

/// Opens the folder; every secret has its value, and no file holds one.
async fn assert_sealed(folder: &TempDir) {
    let control = open(folder).await.unwrap();
    let nowhere = Vec::<PathBuf>::new();
    assert_eq!(files_with(folder.path(), VALUE.as_bytes()), nowhere);
    let sealed = control.store.secrets("alice").await.unwrap();
    assert_eq!(sealed.len(), SECRETS);
    for number in 0..SECRETS {
        let name = name(number);
        assert_eq!(control.sealer.open("alice", &name, &sealed[&name]).unwrap(), value(number));
    }
    assert_eq!(control.store.tenant("alice").await.unwrap().unwrap().secret_revision, 7);
    control.close().await;
    assert_eq!(files_with(folder.path(), VALUE.as_bytes()), nowhere, "after the end");
    let path = format!("sqlite:{}", folder.path().join("insula.db").display());
    let mut connection = SqliteConnection::connect(&path).await.unwrap();
    let left: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'plain_secrets'")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert_eq!(left, 0, "the sign that nothing is left to do");
}

fn copy(folder: &Path) -> TempDir {
    let copy = TempDir::new().unwrap();
    copy_files(folder, copy.path());
    copy
}

/// Seals with the key in the folder, which must be there.
fn sealer(folder: &Path) -> Sealer {
    let text = std::fs::read(folder.join("secrets.key")).unwrap();
    Sealer::new(SecretsKey::parse("a test", &text).unwrap())
}

fn seal(sealer: &Sealer) -> impl Fn(&str, &str, &str) -> Result<Sealed, OpenError> + use<'_> {
    |tenant, name, value| sealer.seal(tenant, name, value).map_err(OpenError::from)
}

#[tokio::test]
async fn values_of_an_old_database_are_sealed_and_no_trace_is_left() {
    let folder = old_folder().await;
    assert_sealed(&folder).await;
    assert_sealed(&folder).await;
}

#[tokio::test]
async fn a_crash_between_any_two_steps_loses_nothing_and_the_rest_follows() {
    let folder = old_folder().await;
    let database = folder.path().join("insula.db");
    let store = SqliteStore::open(&database).await.unwrap();
    let after_schema = copy(folder.path());

    // The key's file and its check value come before anything is sealed.
    let source = crate::SecretsKeySource::DataFolder;
    let first = crate::seal::sealer(&source, folder.path(), &store).await.unwrap();
    let after_key = copy(folder.path());
    drop(first);

    let sealer = sealer(folder.path());
    store.replace_plain_secrets(seal(&sealer)).await.unwrap();
    assert!(!files_with(folder.path(), VALUE.as_bytes()).is_empty(), "there is something to wipe");
    let after_sealing = copy(folder.path());

    store.wipe().await.unwrap();
    assert_eq!(files_with(folder.path(), VALUE.as_bytes()), Vec::<PathBuf>::new());
    let after_wiping = copy(folder.path());

    for crashed in [after_schema, after_key, after_sealing, after_wiping] {
        assert_sealed(&crashed).await;
    }
}

#[tokio::test]
async fn what_fails_in_the_middle_changes_nothing() {
    let folder = old_folder().await;
    let store = SqliteStore::open(&folder.path().join("insula.db")).await.unwrap();
    let source = crate::SecretsKeySource::DataFolder;
    let sealer = crate::seal::sealer(&source, folder.path(), &store).await.unwrap();
    let left = std::cell::Cell::new(60);
    let failing = |tenant: &str, name: &str, value: &str| {
        left.set(left.get() - 1);
        if left.get() == 0 {
            return Err(crate::SecretError::Random("none left".to_owned()).into());
        }
        seal(&sealer)(tenant, name, value)
    };
    let result: Result<(), OpenError> = store.seal_plain_secrets(failing).await;
    assert!(matches!(result, Err(OpenError::Secret(_))));
    assert!(!store.has_secrets().await.unwrap(), "all or none");
    store.close().await;
    assert_sealed(&folder).await;
}

#[tokio::test]
async fn a_reader_of_the_log_delays_the_start_instead_of_leaving_traces() {
    let folder = old_folder().await;
    let path = format!("sqlite:{}", folder.path().join("insula.db").display());
    let mut reader = SqliteConnection::connect(&path).await.unwrap();
    sqlx::query("PRAGMA busy_timeout = 0").execute(&mut reader).await.unwrap();
    let mut reading = reader.begin().await.unwrap();
    let _: i64 =
        sqlx::query_scalar("SELECT count(*) FROM tenants").fetch_one(&mut *reading).await.unwrap();
    let error = open(&folder).await.err().unwrap();
    assert!(matches!(error, OpenError::Store(crate::StoreError::InUse { .. })), "{error}");
    drop(reading);
    reader.close().await.unwrap();
    assert_sealed(&folder).await;
}
