//! The end of a link's requests: places given back, farewells, and who overstays.

use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, Weak};
use std::time::{Duration, Instant};

use insula_wire::{Farewell, HostFrame};

use super::effects::Effects;
use super::output::EncodeTo;
use super::state::{Phase, State};
use super::{Ending, Link};
use crate::sync::lock;

/// How long an isolate that was told to go may take.
const FAREWELL: Duration = Duration::from_secs(5);
/// Requests that may have been given up and not be done.
const OVERDUE: usize = 4096;

impl Link {
    /// Tells the isolate to go, if it is leaving and has nothing left to do.
    pub(super) fn tell_if_idle(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        // The last WebSocket of an isolate that was there for it alone ends by itself.
        let waits = state.farewell == Farewell::Done && state.sockets > 0;
        if state.phase == Phase::Leaving && state.in_flight == 0 && !waits {
            state.phase = Phase::Told;
            HostFrame::Shutdown { reason: state.farewell }.encode_to(&mut state.out);
            let link = Arc::downgrade(self);
            self.runtime.spawn(async move {
                tokio::time::sleep(FAREWELL).await;
                if let Some(link) = link.upgrade() {
                    link.close(Ending::Left);
                }
            });
        }
        self.flush(state);
    }

    pub(super) fn give_back_place(self: &Arc<Self>) {
        let mut state = lock(&self.state);
        state.in_flight -= 1;
        self.count_load(&state);
        self.tally.requests.fetch_sub(1, Ordering::Relaxed);
        self.tell_if_idle(state);
        self.freed();
    }

    /// Watches over requests whose response has ended and which are not done.
    pub(super) fn linger(self: &Arc<Self>, state: &mut State) {
        if !state.sweeping {
            state.sweeping = true;
            self.runtime.spawn(sweep(Arc::downgrade(self)));
        }
    }

    /// Gives up the requests that overstay, and says when to look again.
    fn sweep_once(self: &Arc<Self>) -> Option<Instant> {
        let patience = self.deployment.limits.wait_until();
        let now = Instant::now();
        let mut effects = Effects::default();
        let mut state = lock(&self.state);
        let (mut next, mut late, mut overdue) = (None, Vec::new(), 0);
        for (&stream, request) in state.requests.iter().filter(|(_, request)| !request.done) {
            // A deadline beyond what a clock can show never comes.
            let deadline = request.ended.and_then(|ended| ended.checked_add(patience));
            let Some(deadline) = deadline else { continue };
            match (request.counted, deadline <= now) {
                (false, _) => overdue += 1,
                (true, true) => late.push(stream),
                (true, false) => next = Some(next.map_or(deadline, |at: Instant| at.min(deadline))),
            }
        }
        overdue += late.len();
        for stream in late {
            state.abort(stream, &mut effects);
            state.over(stream, 0, &mut effects);
        }
        state.sweeping = next.is_some() && !matches!(state.phase, Phase::Closed(_));
        let next = next.filter(|_| state.sweeping);
        self.flush(state);
        effects.run(self);
        if overdue > OVERDUE {
            self.end_overwhelmed();
        }
        next
    }
}

/// Sweeps as long as there is somebody to wait for. Does not keep the link alive meanwhile.
async fn sweep(link: Weak<Link>) {
    // The first look only finds out how long there is to wait.
    while let Some(next) = link.upgrade().and_then(|link| link.sweep_once()) {
        tokio::time::sleep_until(next.into()).await;
    }
}
