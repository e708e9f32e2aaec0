use std::cell::Cell;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// Accounts that may be open at once: more than a cordon has isolates.
const SLOTS: usize = 4096;

/// What small requests may take beyond the limit: the engine cannot go on without the tables that it
/// keeps for its collector between collections. They stay far below this.
const SLACK: u64 = 8 << 20;

/// Requests below this are small. The engine takes pages for its heap in units of this.
const SMALL: u64 = 1 << 20;

static TABLE: [Slot; SLOTS] = [const { Slot::new() }; SLOTS];

thread_local! {
    /// Who pays for what this thread takes. Constant and without a destructor, so that the allocator
    /// may look at it at any time in a thread's life.
    static PAYER: Cell<Owner> = const { Cell::new(Owner::NOBODY) };
    /// Why this thread is charged but not refused, as bits; 0 when it may be refused.
    static EXEMPT: Cell<u8> = const { Cell::new(0) };
    /// Who hears that this thread has come near its limit.
    static LISTENER: Cell<Option<Listener>> = const { Cell::new(None) };
}

/// One account. The counters only count: nothing else is ordered by them.
struct Slot {
    taken: AtomicBool,
    /// Tells this account from those that had the slot before.
    generation: AtomicU32,
    limit: AtomicU64,
    /// Beyond this, whoever is charged is told to collect.
    alarm: AtomicU64,
    used: AtomicU64,
    peak: AtomicU64,
    refusals: AtomicU64,
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
    /// Requests that were refused.
    pub refusals: u64,
}

impl Account {
    /// An account without a limit; `None` when there are too many.
    pub fn open() -> Option<Self> {
        let free = |slot: &Slot| !slot.taken.swap(true, Ordering::AcqRel);
        let index = TABLE.iter().position(free)?;
        let slot = &TABLE[index];
        for (counter, value) in [
            (&slot.limit, u64::MAX),
            (&slot.alarm, u64::MAX),
            (&slot.used, 0),
            (&slot.peak, 0),
            (&slot.refusals, 0),
        ] {
            counter.store(value, Ordering::Relaxed);
        }
        // Never 0, which is nobody's.
        let generation = slot.generation.load(Ordering::Relaxed).wrapping_add(1).max(1);
        slot.generation.store(generation, Ordering::Release);
        Some(Self { owner: Owner { slot: index as u32, generation } })
    }

    /// Charges what this thread takes to this account, until the result is dropped.
    pub fn attach(&self) -> Attached<'_> {
        Attached { before: PAYER.replace(self.owner), _account: PhantomData }
    }

    /// Sets the limit, in bytes. What is charged already stays.
    pub fn set_limit(&self, bytes: u64) {
        self.slot().limit.store(bytes, Ordering::Relaxed);
        self.slot().alarm.store(bytes - bytes / 4, Ordering::Relaxed);
    }

    /// What is charged, and what was refused.
    pub fn usage(&self) -> Usage {
        let Slot { used, peak, refusals, .. } = self.slot();
        Usage {
            bytes: used.load(Ordering::Relaxed),
            peak: peak.load(Ordering::Relaxed),
            refusals: refusals.load(Ordering::Relaxed),
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
        slot.taken.store(false, Ordering::Release);
    }
}

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        PAYER.set(self.before);
    }
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

/// Lets `work` take memory that nobody is charged for.
pub(crate) fn unpaid<R>(work: impl FnOnce() -> R) -> R {
    let before = PAYER.replace(Owner::NOBODY);
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
    let alarmed =
        |slot: &Slot| slot.used.load(Ordering::Relaxed) > slot.alarm.load(Ordering::Relaxed);
    Owner::current().slot().is_some_and(alarmed)
}

/// After a collection: the next alarm is an eighth of the limit away.
pub fn rearm() {
    if let Some(slot) = Owner::current().slot() {
        let limit = slot.limit.load(Ordering::Relaxed);
        let next = slot.used.load(Ordering::Relaxed).saturating_add(limit / 8);
        slot.alarm.store(next.clamp(limit - limit / 4, limit - limit / 16), Ordering::Relaxed);
    }
}

/// Whether the account that this thread is attached to has less than a sixteenth of its limit left.
pub fn is_exhausted() -> bool {
    let exhausted = |slot: &Slot| {
        let limit = slot.limit.load(Ordering::Relaxed);
        slot.used.load(Ordering::Relaxed) > limit - limit / 16
    };
    Owner::current().slot().is_some_and(exhausted)
}

impl Owner {
    pub(crate) const NOBODY: Self = Self { slot: 0, generation: 0 };

    /// Who pays for what this thread takes now.
    pub(crate) fn current() -> Self {
        PAYER.get()
    }

    /// Charges `bytes`, unless that is too much for one who may be refused.
    pub(crate) fn charge(self, bytes: u64, may_refuse: bool) -> bool {
        let Some(slot) = self.slot() else { return true };
        let used = slot.used.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let limit = slot.limit.load(Ordering::Relaxed);
        let limit = if bytes < SMALL { limit.saturating_add(SLACK) } else { limit };
        if used > limit && may_refuse && EXEMPT.get() == 0 {
            slot.used.fetch_sub(bytes, Ordering::Relaxed);
            slot.refusals.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        slot.peak.fetch_max(used, Ordering::Relaxed);
        if used > slot.alarm.load(Ordering::Relaxed)
            && let Some(Listener(tell, whom)) = LISTENER.get()
            && self == Self::current()
        {
            tell(whom);
        }
        true
    }

    /// Takes a charge back.
    pub(crate) fn credit(self, bytes: u64) {
        if let Some(slot) = self.slot() {
            // The last charge may be taken back just as the account is closed and opened again.
            let less = |used: u64| Some(used.saturating_sub(bytes));
            let _ = slot.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        }
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
            limit: AtomicU64::new(0),
            alarm: AtomicU64::new(u64::MAX),
            used: AtomicU64::new(0),
            peak: AtomicU64::new(0),
            refusals: AtomicU64::new(0),
        }
    }
}
