//! How many brotli decoders there are.
//!
//! A brotli stream says itself how far back it refers, up to 16 MiB, and its decoder keeps that
//! much of what it decoded. A body of 51 bytes can make it so, and a reader that stops reading
//! keeps it so. That is memory of the host, which no isolate's limit counts.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::places::{Place, Places};

/// Decoders of one tenant, and of all: 128 MiB and 512 MiB.
pub(crate) const EACH: u32 = 8;
pub(crate) const ALL: usize = 32;

/// Counts brotli decoders. Clones share the count.
///
/// Nobody waits for one: who holds it may be the same program, which reads its other responses
/// only after this one, or another tenant, which never reads at all.
#[derive(Clone)]
pub(crate) struct Windows {
    each: Places,
    all: Arc<Semaphore>,
}

/// Room for one brotli decoder. Dropping it makes room for another.
pub(crate) struct Window {
    _each: Place,
    _all: OwnedSemaphorePermit,
}

impl Default for Windows {
    fn default() -> Self {
        // Here `all` is the bound.
        Self { each: Places::new(u32::MAX), all: Arc::new(Semaphore::new(ALL)) }
    }
}

impl Windows {
    /// Room for a decoder of `tenant`, if there is any.
    pub(crate) fn take(&self, tenant: &Arc<str>) -> Option<Window> {
        let each = self.each.take(tenant, EACH).ok()?;
        let all = Arc::clone(&self.all).try_acquire_owned().ok()?;
        Some(Window { _each: each, _all: all })
    }
}
