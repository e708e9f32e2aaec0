//! What a process has once for all of its accounts, and how it is shared.
//!
//! Three things run out for a whole process, however little memory each account takes: mappings, of
//! which the kernel grants a process 65,530; the addresses that the engine lets WebAssembly memories
//! reserve; and its one region for machine code. An engine without mappings, or without code for a new
//! isolate, ends the process; so nobody may take what others need.
//!
//! Each account has a *share* for sure, on which an idle isolate lives. Shares of as many accounts as a
//! process has isolates are set aside. What remains is the *spare*: whoever wants more than its share
//! may hold a part of what is left of it. So a lone one gets plenty, many who take all they can get less
//! and less, and the sum has a bound.

use std::sync::atomic::{AtomicU64, Ordering};

/// Isolates of a process for which shares are set aside: `ISOLATES_PER_CORDON` of the host.
const ACCOUNTS: u64 = 2000;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// Of 65,530 mappings, 52,000 are handed out here. An idle isolate has eight that are counted and four
/// that are not: its thread's stack, signal stack, and their guards. Those make 8,000; libraries, the C
/// library's heaps and pages of code that are writable for a moment have what remains. One account may
/// get much, because 4 GiB of heap are 4,096 mappings.
static MAPPINGS: Supply = Supply::new(16, 52_000, 3);

/// The engine refuses WebAssembly memories when 1,000 exist in the process, and collects the whole
/// heap of whoever makes one when 900 do.
static ADDRESSES: Supply = Supply::new(0, 896 * WASM_MEMORY, 32);

/// What the engine reserves for a WebAssembly memory, 4 GiB and 33 MiB, and a little more.
const WASM_MEMORY: u64 = 4 * GIB + 34 * MIB;

/// Of the engine's 2,044 MiB, all but 200 are handed out here. An idle isolate has 128 KiB.
static CODE: Supply = Supply::new(384 * KIB, 1844 * MIB, 16);

/// Machine code of threads that work for no account. The engine optimises WebAssembly on helper
/// threads; refused, it goes on with the code that it has.
static UNPAID_CODE: AtomicU64 = AtomicU64::new(0);

/// What [`UNPAID_CODE`] may be.
const MOST_UNPAID_CODE: u64 = 128 * MIB;

/// What runs out, beside memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    /// By number.
    Mappings,
    /// Addresses that were reserved without rights, in bytes.
    Reserved,
    /// Machine code, in bytes.
    Code,
}

impl Resource {
    pub(crate) const ALL: [Self; 3] = [Self::Mappings, Self::Reserved, Self::Code];

    pub(crate) fn supply(self) -> &'static Supply {
        match self {
            Self::Mappings => &MAPPINGS,
            Self::Reserved => &ADDRESSES,
            Self::Code => &CODE,
        }
    }

    /// What an account may hold whose memory is limited to `bytes`.
    pub(crate) fn most(self, bytes: u64) -> u64 {
        match self {
            // Memory comes in mappings of 1 MiB and more: the engine's chunks, and blocks of
            // `heap::MAPPED`. The rest is for machine code, in pools of 64 KiB.
            Self::Mappings => 1024 + bytes / MIB,
            // A module has one memory, and few programs have a handful of modules.
            Self::Reserved => 16 * WASM_MEMORY,
            // All of a bundle of 10 MiB, compiled, fits into this.
            Self::Code => 64 * MIB,
        }
    }
}

/// Notes what a thread takes that works for no account. Returns whether it may.
pub(crate) fn hold_unpaid(what: Resource, amount: u64) -> bool {
    if what != Resource::Code {
        return true;
    }
    let after = UNPAID_CODE.fetch_add(amount, Ordering::Relaxed) + amount;
    if after > MOST_UNPAID_CODE {
        UNPAID_CODE.fetch_sub(amount, Ordering::Relaxed);
    }
    after <= MOST_UNPAID_CODE
}

/// Notes that what [`hold_unpaid`] has noted is given back, if it is that.
pub(crate) fn release_unpaid(what: Resource, amount: u64) {
    if what == Resource::Code {
        UNPAID_CODE.fetch_sub(amount, Ordering::Relaxed);
    }
}

/// One thing that runs out for the process.
#[derive(Debug)]
pub(crate) struct Supply {
    /// What each account may hold, whatever the others do.
    share: u64,
    /// What accounts may hold beyond their shares, all together.
    spare: u64,
    /// One account may hold one of so many parts of what is left of the spare.
    portion: u64,
    /// How much of the spare is held.
    lent: AtomicU64,
}

impl Supply {
    const fn new(share: u64, all: u64, portion: u64) -> Self {
        Self { share, spare: all - share * ACCOUNTS, portion, lent: AtomicU64::new(0) }
    }

    /// Notes that an account that held `before` holds `after`. Returns whether it may; who then does not
    /// gives it back.
    pub(crate) fn lend(&self, before: u64, after: u64) -> bool {
        let (had, has) = (self.beyond(before), self.beyond(after));
        let lent = self.lent.fetch_add(has - had, Ordering::Relaxed);
        has == had || has <= self.spare.saturating_sub(lent) / self.portion
    }

    /// Notes that an account that held `before` holds only `after`.
    pub(crate) fn give_back(&self, before: u64, after: u64) {
        self.lent.fetch_sub(self.beyond(before) - self.beyond(after), Ordering::Relaxed);
    }

    fn beyond(&self, held: u64) -> u64 {
        held.saturating_sub(self.share)
    }
}

#[cfg(test)]
mod tests {
    use super::{ACCOUNTS, Supply};

    const SHARE: u64 = 10;

    fn with_spare(spare: u64) -> Supply {
        Supply::new(SHARE, spare + SHARE * ACCOUNTS, 4)
    }

    /// Takes one by one, as long as that is granted.
    fn take_all(supply: &Supply, most: u64) -> u64 {
        for held in 0..most {
            if !supply.lend(held, held + 1) {
                supply.give_back(held + 1, held);
                return held;
            }
        }
        most
    }

    #[test]
    fn a_lone_one_gets_plenty() {
        assert_eq!(take_all(&with_spare(10_000), u64::MAX), SHARE + 10_000 / (4 + 1));
    }

    #[test]
    fn the_next_gets_something_though_many_take_all_they_can() {
        let supply = with_spare(10_000);
        let taken: Vec<_> = (0..50).map(|_| take_all(&supply, 300)).collect();
        assert!(taken.is_sorted_by(|earlier, later| earlier >= later), "{taken:?}");
        assert!(taken[49] > SHARE, "{taken:?}");
        assert!(taken.iter().sum::<u64>() <= 10_000 + 50 * SHARE);
    }

    #[test]
    fn shares_are_had_when_the_spare_is_gone() {
        let supply = with_spare(100);
        while take_all(&supply, 1000) > SHARE {}
        assert_eq!(take_all(&supply, 1000), SHARE);
    }

    #[test]
    fn what_is_given_back_can_be_had_again() {
        let supply = with_spare(1000);
        let first = take_all(&supply, 1000);
        let second = take_all(&supply, 1000);
        assert!(second < first);
        supply.give_back(first, 0);
        supply.give_back(second, 0);
        assert_eq!(take_all(&supply, 1000), first);
    }
}
