use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

/// One change at a time for each tenant; tenants do not wait for each other.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    locks: Mutex<HashMap<Arc<str>, Arc<tokio::sync::Mutex<()>>>>,
}

/// A tenant's turn; ends when dropped.
pub(crate) type Turn = OwnedMutexGuard<()>;

impl Turns {
    /// Unused locks that may lie around before they are cleared away.
    const SLACK: usize = 64;

    pub(crate) async fn wait(&self, tenant: Arc<str>) -> Turn {
        self.lock_of(tenant).lock_owned().await
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn lock_of(&self, tenant: Arc<str>) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        if locks.len() > Self::SLACK {
            // Whoever holds or awaits a turn holds a second reference.
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
        }
        Arc::clone(locks.entry(tenant).or_default())
    }
}
