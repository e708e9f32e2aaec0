use std::sync::Arc;

use bytes::Bytes;
use insula_supervisor::{Bundle, Module, ModuleKind};
use tempfile::TempDir;

use super::fixture::{Fixture, new_version};
use crate::BundleError;
use crate::bundles::{BundleHash, Bundles, decode, encode};
use crate::store::{SqliteStore, Store};

fn bundle() -> Bundle {
    let module = |name: &str, kind, source: &'static [u8]| Module {
        name: name.to_owned(),
        kind,
        source: Bytes::from_static(source),
    };
    Bundle {
        entry: "index.js".to_owned(),
        modules: vec![
            module("index.js", ModuleKind::JavaScript, b"export default {}"),
            module("empty.txt", ModuleKind::Text, b""),
            module("lib/\"quoted\".wasm", ModuleKind::Wasm, &[0, 0xff, 0x61]),
        ],
    }
}

#[test]
fn bytes_and_bundle_are_the_same_thing() {
    let blob = encode(&bundle(), None);
    assert_eq!(decode(&blob), Some(bundle()));
    assert_eq!(encode(&decode(&blob).unwrap(), None), blob);
}

#[test]
fn what_is_not_exactly_one_bundle_is_not_decoded() {
    let blob = encode(&bundle(), None);
    for end in 0..blob.len() {
        assert_eq!(decode(&blob.slice(..end)), None, "cut at {end}");
    }
    assert_eq!(decode(&Bytes::from([&blob[..], b"x"].concat())), None);
    // A manifest that is said to be longer than everything.
    let huge = Bytes::from([&b"insula-bundle-1\n"[..], &[0xff; 4], b"{}"].concat());
    assert_eq!(decode(&huge), None);
}

#[test]
fn a_hash_reads_back_and_nothing_else_does() {
    let hash = BundleHash::of(b"code");
    let text = hash.to_string();
    assert_eq!(BundleHash::parse(&text), Some(hash));
    for wrong in ["", &text[1..], &text.to_uppercase(), &format!("{text}0"), &"g".repeat(64)] {
        assert_eq!(BundleHash::parse(wrong), None, "{wrong}");
    }
}

#[tokio::test]
async fn bundles_leave_room_to_delete_some() {
    let folder = TempDir::new().unwrap();
    let mut bundles = Bundles::open(folder.path()).unwrap();
    let blob = encode(&bundle(), None);
    let hash = BundleHash::of(&blob);
    bundles.reserve = u64::MAX;
    let refused = bundles.pin(hash, blob.clone(), Some(Bytes::from_static(b"maps"))).await;
    assert!(matches!(refused, Err(BundleError::DiskFull)), "{refused:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    bundles.reserve = 0;
    bundles.pin(hash, blob, None).await.unwrap();
}

#[tokio::test]
async fn equal_bundles_share_memory() {
    let folder = TempDir::new().unwrap();
    let bundles = Bundles::open(folder.path()).unwrap();
    let blob = encode(&bundle(), None);
    let hash = BundleHash::of(&blob);
    bundles.pin(hash, blob, None).await.unwrap();
    let first = bundles.load(hash).await.unwrap();
    assert_eq!(*first, bundle());
    assert!(Arc::ptr_eq(&first, &bundles.load(hash).await.unwrap()));
}

#[tokio::test]
async fn a_damaged_bundle_is_never_loaded() {
    let folder = TempDir::new().unwrap();
    let bundles = Bundles::open(folder.path()).unwrap();
    let blob = encode(&bundle(), None);
    let hash = BundleHash::of(&blob);
    bundles.pin(hash, blob.clone(), None).await.unwrap();
    let file = folder.path().join(hash.to_string());
    let half = blob.len() / 2;
    let flipped = [&blob[..half], &[blob[half] ^ 1], &blob[half + 1..]].concat();
    for bytes in [&b""[..], &blob[..half], &flipped, &[&blob[..], b"x"].concat()] {
        std::fs::write(&file, bytes).unwrap();
        let error = bundles.load(hash).await.unwrap_err();
        assert!(matches!(error, BundleError::Damaged { .. }), "{error}");
    }
    std::fs::remove_file(&file).unwrap();
    assert!(matches!(bundles.load(hash).await, Err(BundleError::Lost(_))));
    // Deploying the same code again mends it.
    bundles.pin(hash, blob, None).await.unwrap();
    assert_eq!(*bundles.load(hash).await.unwrap(), bundle());
}

/// Another thread reads it than reads small ones.
#[tokio::test]
async fn a_large_bundle_is_checked_too() {
    let folder = TempDir::new().unwrap();
    let bundles = Bundles::open(folder.path()).unwrap();
    let mut large = bundle();
    large.modules[0].source = vec![b' '; 1 << 20].into();
    let blob = encode(&large, None);
    let hash = BundleHash::of(&blob);
    bundles.pin(hash, blob.clone(), None).await.unwrap();
    let file = folder.path().join(hash.to_string());
    std::fs::write(&file, &blob[1..]).unwrap();
    assert!(matches!(bundles.load(hash).await, Err(BundleError::Damaged { .. })));
    std::fs::write(&file, &blob).unwrap();
    assert_eq!(*bundles.load(hash).await.unwrap(), large);
}

#[tokio::test]
async fn a_bundle_stays_while_it_is_pinned_or_used() {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(&folder.path().join("insula.db")).await.unwrap();
    let bundles = Bundles::open(&folder.path().join("bundles")).unwrap();
    let blob = Bytes::from_static(b"any bytes");
    let hash = BundleHash::of(&blob);
    let file = folder.path().join("bundles").join(hash.to_string());

    bundles.pin(hash, blob.clone(), None).await.unwrap();
    bundles.pin(hash, blob.clone(), None).await.unwrap();
    bundles.unpin(hash, &store).await;
    bundles.sweep_all(&store).await.unwrap();
    assert!(file.exists(), "one pin is left");

    store.deploy(new_version("alice", "01", &blob)).await.unwrap();
    bundles.unpin(hash, &store).await;
    bundles.sweep_all(&store).await.unwrap();
    assert!(file.exists(), "a version uses it");

    store.delete_tenant("alice").await.unwrap();
    bundles.sweep(hash, &store).await;
    assert!(!file.exists());
}

#[tokio::test]
async fn what_a_crash_left_behind_is_removed_at_the_next_start() {
    let fixture = Fixture::new().await;
    let row = fixture.deploy("alice", "live").await;
    let bundles = fixture.folder.path().join("bundles");
    let orphan = BundleHash::of(b"orphan").to_string();
    std::fs::write(bundles.join(&orphan), "orphan").unwrap();
    std::fs::write(bundles.join(format!("{orphan}#1")), "orph").unwrap();
    let fixture = fixture.reopen().await;
    assert_eq!(fixture.bundle_files(), [row.version.bundle.to_string()]);
    assert_eq!(fixture.served("alice.cloud.test").await, "live");
}
