//! What threads take that work for an account and do not know for which one.
//!
//! The engine's helper threads turn functions into machine code. What that takes has little to do with how long a function
//! is: one of 20 KiB with thousands of variables and loops takes gigabytes. So all such work together has a bound, and
//! each piece of it may take a part of what is left. The engine does without the machine code that it cannot make.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::account::{Owner, Refusal, SLACK, SMALL, paid_by};
use crate::exempt::is_exempt;

/// What all of them may take, with what they have left behind for accounts.
const MOST: u64 = 512 << 20;

/// One piece of work may take one of so many parts of what is left.
const PORTION: u64 = 2;

/// What a piece of work may take whatever the others keep: nearly all need less.
const SURE: u64 = 4 << 20;

/// Requests below this are not refused: the engine ends the process if a list of what its helpers do cannot grow.
const TINY: u64 = 16 << 10;

static TAKEN: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// What this thread's piece of work has taken and not given back.
    static OWN: Cell<u64> = const { Cell::new(0) };
    /// Whether it is at a point where it cannot take a refusal.
    static IS_BRITTLE: Cell<fn() -> bool> = const { Cell::new(|| false) };
}

/// Lets `work` take memory that is counted although no account is charged. It can take a refusal, except where
/// `is_brittle` says otherwise, which is asked from within the allocator before each.
pub fn unnamed<R>(is_brittle: fn() -> bool, work: impl FnOnce() -> R) -> R {
    OWN.set(0);
    IS_BRITTLE.set(is_brittle);
    paid_by(Owner::UNNAMED, work)
}

/// Counts more, unless that is too much for who takes a refusal.
pub(crate) fn charge(bytes: u64, refusal: Refusal) -> bool {
    let taken = TAKEN.fetch_add(bytes, Ordering::Relaxed) + bytes;
    // An isolate's thread may resize what such work has left behind for it.
    if Owner::current() != Owner::UNNAMED {
        return true;
    }
    let own = OWN.get() + bytes;
    let slack = if bytes < SMALL { SLACK } else { 0 };
    let is_much = own > SURE.max(MOST.saturating_sub(taken) / PORTION) + slack;
    let may_refuse = bytes >= TINY && refusal != Refusal::Never && !is_exempt();
    if is_much && may_refuse && !IS_BRITTLE.get()() {
        TAKEN.fetch_sub(bytes, Ordering::Relaxed);
        return false;
    }
    OWN.set(own);
    true
}

/// Counts less.
pub(crate) fn credit(bytes: u64) {
    TAKEN.fetch_sub(bytes, Ordering::Relaxed);
    if Owner::current() == Owner::UNNAMED {
        OWN.set(OWN.get().saturating_sub(bytes));
    }
}
