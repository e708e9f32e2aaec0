//! How much memory is taken: by each tenant, and by all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that are taken by one, within the sum of all.
#[derive(Clone, Default)]
pub(super) struct Account {
    own: Arc<AtomicU64>,
    all: Arc<AtomicU64>,
}

/// Bytes on an account, given back when it is dropped. That needs no lock: whoever reads last what they are taken for may
/// be anywhere.
pub(super) struct Share {
    account: Account,
    bytes: u64,
}

/// What the sums of an account may be.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) own: u64,
    pub(super) all: u64,
}

impl Account {
    /// Another one's within the same sum.
    pub(super) fn another(&self) -> Self {
        Self { own: Arc::default(), all: Arc::clone(&self.all) }
    }

    pub(super) fn own(&self) -> u64 {
        self.own.load(Ordering::Relaxed)
    }

    pub(super) fn all(&self) -> u64 {
        self.all.load(Ordering::Relaxed)
    }

    pub(super) fn share(&self) -> Share {
        Share { account: self.clone(), bytes: 0 }
    }
}

impl Share {
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes more. Whether the bounds allow it.
    pub(super) fn take(&mut self, bytes: u64, bounds: Bounds) -> bool {
        let Account { own, all } = &self.account;
        if !add(own, bytes, bounds.own) {
            return false;
        }
        if !add(all, bytes, bounds.all) {
            own.fetch_sub(bytes, Ordering::Relaxed);
            return false;
        }
        self.bytes += bytes;
        true
    }

    /// Gives back what it has; dropping it gives back no more.
    pub(super) fn give_back(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        self.account.own.fetch_sub(bytes, Ordering::Relaxed);
        self.account.all.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.give_back();
    }
}

fn add(sum: &AtomicU64, bytes: u64, bound: u64) -> bool {
    let add = |sum: u64| sum.checked_add(bytes).filter(|sum| *sum <= bound);
    sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok()
}
