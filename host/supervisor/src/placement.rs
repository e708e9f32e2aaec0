//! Where a deployment runs, and who waits for a place in it.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::boot;
use crate::fleets::Fleets;
use crate::link::{Lease, Link, LinkContext, Reserved, Tally};
use crate::sync::lock;
use crate::{Deployment, Limits, RequestError, ReuseMode, Services, StartError, TenantEvent};

/// How long a failed start is remembered: requests are told at once, and nothing is tried.
const FAILURE_MEMORY: Duration = Duration::from_secs(1);

/// What placements share.
pub(crate) struct Host {
    pub(crate) fleets: Fleets,
    pub(crate) services: Arc<dyn Services>,
    pub(crate) tally: Arc<Tally>,
    /// Requests that wait for a place.
    pub(crate) waiting: AtomicUsize,
}

/// One deployment's isolate, its queue, and its last failure.
pub(crate) struct Placement {
    pub(crate) deployment: Arc<Deployment>,
    host: Arc<Host>,
    state: Mutex<State>,
    /// Requests in the queue or about to join it. Read without the lock after a place has become
    /// free; who joins counts itself first and looks for a place after.
    waiting: AtomicUsize,
    /// How many isolates for one request each may live at once.
    oneshots: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    current: Option<Arc<Link>>,
    starting: bool,
    failure: Option<(Instant, StartError)>,
    queue: VecDeque<oneshot::Sender<Result<Lease, RequestError>>>,
    retired: bool,
}

impl Host {
    /// Requests that wait or are in an isolate.
    pub(crate) fn requests(&self) -> usize {
        self.waiting.load(Ordering::Relaxed) + self.tally.requests.load(Ordering::Relaxed)
    }
}

impl Placement {
    pub(crate) fn new(deployment: Arc<Deployment>, host: Arc<Host>) -> Arc<Self> {
        let oneshots = Arc::new(Semaphore::new(deployment.limits.concurrency.max(1) as usize));
        let state = Mutex::default();
        Arc::new(Self { deployment, host, state, waiting: AtomicUsize::new(0), oneshots })
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
    /// [`RequestError::Start`] or [`RequestError::Overloaded`].
    pub(crate) async fn lease(self: &Arc<Self>) -> Result<Lease, RequestError> {
        if self.deployment.limits.reuse == ReuseMode::Oneshot {
            return self.lease_oneshot().await;
        }
        match self.lease_now() {
            Some(lease) => Ok(lease),
            None => self.lease_in_turn().await,
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

    /// An isolate is no more.
    pub(crate) fn link_gone(self: &Arc<Self>, link: &Arc<Link>) {
        let mut state = lock(&self.state);
        state.current.take_if(|current| Arc::ptr_eq(current, link));
        self.dispatch(state);
    }

    /// A place, if one is free and nobody waits.
    fn lease_now(&self) -> Option<Lease> {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            return None;
        }
        // Cloned, so that the lock is not held while the isolate's own is taken.
        let current = lock(&self.state).current.clone()?;
        match current.reserve() {
            Reserved::Lease(lease) => Some(lease),
            Reserved::Full | Reserved::Closed => None,
        }
    }

    /// Puts an isolate in place that was started elsewhere.
    #[cfg(test)]
    pub(crate) fn adopt(self: &Arc<Self>, link: Arc<Link>) {
        let mut state = lock(&self.state);
        state.current = Some(link);
        self.dispatch(state);
    }

    async fn lease_in_turn(self: &Arc<Self>) -> Result<Lease, RequestError> {
        let waiting = Waiting::join(self);
        let (turn, my_turn) = oneshot::channel();
        {
            let mut state = lock(&self.state);
            let Limits { queue, concurrency, .. } = self.deployment.limits;
            let mut room = queue as usize;
            if state.current.is_none() {
                // An isolate on its way will take these at once: they do not count as a queue.
                room += concurrency as usize;
                if !state.starting {
                    state.recent_failure()?;
                }
            }
            if waiting.before >= room {
                return Err(RequestError::Overloaded);
            }
            state.make_room();
            state.queue.push_back(turn);
            self.dispatch(state);
        }
        my_turn.await.unwrap_or(Err(RequestError::Start(StartError::ShuttingDown)))
    }

    /// Gives free places to who waits longest; starts an isolate if there is none.
    fn dispatch(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        // Places that nobody took any more; given back when the lock is not held.
        let mut spurned = Vec::new();
        while !state.queue.is_empty() {
            let Some(current) = &state.current else {
                self.start(&mut state);
                break;
            };
            match current.reserve() {
                Reserved::Full => break,
                Reserved::Closed => {
                    let worn = state.current.take();
                    worn.iter().for_each(Link::leave);
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

    /// A retired deployment's isolate goes when the queue is served.
    fn part_if_retired(&self, state: &mut State) {
        if state.retired && state.queue.is_empty() && !state.starting {
            let parting = state.current.take();
            parting.iter().for_each(Link::leave);
        }
    }

    fn start(self: &Arc<Self>, state: &mut State) {
        if std::mem::replace(&mut state.starting, true) {
            return;
        }
        let placement = Arc::clone(self);
        // A task of its own: the start goes on when the request that asked for it goes away.
        tokio::spawn(async move {
            let started = placement.start_isolate(None).await;
            let mut state = lock(&placement.state);
            state.starting = false;
            match started {
                Ok(link) => {
                    state.failure = None;
                    state.current = Some(link).filter(|link| !link.is_closed());
                }
                Err(error) => {
                    let told = RequestError::Start(error.clone());
                    // Who has gone away needs no answer.
                    state.queue.drain(..).for_each(|turn| drop(turn.send(Err(told.clone()))));
                    state.remember(error);
                }
            }
            placement.dispatch(state);
        });
    }

    async fn start_isolate(
        self: &Arc<Self>,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<Arc<Link>, StartError> {
        let limits = &self.deployment.limits;
        let context = LinkContext {
            deployment: Arc::clone(&self.deployment),
            services: Arc::clone(&self.host.services),
            placement: Arc::downgrade(self),
            tally: Arc::clone(&self.host.tally),
            concurrency: match limits.reuse {
                ReuseMode::Shared => limits.concurrency.max(1),
                ReuseMode::Sequential | ReuseMode::Oneshot => 1,
            },
            permit: permit.map(Arc::new),
        };
        let (link, report) = boot::start(&self.host.fleets, context).await?;
        let started = TenantEvent::Started { cpu_us: report.cpu_us, wall_us: report.wall_us };
        self.host.services.event(&self.deployment, started);
        Ok(link)
    }

    /// A fresh isolate, which goes after this one request.
    async fn lease_oneshot(self: &Arc<Self>) -> Result<Lease, RequestError> {
        lock(&self.state).recent_failure()?;
        let permit = {
            let waiting = Waiting::join(self);
            let Limits { queue, concurrency, .. } = self.deployment.limits;
            if waiting.before >= queue as usize + concurrency as usize {
                return Err(RequestError::Overloaded);
            }
            let permit = Arc::clone(&self.oneshots).acquire_owned().await;
            permit.map_err(|_| StartError::ShuttingDown)?
        };
        let link = match self.start_isolate(Some(permit)).await {
            Ok(link) => link,
            Err(error) => {
                lock(&self.state).remember(error.clone());
                return Err(error.into());
            }
        };
        let Reserved::Lease(lease) = link.reserve() else {
            return Err(RequestError::CordonCrashed);
        };
        link.leave();
        Ok(lease)
    }
}

impl State {
    fn recent_failure(&self) -> Result<(), RequestError> {
        match &self.failure {
            Some((at, error)) if at.elapsed() < FAILURE_MEMORY => Err(error.clone().into()),
            _ => Ok(()),
        }
    }

    /// Drops the turns of those who went away, when there are so many that it matters.
    fn make_room(&mut self) {
        if self.queue.len() == self.queue.capacity() {
            self.queue.retain(|turn| !turn.is_closed());
        }
    }

    /// Remembers what will fail again: the tenant's own faults.
    fn remember(&mut self, error: StartError) {
        if matches!(error, StartError::Boot { .. } | StartError::TimedOut(_)) {
            self.failure = Some((Instant::now(), error));
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
        self.placement.waiting.fetch_sub(1, Ordering::SeqCst);
        self.placement.host.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
