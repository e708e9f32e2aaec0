use sqlx::AssertSqlSafe;
use tempfile::TempDir;

use super::fixture::new_version;
use crate::bundles::BundleHash;
use crate::seal::Sealed;
use crate::store::{NewVersion, SqliteStore, Store, StoreError, VersionKey};

async fn open(folder: &TempDir) -> SqliteStore {
    SqliteStore::open(&folder.path().join("insula.db")).await.unwrap()
}

/// A store looks at none of the bytes.
fn sealed(text: &str) -> Sealed {
    Sealed::stored(text.into())
}

#[tokio::test]
async fn a_version_comes_back_as_it_was_put() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let row = store.deploy(new_version("alice", "01", b"code")).await.unwrap();
    assert_eq!((row.number, row.predecessor.as_deref()), (1, None));
    assert_eq!(row.version, new_version("alice", "01", b"code"));
    store.close().await;

    let store = open(&folder).await;
    let found = store.version("alice", VersionKey::Id("01")).await.unwrap();
    assert_eq!(found.as_ref(), Some(&row));
    assert_eq!(store.version("alice", VersionKey::Number(1)).await.unwrap(), found);
    assert_eq!(store.active_versions().await.unwrap(), [row]);
}

#[tokio::test]
async fn numbers_count_per_tenant_and_name_their_predecessor() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.deploy(new_version("alice", "01", b"1")).await.unwrap();
    let second = store.deploy(new_version("alice", "02", b"2")).await.unwrap();
    assert_eq!((second.number, second.predecessor.as_deref()), (2, Some("01")));
    assert!(store.activate("alice", "01").await.unwrap());
    let third = store.deploy(new_version("alice", "03", b"3")).await.unwrap();
    assert_eq!((third.number, third.predecessor.as_deref()), (3, Some("01")));
    let other = store.deploy(new_version("bob", "04", b"4")).await.unwrap();
    assert_eq!((other.number, other.predecessor.as_deref()), (1, None));

    let numbers: Vec<_> =
        store.versions("alice", 2).await.unwrap().iter().map(|row| row.number).collect();
    assert_eq!(numbers, [3, 2]);
}

#[tokio::test]
async fn a_tenant_cannot_use_another_ones_version() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.deploy(new_version("alice", "01", b"1")).await.unwrap();
    store.deploy(new_version("bob", "02", b"2")).await.unwrap();
    assert!(!store.activate("alice", "02").await.unwrap());
    assert_eq!(store.version("alice", VersionKey::Id("02")).await.unwrap(), None);
    assert_eq!(store.tenant("alice").await.unwrap().unwrap().active.as_deref(), Some("01"));
}

#[tokio::test]
async fn an_id_that_exists_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.deploy(new_version("alice", "01", b"1")).await.unwrap();
    assert!(store.deploy(new_version("bob", "01", b"2")).await.is_err());
    assert_eq!(store.tenant("bob").await.unwrap(), None);
}

#[tokio::test]
async fn secrets_count_the_revision_up_only_when_something_changes() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.create_tenant("alice", 1).await.unwrap();
    let revision = async || store.tenant("alice").await.unwrap().unwrap().secret_revision;
    store.put_secret("alice", "KEY", &sealed("one")).await.unwrap();
    store.put_secret("alice", "KEY", &sealed("two")).await.unwrap();
    assert_eq!(revision().await, 2);
    assert_eq!(store.secrets("alice").await.unwrap()["KEY"], sealed("two"));
    assert!(!store.delete_secret("alice", "OTHER").await.unwrap());
    assert_eq!(revision().await, 2);
    assert!(store.delete_secret("alice", "KEY").await.unwrap());
    assert_eq!(revision().await, 3);
    assert!(store.secrets("alice").await.unwrap().is_empty());
}

#[tokio::test]
async fn secrets_of_nobody_are_refused() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    assert!(store.put_secret("nobody", "KEY", &sealed("value")).await.is_err());
}

#[tokio::test]
async fn a_host_name_has_one_owner() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.create_tenant("alice", 1).await.unwrap();
    store.create_tenant("bob", 1).await.unwrap();
    assert!(store.put_host("alice", "shop.example").await.unwrap());
    assert!(store.put_host("alice", "shop.example").await.unwrap());
    assert!(!store.put_host("bob", "shop.example").await.unwrap());
    assert!(!store.delete_host("bob", "shop.example").await.unwrap());
    assert_eq!(store.hosts().await.unwrap(), [("shop.example".to_owned(), "alice".to_owned())]);
    assert!(store.delete_host("alice", "shop.example").await.unwrap());
    assert!(store.put_host("bob", "shop.example").await.unwrap());
}

#[tokio::test]
async fn a_deleted_tenant_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.deploy(new_version("alice", "01", b"shared")).await.unwrap();
    store.deploy(new_version("alice", "02", b"own")).await.unwrap();
    store.deploy(new_version("bob", "03", b"shared")).await.unwrap();
    store.put_secret("alice", "KEY", &sealed("value")).await.unwrap();
    store.put_host("alice", "shop.example").await.unwrap();

    let mut bundles = store.delete_tenant("alice").await.unwrap().unwrap();
    let mut expected = vec![BundleHash::of(b"shared"), BundleHash::of(b"own")];
    bundles.sort_by_key(ToString::to_string);
    expected.sort_by_key(ToString::to_string);
    assert_eq!(bundles, expected);
    assert!(store.uses_bundle(BundleHash::of(b"shared")).await.unwrap());
    assert!(!store.uses_bundle(BundleHash::of(b"own")).await.unwrap());
    assert_eq!(store.tenant("alice").await.unwrap(), None);
    assert!(store.versions("alice", 9).await.unwrap().is_empty());
    assert!(store.secrets("alice").await.unwrap().is_empty());
    assert!(store.hosts().await.unwrap().is_empty());
    assert_eq!(store.delete_tenant("alice").await.unwrap(), None);
}

#[tokio::test]
async fn every_commit_is_synced_to_disk() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let pragma = async |name: &'static str| -> String {
        sqlx::query_scalar::<_, String>(name).fetch_one(store.pool()).await.unwrap()
    };
    assert_eq!(pragma("PRAGMA journal_mode").await, "wal");
    let synchronous: i64 =
        sqlx::query_scalar("PRAGMA synchronous").fetch_one(store.pool()).await.unwrap();
    assert_eq!(synchronous, 2, "FULL");
}

#[tokio::test]
async fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::MetadataExt;
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.deploy(new_version("alice", "01", b"1")).await.unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().mode() & 0o077, 0, "{}", file.path().display());
    }
}

#[tokio::test]
async fn a_full_disk_is_called_by_its_name() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.deploy(new_version("alice", "01", b"1")).await.unwrap();
    limit_pages(&store, 1).await;
    let mut large = new_version("alice", "02", b"2");
    large.vars.insert("LARGE".to_owned(), "x".repeat(1 << 20));
    let error = store.deploy(large).await.unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error}");
    assert_eq!(store.tenant("alice").await.unwrap().unwrap().active.as_deref(), Some("01"));
}

#[tokio::test]
async fn once_a_full_disk_has_room_again_all_goes_on() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.deploy(new_version("alice", "01", b"1")).await.unwrap();
    limit_pages(&store, 1).await;
    let mut large = new_version("alice", "02", b"2");
    large.vars.insert("LARGE".to_owned(), "x".repeat(1 << 20));
    let error = store.deploy(large.clone()).await.unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error}");
    limit_pages(&store, u32::MAX - 1).await;
    // Each connection has its turn, the one that met the full disk among them.
    for id in 2..12 {
        store.deploy(NewVersion { id: format!("{id:02}"), ..large.clone() }).await.unwrap();
    }
    assert!(store.delete_tenant("alice").await.unwrap().is_some());
}

/// How many pages the database may have, on every connection of the pool: SQLite answers with fewer than it
/// has as it does when the disk is full.
async fn limit_pages(store: &SqliteStore, pages: u32) {
    let mut connections = Vec::new();
    for _ in 0..store.pool().options().get_max_connections() {
        let mut connection = store.pool().acquire().await.unwrap();
        let limit = AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
        sqlx::query(limit).execute(&mut *connection).await.unwrap();
        connections.push(connection);
    }
}
