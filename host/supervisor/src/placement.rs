//! Where a deployment runs, and who waits for a place in it.

mod alone;
mod growth;
mod look;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::{Duration, Instant};

use governor::DefaultDirectRateLimiter;
use insula_wire::Farewell;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::timeout;

use self::growth::{CROWD, Watched};
pub(crate) use self::look::Look;
use crate::backoff::{BEARABLE, Backoff};
use crate::boot;
use crate::fleet::sit_out;
use crate::host::Host;
use crate::link::{Lease, Link, LinkContext, Reserved};
use crate::rate::{self, Refused};
use crate::stats::Stats;
use crate::sync::lock;
use crate::{Deployment, Limits, RequestError, ReuseMode, StartError, TenantEvent};

/// How long a failed start is remembered, at the least: requests are told at once, and nothing is tried.
const FAILURE_MEMORY: Duration = Duration::from_secs(1);

/// How long a refused request waits for its answer, and how many do at once.
const HOLD_UP: Duration = Duration::from_millis(100);
const HELD_UP: usize = 1000;

/// Why all isolates of a deployment may have left, with streams that are still open, and others after them: for slow
/// requests, for a move, and with their cordon. The last two are not their tenant's choice, and must not cost it the
/// next isolate.
const PARTINGS: usize = 3;

/// Isolates that may be leaving, with work to do, beside those, before no other one starts.
const LEAVING: usize = 4;

/// One deployment's isolates, their queue, and its last failure.
pub(crate) struct Placement {
    pub(crate) deployment: Arc<Deployment>,
    pub(crate) stats: Arc<Stats>,
    host: Arc<Host>,
    state: Mutex<State>,
    /// Requests in the queue or about to join it. Read without the lock after a place has become
    /// free; who joins counts itself first and looks for a place after.
    waiting: AtomicUsize,
    /// Whether it has used a noticeable part of a processor lately.
    pub(crate) busy: AtomicBool,
    /// Isolates, the oldest first, that new requests go to as long as these have places.
    pub(crate) preferred: AtomicUsize,
    /// What its isolates had used of processors at the last look, in microseconds.
    pub(crate) spent: AtomicU64,
    /// The same for what was none of a request that holds a place.
    pub(crate) aside: AtomicU64,
    /// Looks in a row that found nothing here.
    pub(crate) empty_rounds: AtomicU32,
    /// It is not in the table any more: who still holds it looks there again.
    forgotten: AtomicBool,
    /// How many isolates for one request each may live at once.
    oneshots: Arc<Semaphore>,
    /// How many refused requests may be held up at once.
    held_up: Semaphore,
    /// `None` when there is no limit.
    rate: Option<DefaultDirectRateLimiter>,
}

#[derive(Default)]
struct State {
    /// Where new requests go; the oldest first.
    isolates: Vec<Arc<Link>>,
    /// Those that take no more requests and have some still.
    leaving: Vec<Arc<Link>>,
    /// Those that are there for one request each.
    alone: Vec<Weak<Link>>,
    starting: bool,
    failure: Option<(Instant, StartError)>,
    backoff: Backoff,
    queue: VecDeque<oneshot::Sender<Result<Lease, RequestError>>>,
    /// The isolates' use of the processor, while it is watched.
    watched: Option<Watched>,
    retired: bool,
}

impl Placement {
    pub(crate) fn new(deployment: Arc<Deployment>, host: Arc<Host>) -> Arc<Self> {
        let stats = host.stats.of(&deployment.tenant);
        Self::with(deployment, host, stats)
    }

    /// One for a deployment that is live no more: its isolates go when they have done what came late.
    pub(crate) fn late(deployment: Arc<Deployment>, host: Arc<Host>) -> Arc<Self> {
        let stats = host.stats.of_guest(&deployment.tenant);
        let placement = Self::with(deployment, host, stats);
        placement.retire();
        placement
    }

    fn with(deployment: Arc<Deployment>, host: Arc<Host>, stats: Arc<Stats>) -> Arc<Self> {
        let oneshots = Arc::new(Semaphore::new(deployment.limits.concurrency.max(1) as usize));
        let rate = rate::limiter(deployment.limits.requests_per_s);
        let (state, waiting, busy) = Default::default();
        let (spent, aside, empty_rounds, forgotten) = Default::default();
        Arc::new(Self {
            deployment,
            stats,
            host,
            state,
            waiting,
            busy,
            preferred: AtomicUsize::new(usize::MAX),
            spent,
            aside,
            empty_rounds,
            forgotten,
            oneshots,
            held_up: Semaphore::new(HELD_UP),
            rate,
        })
    }

    /// Whether this is the placement of `deployment`, variables and limits included.
    pub(crate) fn serves(&self, deployment: &Arc<Deployment>) -> bool {
        Arc::ptr_eq(&self.deployment, deployment)
            || (self.deployment.variables == deployment.variables
                && self.deployment.limits == deployment.limits
                && self.deployment.wall == deployment.wall
                && self.deployment.policy == deployment.policy)
    }

    /// A place in an isolate of the deployment; waits its turn, and for an isolate to start.
    ///
    /// # Errors
    ///
    /// [`RequestError::Start`], [`RequestError::RateLimited`], [`RequestError::Overloaded`] or
    /// [`RequestError::BackingOff`].
    pub(crate) async fn lease(self: &Arc<Self>) -> Result<Lease, RequestError> {
        let lease = match self.admit() {
            Ok(()) => self.lease_again().await,
            Err(refused) => Err(refused),
        };
        if let Err(RequestError::BackingOff(_) | RequestError::RateLimited(_)) = &lease {
            self.hold_up().await;
        }
        lease
    }

    /// The same for a request that has been admitted.
    pub(crate) async fn lease_again(self: &Arc<Self>) -> Result<Lease, RequestError> {
        if self.deployment.limits.reuse == ReuseMode::Oneshot {
            return self.lease_oneshot().await;
        }
        match self.lease_now() {
            Some(lease) => Ok(lease),
            None => self.lease_in_turn().await,
        }
    }

    /// The same with an isolate that has started.
    pub(crate) async fn started(
        self: &Arc<Self>,
        lease: Result<Lease, RequestError>,
    ) -> Result<Lease, RequestError> {
        let lease = lease?;
        match lease.started().await {
            Ok(()) => Ok(lease),
            Err(StartError::CordonCrashed) => {
                drop(lease);
                let lease = self.lease_again().await?;
                lease.started().await?;
                Ok(lease)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The isolates finish what they have, and go.
    pub(crate) fn retire(&self) {
        let mut state = lock(&self.state);
        state.retired = true;
        self.part_if_retired(&mut state);
    }

    /// A place has become free somewhere.
    pub(crate) fn freed(self: &Arc<Self>) {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            self.dispatch(lock(&self.state));
        }
    }

    /// An isolate is no more; `broke_a_limit` says whether that was its code's doing.
    pub(crate) fn link_gone(self: &Arc<Self>, link: &Arc<Link>, broke_a_limit: bool) {
        let mut state = lock(&self.state);
        state.isolates.retain(|isolate| !Arc::ptr_eq(isolate, link));
        state.leaving.retain(|isolate| !Arc::ptr_eq(isolate, link));
        if broke_a_limit {
            self.note_breach(&mut state);
        }
        self.dispatch(state);
    }

    /// Lets an isolate go that has nothing to do. Returns whether it had nothing.
    pub(crate) fn evict(&self, link: &Arc<Link>, reason: Farewell) -> bool {
        let mut state = lock(&self.state);
        if link.load() > 0 || !link.is_booted() {
            return false;
        }
        let before = state.isolates.len();
        state.isolates.retain(|isolate| !Arc::ptr_eq(isolate, link));
        let went = state.isolates.len() < before;
        drop(state);
        if went {
            link.leave(reason);
        }
        went
    }

    /// Nobody finds an isolate here any more. Returns whether that loses nothing.
    pub(crate) fn forget(&self) -> bool {
        let state = lock(&self.state);
        let is_empty = state.isolates.is_empty()
            && state.leaving.is_empty()
            && !state.starting
            && self.in_oneshots() == 0;
        let is_forgotten = is_empty && self.waiting.load(Ordering::SeqCst) == 0;
        self.forgotten.store(is_forgotten, Ordering::SeqCst);
        is_forgotten
    }

    /// Whether it was forgotten, perhaps just as somebody asked for a place.
    pub(crate) fn is_forgotten(&self) -> bool {
        self.forgotten.load(Ordering::SeqCst)
    }

    /// Requests that have an isolate of their own, or are about to.
    fn in_oneshots(&self) -> usize {
        let places = self.deployment.limits.concurrency.max(1) as usize;
        places.saturating_sub(self.oneshots.available_permits())
    }

    /// Refuses what is too much: more than the tenant may ask for, or more than its part of what the
    /// host can hold.
    fn admit(&self) -> Result<(), RequestError> {
        if let Some(rate) = &self.rate {
            rate::take(rate).map_err(|Refused { after }| RequestError::RateLimited(after))?;
        }
        match self.host.fair_requests() {
            Some(fair) if self.look().requests >= fair => Err(RequestError::Overloaded),
            _ => Ok(()),
        }
    }

    /// Lets who is refused wait a little for the word: a client that asks again at once, as fast as it
    /// is refused, would take the processor from others' requests.
    async fn hold_up(&self) {
        if let Ok(_permit) = self.held_up.try_acquire() {
            tokio::time::sleep(HOLD_UP).await;
        }
    }

    /// A place, if one is free and nobody waits.
    fn lease_now(self: &Arc<Self>) -> Option<Lease> {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            return None;
        }
        // Cloned, so that the lock is not held while the isolate's own is taken.
        let isolate = self.emptiest(&lock(&self.state))?;
        let load = isolate.load();
        let lease = match isolate.reserve() {
            Reserved::Lease(lease) => lease,
            Reserved::Full | Reserved::Closed => return None,
        };
        if load >= CROWD && self.deployment.limits.max_isolates > 1 {
            self.grow_if_saturated(&isolate);
        }
        Some(lease)
    }

    /// Puts an isolate in place that has been sent the deployment: requests may follow it there, unless another one can
    /// have them now.
    pub(crate) fn adopt(self: &Arc<Self>, link: &Arc<Link>) {
        let mut state = lock(&self.state);
        if link.is_booted() || !state.has_started() {
            state.take_in(link);
            self.dispatch(state);
        }
    }

    async fn lease_in_turn(self: &Arc<Self>) -> Result<Lease, RequestError> {
        let waiting = Waiting::join(self);
        let (turn, mut my_turn) = oneshot::channel();
        let Limits { queue, concurrency, queue_ms, .. } = self.deployment.limits;
        {
            let mut state = lock(&self.state);
            let mut room = queue as usize;
            state.set_aside();
            if state.isolates.is_empty() {
                // An isolate on its way will take these at once: they do not count as a queue.
                room += concurrency as usize;
                if !state.starting {
                    state.recent_failure()?;
                }
                state.bearable_pause()?;
            }
            if waiting.before >= room {
                return Err(RequestError::Overloaded);
            }
            state.make_room();
            state.queue.push_back(turn);
            self.dispatch(state);
        }
        let since = Instant::now();
        let lease = loop {
            match timeout(Duration::from_millis(queue_ms), &mut my_turn).await {
                Ok(turn) => {
                    break turn.unwrap_or(Err(RequestError::Start(StartError::ShuttingDown)))?;
                }
                // Who waits for a start hears how that ends, if there is one: not while all isolates are leaving.
                Err(_) if lock(&self.state).is_beginning() => {}
                Err(_) => return Err(RequestError::Overloaded),
            }
        };
        self.stats.count_wait(since.elapsed());
        Ok(lease)
    }

    /// The isolate with the fewest requests; the oldest of several.
    fn emptiest(&self, state: &State) -> Option<Arc<Link>> {
        let least = |of: &[Arc<Link>]| of.iter().min_by_key(|isolate| isolate.load()).cloned();
        match state.isolates.as_slice() {
            [only] => Some(Arc::clone(only)),
            several => {
                let preferred = self.preferred.load(Ordering::Relaxed).min(several.len());
                // Fairness makes requests slower, it does not make them wait for a place.
                let preferred = least(&several[..preferred]).filter(|isolate| isolate.has_place());
                preferred.or_else(|| least(several))
            }
        }
    }

    /// Gives free places to who waits longest; starts an isolate if there is none, or if there could
    /// be one more.
    fn dispatch(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        // Places that nobody took any more; given back when the lock is not held.
        let mut spurned = Vec::new();
        while !state.queue.is_empty() {
            let Some(isolate) = self.emptiest(&state) else {
                // Whoever makes isolates leave with work to do has to wait for some of it to end.
                let most = self.deployment.limits.max_isolates as usize * PARTINGS + LEAVING;
                if state.leaving.len() < most {
                    self.start(&mut state);
                }
                break;
            };
            match isolate.reserve() {
                Reserved::Full => {
                    // Who waits here waits for a place, and that an isolate more would have.
                    if self.may_grow(&state) {
                        self.start(&mut state);
                    }
                    break;
                }
                Reserved::Closed => {
                    state.isolates.retain(|other| !Arc::ptr_eq(other, &isolate));
                    isolate.leave(Farewell::Replaced);
                    if !isolate.is_closed() {
                        state.leaving.push(isolate);
                    }
                }
                Reserved::Lease(lease) => {
                    let mut lease = Ok(lease);
                    while let Some(turn) = state.queue.pop_front() {
                        match turn.send(lease) {
                            Ok(()) => {
                                lease = Err(RequestError::Overloaded);
                                break;
                            }
                            Err(returned) => lease = returned,
                        }
                    }
                    spurned.extend(lease);
                }
            }
        }
        self.part_if_retired(&mut state);
        drop(state);
    }

    /// The last one that waited does not any more. It may have gone away, and left its turn in the queue: nothing that
    /// becomes free gives anything to a queue that nobody waits in.
    fn last_left(&self) {
        let mut state = lock(&self.state);
        if state.retired {
            state.queue.retain(|turn| !turn.is_closed());
            self.part_if_retired(&mut state);
        }
    }

    /// A retired deployment's isolates go when the queue is served.
    fn part_if_retired(&self, state: &mut State) {
        if state.retired && state.queue.is_empty() && !state.starting {
            let parting = std::mem::take(&mut state.isolates);
            parting.iter().for_each(|isolate| isolate.leave(Farewell::Replaced));
            // They would go after their request, but that may be a WebSocket.
            let alone = std::mem::take(&mut state.alone);
            alone.iter().filter_map(Weak::upgrade).for_each(|link| link.leave(Farewell::Replaced));
        }
    }

    fn start(self: &Arc<Self>, state: &mut State) {
        if std::mem::replace(&mut state.starting, true) {
            return;
        }
        let pause = state.backoff.pause();
        let placement = Arc::clone(self);
        // A task of its own: the start goes on when the request that asked for it goes away.
        tokio::spawn(async move {
            sit_out(pause).await;
            let context = placement.context(None);
            let started =
                boot::start(&placement.host.fleets, context, |link| placement.adopt(link)).await;
            let mut state = lock(&placement.state);
            state.starting = false;
            match started {
                Ok((link, _)) => {
                    state.failure = None;
                    state.take_in(&link);
                }
                Err(error) => {
                    placement.note_failed_start(&mut state, &error);
                    // Those who wait have other isolates to hope for, if there are any.
                    if state.isolates.is_empty() {
                        let told = RequestError::Start(error);
                        // Who has gone away needs no answer.
                        state.queue.drain(..).for_each(|turn| drop(turn.send(Err(told.clone()))));
                    }
                }
            }
            placement.dispatch(state);
        });
    }

    fn context(self: &Arc<Self>, permit: Option<OwnedSemaphorePermit>) -> LinkContext {
        let limits = &self.deployment.limits;
        LinkContext {
            deployment: Arc::clone(&self.deployment),
            services: Arc::clone(&self.host.services),
            placement: Arc::downgrade(self),
            tally: Arc::clone(&self.host.tally),
            stats: Arc::clone(&self.stats),
            concurrency: match limits.reuse {
                ReuseMode::Shared => limits.concurrency.max(1),
                ReuseMode::Sequential | ReuseMode::Oneshot => 1,
            },
            permit: permit.map(Arc::new),
        }
    }

    fn note_failed_start(&self, state: &mut State, error: &StartError) {
        self.stats.count_failed_start();
        // The tenant's own faults will happen again.
        if matches!(error, StartError::Boot { .. } | StartError::TimedOut(_)) {
            state.failure = Some((Instant::now(), error.clone()));
            self.note_breach(state);
        }
    }

    /// Makes the next start wait, if this has happened too often; says so in the tenant's log.
    fn note_breach(&self, state: &mut State) {
        state.backoff.note(self.stats.successes());
        if let Some(pause) = state.backoff.sentence() {
            let event = TenantEvent::BackingOff { pause };
            self.host.services.event(&self.deployment, event);
        }
    }
}

impl State {
    /// Sets those aside that take no more requests.
    fn set_aside(&mut self) {
        let leaving = self.isolates.extract_if(.., |isolate| !isolate.is_open());
        self.leaving.extend(leaving.filter(|isolate| !isolate.is_closed()));
    }

    fn take_in(&mut self, link: &Arc<Link>) {
        let is_here = |isolate: &Arc<Link>| Arc::ptr_eq(isolate, link);
        // One that has started may have left again already.
        if link.is_open() && !self.isolates.iter().any(is_here) {
            self.isolates.push(Arc::clone(link));
        }
    }

    /// Whether the first isolate is starting.
    fn is_beginning(&self) -> bool {
        self.starting && !self.has_started()
    }

    /// Whether an isolate is there whose start is over.
    fn has_started(&self) -> bool {
        self.isolates.iter().any(|isolate| isolate.is_booted())
    }

    fn spent_us(&self) -> u64 {
        self.isolates.iter().map(|isolate| isolate.spent_us()).sum()
    }

    fn recent_failure(&self) -> Result<(), RequestError> {
        match &self.failure {
            Some((at, error)) if at.elapsed() < FAILURE_MEMORY.max(self.backoff.pause()) => {
                Err(error.clone().into())
            }
            _ => Ok(()),
        }
    }

    /// How long the next isolate waits, if that is something that a request can wait for.
    fn bearable_pause(&self) -> Result<Duration, RequestError> {
        let pause = self.backoff.pause();
        if pause > BEARABLE { Err(RequestError::BackingOff(pause)) } else { Ok(pause) }
    }

    /// Drops the turns of those who went away, when there are so many that it matters.
    fn make_room(&mut self) {
        if self.queue.len() == self.queue.capacity() {
            self.queue.retain(|turn| !turn.is_closed());
        }
    }
}

/// A request that waits; uncounted when it does not any more.
struct Waiting<'a> {
    placement: &'a Placement,
    /// How many waited already.
    before: usize,
}

impl<'a> Waiting<'a> {
    fn join(placement: &'a Placement) -> Self {
        placement.host.waiting.fetch_add(1, Ordering::Relaxed);
        let before = placement.waiting.fetch_add(1, Ordering::SeqCst);
        Self { placement, before }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.placement.host.waiting.fetch_sub(1, Ordering::Relaxed);
        if self.placement.waiting.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.placement.last_left();
        }
    }
}
