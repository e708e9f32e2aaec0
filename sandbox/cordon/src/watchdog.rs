//! The thread that ends what runs too long.
//!
//! An isolate notes, when a turn of JavaScript begins, until when it may run: by the wall clock and
//! by its thread's CPU clock. CPU time never passes faster than wall time, so the watchdog reads a
//! thread's CPU clock only when the noted moment has passed. It interrupts nobody too early: an
//! interrupted regular expression begins again, and the engine gives up on it after a few times.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};
use std::time::{Duration, Instant};

use insula_memory::Account;
use insula_spidermonkey::InterruptHandle;

use crate::pacer::Pacer;
use crate::thread_clock::ThreadClock;

/// How often the watchdog looks while an isolate runs: the precision of CPU limits.
const TICK: Duration = Duration::from_millis(2);

/// How long the watchdog goes on looking after the last turn it saw.
const LINGER: Duration = Duration::from_millis(500);

/// CPU time that an isolate may spend after a first refusal of memory: somebody who gets on without is
/// far sooner done.
const THRASH: Duration = Duration::from_millis(300);

/// CPU time that an isolate may spend without reacting to an interrupt before it counts as stuck. By its own
/// clock: on a busy machine much time may pass in which it could not have reacted.
const GRACE: Duration = Duration::from_secs(2);

/// The same by the wall clock, for what waits in the kernel.
const LONG_GRACE: Duration = Duration::from_secs(60);

/// The watchdog and the isolates that it watches.
pub(crate) struct Watchdog {
    shared: Arc<Shared>,
}

struct Shared {
    watched: Mutex<Vec<Weak<Watch>>>,
    wake: Condvar,
    /// Whether the thread waits for a turn to begin.
    asleep: AtomicBool,
    epoch: Instant,
}

/// One isolate, as the watchdog sees it.
pub(crate) struct Watch {
    shared: Arc<Shared>,
    handle: InterruptHandle,
    clock: ThreadClock,
    /// Nanoseconds after `epoch` until which the turn in progress may run; 0 between turns.
    deadline: AtomicU64,
    /// Nanoseconds on `clock` until which the turn in progress may run.
    cpu_deadline: AtomicU64,
    /// Nanoseconds on `clock` when the turn in progress began.
    began: AtomicU64,
    /// Nanoseconds after `epoch` of the first interrupt that was not answered; 0 for none.
    interrupted: AtomicU64,
    /// Nanoseconds on `clock` at that moment.
    interrupted_cpu: AtomicU64,
    report: Box<dyn Fn(Report) + Send + Sync>,
    pacer: Mutex<Pacer>,
    account: Arc<Account>,
    /// Requests for memory that had been refused when the turn began.
    refusals: AtomicU64,
    /// What the thread's CPU clock showed when the first refusal of the turn was seen; 0 for none.
    pressed: AtomicU64,
    /// The isolate spends its time on collections that free nothing.
    thrashing: AtomicBool,
}

/// What the host has to know of an isolate.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Report {
    /// It does not react to an interrupt. Said once for each turn.
    Stuck,
    /// It is in a long turn, which has used so much CPU time since this was last said.
    Long(Duration),
}

impl Watchdog {
    pub(crate) fn start() -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            watched: Mutex::default(),
            wake: Condvar::new(),
            asleep: AtomicBool::new(false),
            epoch: Instant::now(),
        });
        let thread_shared = shared.clone();
        std::thread::Builder::new()
            .name("watchdog".into())
            .stack_size(256 << 10)
            .spawn(move || thread_shared.run())?;
        Ok(Self { shared })
    }

    /// Watches the calling thread's isolate until the result is dropped. `report` is called on the
    /// watchdog's thread.
    pub(crate) fn watch(
        &self,
        handle: InterruptHandle,
        account: Arc<Account>,
        report: impl Fn(Report) + Send + Sync + 'static,
    ) -> Arc<Watch> {
        let watch = Arc::new(Watch {
            shared: self.shared.clone(),
            handle,
            clock: ThreadClock::of_this_thread(),
            deadline: AtomicU64::new(0),
            cpu_deadline: AtomicU64::new(0),
            began: AtomicU64::new(0),
            interrupted: AtomicU64::new(0),
            interrupted_cpu: AtomicU64::new(0),
            report: Box::new(report),
            pacer: Mutex::default(),
            account,
            refusals: AtomicU64::new(0),
            pressed: AtomicU64::new(0),
            thrashing: AtomicBool::new(false),
        });
        let mut watched = self.shared.watched();
        watched.retain(|other| other.strong_count() > 0);
        watched.push(Arc::downgrade(&watch));
        watch
    }
}

impl Watch {
    /// A turn begins when the thread's CPU clock shows `cpu`: refusals of memory are counted from here.
    pub(crate) fn begin(&self, cpu: Duration) {
        self.began.store(nanoseconds(cpu), Ordering::Relaxed);
        self.refusals.store(self.account.usage().refusals, Ordering::Relaxed);
        self.pressed.store(0, Ordering::Relaxed);
    }

    /// Whether the isolate cannot get memory and has spent too long on trying.
    pub(crate) fn is_thrashing(&self) -> bool {
        self.thrashing.load(Ordering::Relaxed)
    }

    /// A turn begins, or goes on, that may run for `time` when the thread's CPU clock shows `cpu`.
    pub(crate) fn allow(&self, cpu: Duration, time: Duration) {
        let deadline = self.shared.epoch.elapsed().saturating_add(time);
        self.interrupted.store(0, Ordering::Relaxed);
        self.cpu_deadline.store(nanoseconds(cpu.saturating_add(time)), Ordering::SeqCst);
        self.deadline.store(nanoseconds(deadline), Ordering::SeqCst);
        if self.shared.asleep.load(Ordering::SeqCst) {
            let _watched = self.shared.watched();
            self.shared.wake.notify_one();
        }
    }

    /// The turn is over.
    pub(crate) fn done(&self) {
        self.deadline.store(0, Ordering::SeqCst);
    }

    /// The isolate's turns have become short, or long.
    pub(crate) fn set_quick(&self, is_quick: bool) {
        self.pacer().set_quick(is_quick, self.clock);
    }

    fn pacer(&self) -> MutexGuard<'_, Pacer> {
        self.pacer.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    /// Interrupts the isolate if its moment has passed. Returns whether a turn is in progress.
    fn check(&self, now: u64) -> bool {
        let deadline = self.deadline.load(Ordering::SeqCst);
        if deadline == 0 {
            return false;
        }
        let long = self.pacer().look(now, self.clock, self.began.load(Ordering::Relaxed));
        if let Some(spent) = long {
            (self.report)(Report::Long(spent));
        }
        if self.cannot_breathe() || now >= deadline && self.has_used_its_time() {
            self.handle.interrupt();
            let cpu = self.clock.time().map_or(0, nanoseconds);
            let first = self.interrupted.load(Ordering::Relaxed);
            if first == 0 {
                self.interrupted_cpu.store(cpu, Ordering::Relaxed);
                self.interrupted.store(now, Ordering::Relaxed);
            } else if first != u64::MAX {
                let spent = cpu.saturating_sub(self.interrupted_cpu.load(Ordering::Relaxed));
                if spent > nanoseconds(GRACE) || now - first > nanoseconds(LONG_GRACE) {
                    self.interrupted.store(u64::MAX, Ordering::Relaxed);
                    (self.report)(Report::Stuck);
                }
            }
        }
        true
    }

    /// Whether memory was refused in this turn, and the script has gone on for [`THRASH`] since: then
    /// each allocation collects, and frees just enough for itself.
    fn cannot_breathe(&self) -> bool {
        if self.is_thrashing() {
            return true;
        }
        if self.account.usage().refusals == self.refusals.load(Ordering::Relaxed) {
            return false;
        }
        let Some(cpu) = self.clock.time().map(nanoseconds) else { return false };
        match self.pressed.load(Ordering::Relaxed) {
            0 => self.pressed.store(cpu.max(1), Ordering::Relaxed),
            since if cpu.saturating_sub(since) > nanoseconds(THRASH) => {
                self.thrashing.store(true, Ordering::Relaxed);
            }
            _ => {}
        }
        self.is_thrashing()
    }

    fn has_used_its_time(&self) -> bool {
        let deadline = self.cpu_deadline.load(Ordering::SeqCst);
        self.clock.time().is_none_or(|time| nanoseconds(time) >= deadline)
    }
}

impl Shared {
    fn run(&self) {
        let mut last_turn = Instant::now();
        loop {
            tick();
            if self.check_all() {
                last_turn = Instant::now();
            } else if last_turn.elapsed() > LINGER {
                self.sleep_until_a_turn_begins();
                last_turn = Instant::now();
            }
        }
    }

    /// Returns whether any isolate is in a turn.
    fn check_all(&self) -> bool {
        let now = nanoseconds(self.epoch.elapsed());
        let mut any = false;
        for watch in self.watched().iter() {
            if let Some(watch) = watch.upgrade() {
                any |= watch.check(now);
            }
        }
        any
    }

    fn sleep_until_a_turn_begins(&self) {
        let mut watched = self.watched();
        self.asleep.store(true, Ordering::SeqCst);
        // A turn that began before `asleep` was seen notes its deadline first, so it is seen here.
        while !in_a_turn(&watched) {
            watched = self.wake.wait(watched).unwrap_or_else(|poison| poison.into_inner());
        }
        self.asleep.store(false, Ordering::SeqCst);
    }

    fn watched(&self) -> MutexGuard<'_, Vec<Weak<Watch>>> {
        self.watched.lock().unwrap_or_else(|poison| poison.into_inner())
    }
}

#[expect(clippy::disallowed_methods, reason = "a clock's tick is what this thread waits for")]
fn tick() {
    std::thread::sleep(TICK);
}

fn in_a_turn(watched: &[Weak<Watch>]) -> bool {
    watched.iter().filter_map(Weak::upgrade).any(|watch| watch.deadline.load(Ordering::SeqCst) != 0)
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
