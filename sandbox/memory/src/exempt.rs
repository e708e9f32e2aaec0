//! Who is charged and not refused.

use std::cell::Cell;

thread_local! {
    /// Why this thread is exempt, as bits; 0 when it may be refused. Like who pays, it is there at any
    /// time in a thread's life.
    static EXEMPT: Cell<u8> = const { Cell::new(0) };
}

/// Lets `work` take more than its account has: it is charged, and not refused. For code that would end
/// the process if it were.
pub fn exempt<R>(work: impl FnOnce() -> R) -> R {
    /// Ends the exemption also when `work` panics.
    struct Until(u8);
    impl Drop for Until {
        fn drop(&mut self) {
            EXEMPT.set(self.0);
        }
    }
    let before = EXEMPT.get();
    let _until = Until(before);
    EXEMPT.set(before | ASKED);
    work()
}

/// The bit of [`exempt`].
const ASKED: u8 = 1;

/// What a collector does that cannot take a refusal: it would end the process. What it takes is
/// bounded by what is alive, and the next request of whoever fills the heap is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Collecting {
    /// A slice of a collection of the whole heap.
    Heap = 2,
    /// A collection of the nursery, which moves what is alive out of it.
    Nursery = 4,
}

/// Says that this thread begins or ends to collect.
pub fn collect(what: Collecting, begins: bool) {
    let bit = what as u8;
    let before = EXEMPT.get();
    EXEMPT.set(if begins { before | bit } else { before & !bit });
}

/// Whether this thread is not to be refused now.
pub(crate) fn is_exempt() -> bool {
    EXEMPT.get() != 0
}
