//! When a deployment gets one isolate more, and when another one instead.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::{Placement, State};
use crate::link::{Link, micros};
use crate::sync::lock;

/// Requests that an isolate must have at once before another one could help.
pub(super) const CROWD: u32 = 2;

/// How long an isolate's use of its processor is watched before another one is started.
const WATCH: Duration = Duration::from_millis(100);

/// The part of a processor, in percent, above which an isolate has no time left for more requests.
const SATURATED: u64 = 60;

/// The part above which it has none if, besides, no request found it ready: others have the processor.
const SHARING: u64 = 25;

/// Requests that must have found it not ready.
const FOUND_BUSY: u32 = 3;

/// How the isolates use their processors.
pub(super) struct Watched {
    since: Instant,
    /// CPU time of their requests by then, in microseconds.
    spent_us: u64,
    /// Requests since that found an isolate not ready to read them; `None` when one found it ready.
    found_busy: Option<u32>,
}

impl Placement {
    /// Whether there may be one isolate more: within the tenant's limit, and within what is fair while
    /// others are busy too.
    pub(super) fn may_grow(&self, state: &State) -> bool {
        let isolates = state.isolates.len();
        !state.starting
            && !state.retired
            && isolates < self.deployment.limits.max_isolates as usize
            && (isolates < self.host.fair_isolates() || !self.takes_from_others())
            && state.backoff.pause().is_zero()
    }

    /// Whether another isolate may take over from one that could stay: not when many have been replaced and cannot go,
    /// since no other starts beside too many of those.
    pub(crate) fn may_replace(&self) -> bool {
        let mut state = lock(&self.state);
        state.set_aside();
        state.leaving.len() < self.deployment.limits.max_isolates as usize
    }

    /// Whether what this deployment computes keeps others waiting who compute as well.
    fn takes_from_others(&self) -> bool {
        self.busy.load(Ordering::Relaxed) && self.host.is_contended()
    }

    /// Starts an isolate more when those that there are have used their processors whole for a while:
    /// then requests wait in them, as the one may that is about to go to `isolate`.
    pub(super) fn grow_if_saturated(self: &Arc<Self>, isolate: &Link) {
        let mut state = lock(&self.state);
        if !self.may_grow(&state) {
            state.watched = None;
            return;
        }
        let (now, spent_us) = (Instant::now(), state.spent_us());
        let watched =
            state.watched.get_or_insert(Watched { since: now, spent_us, found_busy: Some(0) });
        // A system call, so only for those who may grow.
        watched.found_busy = match isolate.is_behind() {
            Some(true) => watched.found_busy.map(|found| found.saturating_add(1)),
            _ => None,
        };
        let time = now.duration_since(watched.since);
        if time < WATCH {
            return;
        }
        let is_never_ready = watched.found_busy.is_some_and(|found| found >= FOUND_BUSY);
        let part = if is_never_ready { SHARING } else { SATURATED };
        let spent = spent_us.saturating_sub(watched.spent_us);
        state.watched = None;
        let most = micros(time) * state.isolates.len() as u64;
        if spent * 100 > most * part {
            self.start(&mut state);
        }
    }
}
