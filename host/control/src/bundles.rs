//! Bundles on disk, each under the SHA-256 of its bytes.

mod blob;
mod hash;

use std::collections::{HashMap, HashSet};
use std::fs::DirBuilder;
use std::io::IoSliceMut;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, TryStreamExt};
use insula_supervisor::{Blame, Bundle, Code, CodeError, CodeStore};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, fstat, openat2, statvfs};
use rustix::io::{ReadWriteFlags, preadv2};
use thiserror::Error;
use tokio::sync::Mutex;

use crate::recent::recent;
use crate::store::{Store, StoreError};

pub(crate) use blob::{decode, encode};
pub(crate) use hash::BundleHash;

/// Content-addressed bundles. A bundle that is read is checked against its name, so one that is
/// half-written or damaged is never served.
pub(crate) struct Bundles {
    objects: Arc<dyn ObjectStore>,
    /// Where `objects` keeps them.
    folder: PathBuf,
    /// Bundles of deploys under way, with how many: no version names them yet, and they must not
    /// be swept away. Locked for as long as an unused bundle is being removed, so that a deploy
    /// of the same code waits and then writes it again.
    pinned: Mutex<HashMap<BundleHash, usize>>,
    /// What was read lately: versions that start isolates often are not read from disk each time,
    /// and equal code that many tenants deploy is there once.
    recent: Cache<BundleHash, Arc<Bundle>, Bytes>,
    /// Bytes of the disk that bundles leave free.
    pub(crate) reserve: u64,
}

/// What stays free for the database: deleting a tenant is what makes room, and it has to be written down first.
const RESERVE: u64 = 8 << 20;

/// Bytes of code in [`Bundles::recent`].
const RECENT_BYTES: u64 = 32 << 20;

/// Bytes of a bundle that is read and checked without another thread, if it is in the system's memory.
const AT_ONCE: usize = 64 << 10;

#[derive(Clone)]
struct Bytes;

impl Weighter<BundleHash, Arc<Bundle>> for Bytes {
    fn weight(&self, _hash: &BundleHash, bundle: &Arc<Bundle>) -> u64 {
        // Names and the table have their cost too.
        bundle.size() + 100 * bundle.modules.len() as u64
    }
}

/// One bundle, for who starts isolates with it.
struct Kept {
    bundles: Arc<Bundles>,
    hash: BundleHash,
}

impl CodeStore for Kept {
    fn read(&self) -> BoxFuture<'_, Result<Arc<Bundle>, CodeError>> {
        let read = self.bundles.load(self.hash);
        read.map(|read| {
            read.map_err(|error| CodeError { what: error.to_string(), blame: error.blame() })
        })
        .boxed()
    }
}

/// Why a bundle could not be kept or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The disk is full.
    #[error("the disk with the bundles is full: free some space")]
    DiskFull,
    /// The folder of bundles cannot be used.
    #[error("cannot use the bundle folder {}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Reading or writing failed.
    #[error("cannot {operation} bundle {hash}: {source}")]
    Storage {
        /// `read`, `write`, …
        operation: &'static str,
        /// The bundle.
        hash: String,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The bundle is gone.
    #[error("bundle {0} is lost: deploy again")]
    Lost(String),
    /// The bundle's bytes are not the ones that were written.
    #[error("bundle {hash} is damaged ({why}): deploy again")]
    Damaged {
        /// The bundle.
        hash: String,
        /// In which way.
        why: &'static str,
    },
}

impl BundleError {
    /// Whose fault it is.
    pub fn blame(&self) -> Blame {
        Blame::Operator
    }
}

impl Bundles {
    /// Bundles in a local folder, which is created if it does not exist.
    pub(crate) fn open(folder: &Path) -> Result<Self, BundleError> {
        let in_folder = |source| BundleError::Folder { path: folder.to_owned(), source };
        // Tenants' code is no other user's business.
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(in_folder)?;
        remove_staged(folder).map_err(in_folder)?;
        let objects = LocalFileSystem::new_with_prefix(folder)
            .map_err(|error| in_folder(std::io::Error::other(error)))?
            .with_fsync(true);
        Ok(Self {
            objects: Arc::new(objects),
            folder: folder.to_owned(),
            pinned: Mutex::default(),
            recent: recent(RECENT_BYTES, Bytes),
            reserve: RESERVE,
        })
    }

    /// Keeps a bundle, its source maps beside it, and protects it from [`sweep`](Self::sweep)
    /// until [`unpin`](Self::unpin). When this returns, the bundle is on disk.
    pub(crate) async fn pin(
        &self,
        hash: BundleHash,
        blob: bytes::Bytes,
        maps: Option<bytes::Bytes>,
    ) -> Result<(), BundleError> {
        *self.pinned.lock().await.entry(hash).or_default() += 1;
        self.check_room(blob.len() + maps.as_ref().map_or(0, bytes::Bytes::len))?;
        if let Some(maps) = maps {
            let written = self.objects.put(&maps_key(hash), sealed(&maps).into()).await;
            written.map_err(|source| storage("write", hash, source))?;
        }
        // An existing file is written anew: that costs little and mends a damaged one.
        self.objects
            .put(&key(hash), blob.into())
            .await
            .map(drop)
            .map_err(|source| storage("write", hash, source))
    }

    /// Whether `bytes` more leave the reserve alone. A file system that does not say shows when it is full.
    fn check_room(&self, bytes: usize) -> Result<(), BundleError> {
        let needed = self.reserve.saturating_add(bytes as u64);
        match statvfs(&self.folder) {
            Ok(disk) if disk.f_bavail.saturating_mul(disk.f_frsize) < needed => {
                Err(BundleError::DiskFull)
            }
            _ => Ok(()),
        }
    }

    /// Ends the protection of a bundle, and removes it if no version uses it.
    pub(crate) async fn unpin(&self, hash: BundleHash, store: &dyn Store) {
        {
            let mut pinned = self.pinned.lock().await;
            match pinned.get_mut(&hash) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(pinned.remove(&hash)),
            }
        }
        self.sweep(hash, store).await;
    }

    /// Removes a bundle that nothing uses. Failing to is logged, not reported: it is tried again
    /// at the next start.
    pub(crate) async fn sweep(&self, hash: BundleHash, store: &dyn Store) {
        let pinned = self.pinned.lock().await;
        if pinned.contains_key(&hash) || !matches!(store.uses_bundle(hash).await, Ok(false)) {
            return;
        }
        for key in [key(hash), maps_key(hash)] {
            match self.objects.delete(&key).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => tracing::warn!(%hash, %error, "an unused bundle cannot be removed"),
            }
        }
    }

    /// Removes all bundles that nothing uses: what a crash between two steps left behind. Returns
    /// those that are there.
    pub(crate) async fn sweep_all(
        &self,
        store: &dyn Store,
    ) -> Result<HashSet<BundleHash>, StoreError> {
        let used = store.bundles().await?;
        let listed: Result<Vec<_>, _> = self.objects.list(None).try_collect().await;
        let found = listed.unwrap_or_else(|error| {
            tracing::warn!(%error, "the bundles cannot be listed");
            Vec::new()
        });
        let mut present = HashSet::new();
        for object in found {
            let name = object.location.as_ref();
            let maps_of = name.strip_suffix(MAPS_ENDING).and_then(BundleHash::parse);
            match maps_of.or_else(|| BundleHash::parse(name)) {
                Some(hash) if !used.contains(&hash) => self.sweep(hash, store).await,
                Some(hash) if maps_of.is_none() => drop(present.insert(hash)),
                _ => {}
            }
        }
        Ok(present)
    }

    /// The code under `hash`, for a deployment: read when it is needed.
    pub(crate) fn code(self: &Arc<Self>, hash: BundleHash) -> Code {
        Code::Kept(Arc::new(Kept { bundles: Arc::clone(self), hash }))
    }

    /// A bundle that was read lately, or is read and checked now.
    pub(crate) async fn load(&self, hash: BundleHash) -> Result<Arc<Bundle>, BundleError> {
        self.recent.get_or_insert_async(&hash, self.read(hash)).await
    }

    /// Reads a bundle from the disk and checks it.
    pub(crate) async fn read(&self, hash: BundleHash) -> Result<Arc<Bundle>, BundleError> {
        let file = self.folder.join(hash.to_string());
        if let Some(blob) = cached(&file) {
            return checked(hash, &blob.into()).map(Arc::new);
        }
        // In one piece, since a request waits for it: the object store's way to the same bytes
        // changes threads four times.
        crate::work::blocking(move || {
            let blob = std::fs::read(file).map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => BundleError::Lost(hash.to_string()),
                _ => failed("read", hash, error.into()),
            })?;
            checked(hash, &blob.into()).map(Arc::new)
        })
        .await
    }

    /// Reads the source maps of a bundle, as they were given to [`pin`](Self::pin).
    pub(crate) async fn maps(&self, hash: BundleHash) -> Result<Option<bytes::Bytes>, BundleError> {
        let read = |source| storage("read", hash, source);
        let blob = match self.objects.get(&maps_key(hash)).await {
            Ok(blob) => blob.bytes().await.map_err(read)?,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(read(error)),
        };
        let why = "the SHA-256 of its source maps is another";
        let damaged = BundleError::Damaged { hash: hash.to_string(), why };
        crate::work::blocking(move || unsealed(&blob)).await.map(Some).ok_or(damaged)
    }

    /// Whether there is a file for a bundle. What it holds is checked when it is read.
    pub(crate) async fn is_there(&self, hash: BundleHash) -> bool {
        self.objects.head(&key(hash)).await.is_ok()
    }

    /// Notes a bundle that is in memory: it is going to be read in a moment.
    pub(crate) fn remember(&self, hash: BundleHash, bundle: Arc<Bundle>) {
        self.recent.insert(hash, bundle);
    }
}

/// The bytes of a small file, if the system has them in memory: then another thread's help would take longer than to
/// read and check them. `None` also where the system cannot tell (openat2(2) with `RESOLVE_CACHED`, preadv2(2)
/// with `RWF_NOWAIT`).
fn cached(file: &Path) -> Option<Vec<u8>> {
    let (flags, cached) = (OFlags::RDONLY | OFlags::CLOEXEC, ResolveFlags::CACHED);
    let file = openat2(CWD, file, flags, Mode::empty(), cached).ok()?;
    let length = usize::try_from(fstat(&file).ok()?.st_size).ok().filter(|n| *n <= AT_ONCE)?;
    let mut blob = vec![0; length];
    let parts = &mut [IoSliceMut::new(&mut blob)];
    let read = preadv2(&file, parts, 0, ReadWriteFlags::NOWAIT).ok()?;
    (read == length).then_some(blob)
}

fn checked(hash: BundleHash, blob: &bytes::Bytes) -> Result<Bundle, BundleError> {
    let damaged = |why| BundleError::Damaged { hash: hash.to_string(), why };
    if BundleHash::of(blob) != hash {
        return Err(damaged("its SHA-256 is another"));
    }
    decode(blob).ok_or_else(|| damaged("it does not parse"))
}

/// Removes files that were being written when the server died: the object store writes to
/// `NAME#N` and renames.
fn remove_staged(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().contains(&b'#') {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn key(hash: BundleHash) -> Key {
    Key::from(hash.to_string())
}

/// What the name of the file with a bundle's source maps ends with.
const MAPS_ENDING: &str = ".maps";

fn maps_key(hash: BundleHash) -> Key {
    Key::from(format!("{hash}{MAPS_ENDING}"))
}

/// Maps with their hash before them, so that damage is noticed: their file is named by another.
fn sealed(maps: &[u8]) -> Vec<u8> {
    [BundleHash::of(maps).to_string().as_bytes(), maps].concat()
}

fn unsealed(blob: &bytes::Bytes) -> Option<bytes::Bytes> {
    let (hash, _) = blob.split_at_checked(64)?;
    let maps = blob.slice(64..);
    (BundleHash::of(&maps).to_string().as_bytes() == hash).then_some(maps)
}

fn storage(operation: &'static str, hash: BundleHash, source: object_store::Error) -> BundleError {
    match source {
        object_store::Error::NotFound { .. } => BundleError::Lost(hash.to_string()),
        source if is_disk_full(&source) => BundleError::DiskFull,
        source => failed(operation, hash, source.into()),
    }
}

fn failed(
    operation: &'static str,
    hash: BundleHash,
    source: Box<dyn std::error::Error + Send + Sync>,
) -> BundleError {
    BundleError::Storage { operation, hash: hash.to_string(), source }
}

/// Whether the operating system's "no space left" stands behind an error.
fn is_disk_full(error: &(dyn std::error::Error + 'static)) -> bool {
    use std::io::{Error, ErrorKind};
    std::iter::successors(Some(error), |error| error.source())
        .filter_map(|error| error.downcast_ref::<Error>())
        .any(|error| matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded))
}
