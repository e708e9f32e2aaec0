//! What housekeeping finds in a placement.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::link::Link;
use crate::placement::Placement;
use crate::sync::lock;

/// What a look at a placement found, and did.
#[derive(Default)]
pub(crate) struct Look {
    /// CPU time of its isolates since they began, in microseconds.
    pub(crate) spent_us: u64,
    /// How much of that was none of a request that holds a place.
    pub(crate) aside_us: u64,
    /// Requests that it has, waiting ones included.
    pub(crate) requests: usize,
    /// Its isolates.
    pub(crate) isolates: Vec<Arc<Link>>,
    /// Isolates for one request each, besides.
    pub(crate) alone: usize,
    /// Nothing is lost if it is forgotten.
    pub(crate) is_empty: bool,
}

impl Placement {
    /// What there is.
    pub(crate) fn look(&self) -> Look {
        let state = lock(&self.state);
        let waiting = self.waiting.load(Ordering::SeqCst);
        let all = || state.isolates.iter().chain(&state.leaving);
        let in_isolates: usize = all().map(|isolate| isolate.load() as usize).sum();
        let alone = self.in_oneshots();
        let is_quiet = state.recent_failure().is_ok() && state.backoff.pause().is_zero();
        Look {
            spent_us: state.spent_us(),
            aside_us: state.isolates.iter().map(|isolate| isolate.aside_us()).sum(),
            requests: waiting + in_isolates + alone,
            isolates: state.isolates.clone(),
            alone,
            is_empty: all().next().is_none() && !state.starting && waiting + alone == 0 && is_quiet,
        }
    }
}
