use std::cell::Cell;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use crate::exempt::is_exempt;
use crate::meter::Meter;
use crate::supply::{self, Resource};
use crate::unnamed;

/// How a request for memory takes a refusal, and so where it gets one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    AtTheLimit,
    /// It would end the process, and what it is for is bounded and soon given back; until then the account is
    /// beyond its limit, and whoever is charged hears of it.
    Late,
    Never,
}

/// Accounts that may be open at once: more than a cordon has isolates.
const SLOTS: usize = 4096;

/// What small requests may take beyond the limit: the engine cannot go on without the tables that it
/// keeps for its collector between collections. They stay far below this.
pub(crate) const SLACK: u64 = 8 << 20;

/// What [`Refusal::Late`] may take beyond the limit: the largest stack of a regular expression and the one
/// before it, which is copied.
const OVERDRAFT: u64 = 96 << 20;

/// Requests below this are small. The engine takes pages for its heap in units of this.
pub(crate) const SMALL: u64 = 1 << 20;

static TABLE: [Slot; SLOTS] = [const { Slot::new() }; SLOTS];

thread_local! {
    /// Who pays for what this thread takes. Constant and without a destructor, so that the allocator
    /// may look at it at any time in a thread's life.
    static PAYER: Cell<Owner> = const { Cell::new(Owner::NOBODY) };
    /// Who hears that this thread has come near its limit.
    static LISTENER: Cell<Option<Listener>> = const { Cell::new(None) };
}

/// One account. The counters only count: nothing else is ordered by them.
struct Slot {
    taken: AtomicBool,
    /// Tells this account from those that had the slot before.
    generation: AtomicU32,
    bytes: Meter,
    /// What else runs out, by [`Resource`].
    held: [Meter; Resource::ALL.len()],
    /// The most bytes that were charged at once.
    peak: AtomicU64,
    refusals: AtomicU64,
    /// Chunks of the engine's heap that were asked for since it was opened.
    chunks: AtomicU32,
}

/// Whom something was charged to: as small as a block can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Owner {
    slot: u32,
    generation: u32,
}

/// A budget. Dropping it closes the account: what is given back later is credited to nobody.
#[derive(Debug)]
pub struct Account {
    owner: Owner,
}

/// While it lives, this thread's requests are charged to an account.
pub struct Attached<'a> {
    before: Owner,
    /// It belongs to this thread.
    _account: PhantomData<(&'a Account, *const ())>,
}

/// What an account has been charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Bytes that are charged now.
    pub bytes: u64,
    /// The most bytes that were charged at once.
    pub peak: u64,
    /// Mappings, at the most: the kernel may have made one of two neighbours.
    pub mappings: u64,
    /// Bytes of addresses that were reserved without rights, whatever became of them since.
    pub reserved: u64,
    /// Bytes of machine code; they are among [`bytes`](Self::bytes) too.
    pub code: u64,
    /// Requests that were refused.
    pub refusals: u64,
}

impl Account {
    /// An account without a limit; `None` when there are too many.
    pub fn open() -> Option<Self> {
        let free = |slot: &Slot| !slot.taken.swap(true, Ordering::AcqRel);
        let index = TABLE.iter().position(free)?;
        let slot = &TABLE[index];
        slot.bytes.empty();
        slot.bytes.set_limit(u64::MAX);
        slot.give_back_all();
        for what in Resource::ALL {
            slot.held(what).set_limit(what.most(0));
        }
        slot.peak.store(0, Ordering::Relaxed);
        slot.refusals.store(0, Ordering::Relaxed);
        slot.chunks.store(0, Ordering::Relaxed);
        // Never 0, which is nobody's.
        let generation = slot.generation.load(Ordering::Relaxed).wrapping_add(1).max(1);
        slot.generation.store(generation, Ordering::Release);
        Some(Self { owner: Owner { slot: index as u32, generation } })
    }

    /// Charges what this thread takes to this account, until the result is dropped.
    pub fn attach(&self) -> Attached<'_> {
        Attached { before: PAYER.replace(self.owner), _account: PhantomData }
    }

    /// Sets the limit, in bytes, and the others by it. What is charged already stays.
    pub fn set_limit(&self, bytes: u64) {
        self.slot().bytes.set_limit(bytes);
        for what in Resource::ALL {
            self.slot().held(what).set_limit(what.most(bytes));
        }
    }

    /// What is charged, and what was refused.
    pub fn usage(&self) -> Usage {
        let slot = self.slot();
        Usage {
            bytes: slot.bytes.used(),
            peak: slot.peak.load(Ordering::Relaxed),
            mappings: slot.held(Resource::Mappings).used(),
            reserved: slot.held(Resource::Reserved).used(),
            code: slot.held(Resource::Code).used(),
            refusals: slot.refusals.load(Ordering::Relaxed),
        }
    }

    fn slot(&self) -> &'static Slot {
        &TABLE[self.owner.slot as usize]
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let slot = self.slot();
        // Blocks that outlive the account must not credit the next one.
        let generation = self.owner.generation.wrapping_add(1).max(1);
        slot.generation.store(generation, Ordering::Release);
        slot.give_back_all();
        slot.taken.store(false, Ordering::Release);
    }
}

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        PAYER.set(self.before);
    }
}

/// Lets `work` take memory that nobody is charged for.
pub(crate) fn unpaid<R>(work: impl FnOnce() -> R) -> R {
    paid_by(Owner::NOBODY, work)
}

/// Charges what `work` takes to `owner`.
pub(crate) fn paid_by<R>(owner: Owner, work: impl FnOnce() -> R) -> R {
    let before = PAYER.replace(owner);
    let result = work();
    PAYER.set(before);
    result
}

/// Has `tell` called with `whom`, from within the allocator, each time that this thread takes memory while its
/// account is in alarm: when three quarters of the limit are in use, and as [`rearm`] says after that.
/// It must neither take nor give back memory. `None` ends that.
pub fn listen(tell: Option<fn(*mut c_void)>, whom: *mut c_void) {
    LISTENER.set(tell.map(|tell| Listener(tell, whom)));
}

#[derive(Clone, Copy)]
struct Listener(fn(*mut c_void), *mut c_void);

/// Whether the account that this thread is attached to is in alarm.
pub fn is_alarmed() -> bool {
    Owner::current().slot().is_some_and(|slot| slot.meters().any(Meter::is_alarmed))
}

/// After a collection: the next alarm is an eighth of the limit away.
pub fn rearm() {
    if let Some(slot) = Owner::current().slot() {
        slot.meters().for_each(Meter::rearm);
    }
}

/// Whether the account that this thread is attached to has so little left that nothing can go on: less
/// than a sixteenth of its bytes or mappings. Without addresses and code much can.
pub fn is_exhausted() -> bool {
    let exhausted =
        |slot: &Slot| slot.bytes.is_exhausted() || slot.held(Resource::Mappings).is_exhausted();
    Owner::current().slot().is_some_and(exhausted)
}

/// Whether the account that this thread is attached to is in alarm for its machine code.
pub fn is_short_of_code() -> bool {
    Owner::current().slot().is_some_and(|slot| slot.held(Resource::Code).is_alarmed())
}

impl Owner {
    pub(crate) const NOBODY: Self = Self { slot: 0, generation: 0 };
    /// Somebody's, and nobody knows whose: see [`unnamed`].
    pub(crate) const UNNAMED: Self = Self { slot: u32::MAX, generation: 0 };

    /// Who pays for what this thread takes now.
    pub(crate) fn current() -> Self {
        PAYER.get()
    }

    /// How many chunks an account has asked for before this one.
    pub(crate) fn count_chunk(self) -> u32 {
        self.slot().map_or(u32::MAX, |slot| slot.chunks.fetch_add(1, Ordering::Relaxed))
    }

    /// Charges `bytes`, unless that is too much for one who takes a refusal.
    pub(crate) fn charge(self, bytes: u64, refusal: Refusal) -> bool {
        if self == Self::UNNAMED {
            return unnamed::charge(bytes, refusal);
        }
        let Some(slot) = self.slot() else { return true };
        let used = slot.bytes.add(bytes) + bytes;
        let slack = match refusal {
            Refusal::Never => u64::MAX,
            Refusal::Late => OVERDRAFT,
            Refusal::AtTheLimit if bytes < SMALL => SLACK,
            Refusal::AtTheLimit => 0,
        };
        if used > slot.bytes.limit().saturating_add(slack) && !is_exempt() {
            slot.bytes.take(bytes);
            slot.refusals.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        slot.peak.fetch_max(used, Ordering::Relaxed);
        self.tell_if_alarmed(&slot.bytes);
        true
    }

    /// Takes a charge back.
    pub(crate) fn credit(self, bytes: u64) {
        if self == Self::UNNAMED {
            unnamed::credit(bytes);
        } else if let Some(slot) = self.slot() {
            slot.bytes.take(bytes);
        }
    }

    /// Charges something else that runs out, unless that is too much for one who may be refused.
    pub(crate) fn hold(self, what: Resource, amount: u64, may_refuse: bool) -> bool {
        let Some(slot) = self.slot() else {
            return !self.is_unpaid() || supply::hold_unpaid(what, amount);
        };
        let meter = slot.held(what);
        let before = meter.add(amount);
        let after = before + amount;
        let granted = what.supply().lend(before, after) && after <= meter.limit();
        if !granted && may_refuse && !is_exempt() {
            self.release(what, amount);
            slot.refusals.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        self.tell_if_alarmed(meter);
        true
    }

    /// Takes a charge of [`hold`](Self::hold) back.
    pub(crate) fn release(self, what: Resource, amount: u64) {
        match self.slot() {
            Some(slot) => {
                let before = slot.held(what).take(amount);
                what.supply().give_back(before, before.saturating_sub(amount));
            }
            None if self.is_unpaid() => supply::release_unpaid(what, amount),
            // The account gave all back when it was closed.
            None => {}
        }
    }

    /// Only who takes for itself can do something about it.
    fn tell_if_alarmed(self, meter: &Meter) {
        if meter.is_alarmed()
            && let Some(Listener(tell, whom)) = LISTENER.get()
            && self == Self::current()
        {
            tell(whom);
        }
    }

    /// Whether there never was an account.
    fn is_unpaid(self) -> bool {
        matches!(self, Self::NOBODY | Self::UNNAMED)
    }

    /// The account, if it is open still.
    fn slot(self) -> Option<&'static Slot> {
        if self == Self::NOBODY {
            return None;
        }
        let slot = TABLE.get(self.slot as usize)?;
        (slot.generation.load(Ordering::Acquire) == self.generation).then_some(slot)
    }
}

impl Slot {
    const fn new() -> Self {
        Self {
            taken: AtomicBool::new(false),
            generation: AtomicU32::new(0),
            bytes: Meter::new(),
            held: [const { Meter::new() }; Resource::ALL.len()],
            peak: AtomicU64::new(0),
            refusals: AtomicU64::new(0),
            chunks: AtomicU32::new(0),
        }
    }

    fn held(&self, what: Resource) -> &Meter {
        &self.held[what as usize]
    }

    fn meters(&self) -> impl Iterator<Item = &Meter> {
        std::iter::once(&self.bytes).chain(&self.held)
    }

    /// Others may have what this account had a part of.
    fn give_back_all(&self) {
        for what in Resource::ALL {
            what.supply().give_back(self.held(what).empty(), 0);
        }
    }
}
