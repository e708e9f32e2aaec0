//! CPU time, by the thread's own clock, charged to the request whose turn it is.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::pacer::Habit;
use crate::watchdog::Watch;

/// Unwinding takes a moment, for which the isolate need not be interrupted again.
const UNWINDING: Duration = Duration::from_millis(100);

/// Measures turns and decides when one has run too long.
pub(crate) struct Meter {
    watch: Arc<Watch>,
    /// The thread's clock when the turn in progress began.
    began: Cell<Duration>,
    /// The CPU time that the turn may take.
    budget: Cell<Duration>,
    /// Set when a turn has run too long: the isolate is being terminated.
    exceeded: Cell<bool>,
    /// What turns usually take.
    habit: Cell<Habit>,
}

impl Meter {
    pub(crate) fn new(watch: Arc<Watch>) -> Self {
        Self {
            watch,
            began: Cell::new(Duration::ZERO),
            budget: Cell::new(Duration::MAX),
            exceeded: Cell::new(false),
            habit: Cell::new(Habit::NEW),
        }
    }

    /// A turn begins that may take `budget` of CPU time.
    pub(crate) fn begin(&self, budget: Duration) {
        let now = thread_cpu();
        self.began.set(now);
        self.budget.set(budget);
        self.watch.begin(now);
        self.watch.allow(now, budget);
    }

    /// The turn is over. Returns the CPU time that it took.
    pub(crate) fn end(&self) -> Duration {
        self.watch.done();
        let took = thread_cpu().saturating_sub(self.began.get());
        if took > self.budget.get() {
            self.exceeded.set(true);
        }
        let before = self.habit.get();
        let habit = before.after(took);
        self.habit.set(habit);
        if habit.is_quick() != before.is_quick() || Habit::is_long(took) {
            self.watch.set_quick(habit.is_quick());
        }
        took
    }

    /// Called in an interrupt: whether the turn may go on.
    pub(crate) fn check(&self) -> bool {
        let now = thread_cpu();
        let took = now.saturating_sub(self.began.get());
        if self.watch.is_thrashing() {
            self.watch.allow(now, UNWINDING);
            return false;
        }
        match self.budget.get().checked_sub(took) {
            Some(left) if !left.is_zero() => {
                self.watch.allow(now, left);
                true
            }
            _ => {
                self.exceeded.set(true);
                self.watch.allow(now, UNWINDING);
                false
            }
        }
    }

    /// Whether a turn could get no memory and did not end by itself.
    pub(crate) fn is_thrashing(&self) -> bool {
        self.watch.is_thrashing()
    }

    /// Whether a turn has run too long.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.exceeded.get()
    }
}

fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}
