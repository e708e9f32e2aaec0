//! The thread that gives memory back which isolates have left between the blocks of others.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Bytes that isolates must have left for a look for free pages to be worth its time: it holds the heaps'
/// locks, a millisecond and more.
const ENOUGH: u64 = 64 << 20;

/// Time between two looks, in which others may leave something as well.
const PAUSE: Duration = Duration::from_secs(1);

/// Takes note of what isolates leave, and gives it back.
pub(crate) struct Caretaker(Arc<Left>);

#[derive(Default)]
struct Left {
    bytes: AtomicU64,
    lock: Mutex<()>,
    enough: Condvar,
}

impl Caretaker {
    pub(crate) fn start() -> std::io::Result<Self> {
        let left = Arc::<Left>::default();
        let own = left.clone();
        let thread = std::thread::Builder::new().name("caretaker".into()).stack_size(64 << 10);
        thread.spawn(move || own.give_back_for_ever())?;
        Ok(Self(left))
    }

    /// Somebody has freed about `bytes`.
    pub(crate) fn leave(&self, bytes: u64) {
        let before = self.0.bytes.fetch_add(bytes, Ordering::Relaxed);
        if before < ENOUGH && before.saturating_add(bytes) >= ENOUGH {
            let _lock = self.0.lock.lock().unwrap_or_else(PoisonError::into_inner);
            self.0.enough.notify_one();
        }
    }
}

impl Left {
    fn give_back_for_ever(&self) {
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            while self.bytes.load(Ordering::Relaxed) < ENOUGH {
                lock = self.enough.wait(lock).unwrap_or_else(PoisonError::into_inner);
            }
            let waited = self.enough.wait_timeout(lock, PAUSE);
            lock = waited.unwrap_or_else(PoisonError::into_inner).0;
            self.bytes.store(0, Ordering::Relaxed);
            insula_memory::trim();
        }
    }
}
