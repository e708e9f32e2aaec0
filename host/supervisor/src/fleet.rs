//! Cordons of one kind: which one takes the next isolate, and when there is another one.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::timeout;

use crate::StartError;
use crate::blank::Blank;
use crate::cordon::Cordon;
use crate::crowd::Crowd;
use crate::deployment::CordonClass;
use crate::quarantine::Quarantine;
use crate::sync::lock;
use crate::walls::Walls;

/// Cordons with room that are kept: one to place isolates in, and a warm one for when it dies or
/// is full, since a cordon takes much longer to start than a request may wait.
const READY: usize = 2;
/// How long there are cordons after anybody was last there whom they are for.
const WANTED: Duration = Duration::from_secs(15);
/// How long an isolate may wait for a cordon.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the end of a process may take from its first sign on.
const MOMENTS: Duration = Duration::from_millis(500);
/// The pause after a cordon that did not start; doubled with every further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// After cordons that live shorter than this there is a pause too; the first one is bad luck.
const STILLBORN: Duration = Duration::from_millis(500);
/// Cordons that may fail to start while an isolate waits for one: the first one is bad luck.
const BAD_LUCK: u32 = 1;
/// Blank isolates that may fail one start: more, and it is not bad luck.
const ATTEMPTS: usize = 3;

/// Who may live together in a cordon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Sharing {
    /// All tenants of the fleet's trust level that compute little.
    Level,
    /// Those that compute much.
    Heavy,
    /// One tenant's isolates: the first one that moves in owns the cordon.
    Tenant,
}

/// Cordons of one kind.
pub(crate) struct Fleet {
    walls: Arc<Walls>,
    isolates_per_cordon: usize,
    class: CordonClass,
    sharing: Sharing,
    quarantine: Arc<Quarantine>,
    state: Mutex<State>,
    /// A cordon has come or gone, or failed to come.
    changed: Notify,
}

#[derive(Default)]
struct State {
    cordons: Vec<Arc<Cordon>>,
    /// A cordon is on its way.
    starting: bool,
    /// Cordons in a row that did not start.
    failures: u32,
    last_error: String,
    /// Cordons in a row that ended as soon as they ran.
    early_deaths: u32,
    crowd: Crowd,
    /// When somebody was last there whom the cordons are for.
    wanted: Option<Instant>,
    closing: bool,
}

impl Fleet {
    pub(crate) fn new(
        walls: Arc<Walls>,
        isolates_per_cordon: usize,
        class: CordonClass,
        sharing: Sharing,
        quarantine: Arc<Quarantine>,
    ) -> Arc<Self> {
        let isolates_per_cordon = isolates_per_cordon.max(1);
        let state = Mutex::default();
        let changed = Notify::new();
        Arc::new(Self { walls, isolates_per_cordon, class, sharing, quarantine, state, changed })
    }

    /// A blank isolate for `tenant`, in a cordon that has room for it. When many start at once of whom nothing is
    /// known, `is_new`, they do not start among those who live there already.
    ///
    /// # Errors
    ///
    /// [`StartError::NoCordon`], [`StartError::CordonCrashed`] or [`StartError::ShuttingDown`].
    pub(crate) async fn blank(
        self: &Arc<Self>,
        tenant: &Arc<str>,
        is_new: bool,
    ) -> Result<(Blank, Arc<Cordon>), StartError> {
        for _ in 0..ATTEMPTS {
            let cordon = match timeout(PATIENCE, self.cordon(tenant, is_new)).await {
                Ok(cordon) => cordon?,
                Err(_) => return Err(StartError::NoCordon("none has room".to_owned())),
            };
            match cordon.blank().await {
                Ok(blank) => return Ok((blank, cordon)),
                Err(error) => tracing::warn!(%error, "a cordon gave no isolate"),
            }
            if !self.dies(&cordon).await {
                // It lives and is of no use: nobody is sent there again, and who lives there
                // stays. It may not even take the word.
                let _ = timeout(MOMENTS, cordon.drain()).await;
                self.ensure();
            }
        }
        Err(StartError::CordonCrashed)
    }

    /// Whether `cordon` is dead, or dies within moments: its sockets go before its process.
    pub(crate) async fn dies(&self, cordon: &Cordon) -> bool {
        let died = async {
            loop {
                let mut changed = pin!(self.changed.notified());
                changed.as_mut().enable();
                if cordon.is_dead() {
                    return;
                }
                changed.await;
            }
        };
        timeout(MOMENTS, died).await.is_ok()
    }

    /// Starts cordons in the background, one after the other, until enough of them have room.
    pub(crate) fn ensure(self: &Arc<Self>) {
        let mut state = lock(&self.state);
        if self.is_short(&state) {
            self.start_one(&mut state);
        }
    }

    /// There is a tenant for whom there should be such cordons: starts them, if too few have room.
    pub(crate) fn want(self: &Arc<Self>) {
        lock(&self.state).wanted = Some(Instant::now());
        self.ensure();
    }

    /// Whether a cordon with room for anybody is there.
    pub(crate) fn has_room(&self) -> bool {
        self.takers(&lock(&self.state)).any(|cordon| cordon.owner().is_none())
    }

    /// Cordons in which nobody lives, of a kind that nobody has wanted for long.
    pub(crate) fn unwanted(&self) -> Vec<Arc<Cordon>> {
        let state = lock(&self.state);
        if self.ready(&state) > 0 {
            return Vec::new();
        }
        let is_empty = |cordon: &&Arc<Cordon>| !cordon.is_ending() && !cordon.has_tenants();
        state.cordons.iter().filter(is_empty).cloned().collect()
    }

    /// Live cordons.
    pub(crate) fn cordons(&self) -> Vec<Arc<Cordon>> {
        lock(&self.state).cordons.clone()
    }

    /// No cordon is started from now on.
    pub(crate) fn close(&self) {
        lock(&self.state).closing = true;
        self.changed.notify_waiters();
    }

    /// Returns when the last cordon's process has ended.
    pub(crate) async fn empty(&self) {
        loop {
            let mut changed = pin!(self.changed.notified());
            // Registered before the look, so that no change falls between the two.
            changed.as_mut().enable();
            if lock(&self.state).cordons.is_empty() {
                return;
            }
            changed.await;
        }
    }

    /// A cordon with room for `tenant`; waits for one that is on its way.
    async fn cordon(
        self: &Arc<Self>,
        tenant: &Arc<str>,
        is_new: bool,
    ) -> Result<Arc<Cordon>, StartError> {
        if self.sharing == Sharing::Tenant {
            // Its own affair: nobody else waits for what it does to its cordons.
            sit_out(self.quarantine.pause(tenant)).await;
        }
        let before = lock(&self.state).failures;
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            {
                let mut state = lock(&self.state);
                if state.closing {
                    return Err(StartError::ShuttingDown);
                }
                state.wanted = Some(Instant::now());
                let first = self.with_room(&mut state, tenant, is_new);
                if first.is_none() && state.failures.saturating_sub(before) > BAD_LUCK {
                    return Err(StartError::NoCordon(state.last_error.clone()));
                }
                if let (Some(cordon), Sharing::Tenant) = (&first, self.sharing) {
                    cordon.claim(tenant);
                }
                // Whoever waits needs one, also where none need be ready.
                if first.is_none() || self.is_short(&state) {
                    self.start_one(&mut state);
                }
                if let Some(cordon) = first {
                    return Ok(cordon);
                }
            }
            changed.await;
        }
    }

    /// A cordon that can take an isolate of `tenant`: its own before one that nobody owns, and
    /// the oldest, so that the others stay spare. In a crowd of newcomers the next one.
    fn with_room(&self, state: &mut State, tenant: &str, is_new: bool) -> Option<Arc<Cordon>> {
        let owned = self.takers(state).find(|cordon| cordon.owner() == Some(tenant)).cloned();
        if owned.is_some() {
            return owned;
        }
        let mut free = self.takers(state).filter(|cordon| cordon.owner().is_none());
        let (first, second) = (free.next().cloned(), free.next().cloned());
        drop(free);
        match (first, second) {
            (Some(first), Some(second)) if is_new && self.sharing == Sharing::Level => {
                let (here, there) = (first.is_bare(), second.is_bare());
                Some(if state.crowd.comes(Instant::now(), here, there) { second } else { first })
            }
            (first, _) => first,
        }
    }

    /// Whether there are too few cordons that could take anybody.
    fn is_short(&self, state: &State) -> bool {
        let spare = self.takers(state).filter(|cordon| cordon.owner().is_none());
        spare.count() < self.ready(state)
    }

    /// How many cordons with room for anybody there should be.
    fn ready(&self, state: &State) -> usize {
        if state.wanted.is_none_or(|wanted| wanted.elapsed() >= WANTED) {
            return 0;
        }
        match self.sharing {
            Sharing::Level | Sharing::Tenant => READY,
            // Until there is one its tenants live with others, so there need not be a spare one.
            Sharing::Heavy => 1,
        }
    }

    /// Live cordons with room, the oldest first.
    fn takers<'s>(&self, state: &'s State) -> impl Iterator<Item = &'s Arc<Cordon>> {
        let most = self.isolates_per_cordon;
        state.cordons.iter().filter(move |c| !c.is_ending() && c.isolates() < most)
    }

    fn start_one(self: &Arc<Self>, state: &mut State) {
        if state.starting || state.closing {
            return;
        }
        state.starting = true;
        let pause = pause_after(state.failures.max(state.early_deaths.saturating_sub(1)));
        let fleet = Arc::clone(self);
        tokio::spawn(async move {
            sit_out(pause).await;
            fleet.run_one().await;
        });
    }

    /// The life of one cordon.
    async fn run_one(self: Arc<Self>) {
        let started = Cordon::start(&self.walls, &self.class, self.sharing).await;
        let (cordon, process) = {
            let mut state = lock(&self.state);
            state.starting = false;
            match started {
                // Too late: the process goes with its handle.
                Ok(_) if state.closing => return,
                Ok((cordon, process)) => {
                    state.failures = 0;
                    state.cordons.push(Arc::clone(&cordon));
                    (cordon, process)
                }
                Err(error) => {
                    tracing::error!(error, "a cordon did not start");
                    state.failures = state.failures.saturating_add(1);
                    state.last_error = error;
                    drop(state);
                    return self.changed.notify_waiters();
                }
            }
        };
        cordon.refill();
        self.changed.notify_waiters();
        self.ensure();
        let born = Instant::now();
        cordon.watch(process, &self.quarantine).await;
        {
            let mut state = lock(&self.state);
            state.cordons.retain(|other| !Arc::ptr_eq(other, &cordon));
            // One that a tenant owned says nothing about the next one.
            if cordon.owner().is_none() {
                state.early_deaths = match born.elapsed() < STILLBORN {
                    true => state.early_deaths.saturating_add(1),
                    false => 0,
                };
            }
        }
        // At once: the tenants that lived there move into what was the spare one.
        self.ensure();
        self.changed.notify_waiters();
    }
}

/// Waits for `pause`. None at all costs nothing, while a timer that is due at once takes a millisecond.
pub(crate) async fn sit_out(pause: Duration) {
    if !pause.is_zero() {
        tokio::time::sleep(pause).await;
    }
}

/// How long to wait with the next attempt after so many that failed.
pub(crate) fn pause_after(failures: u32) -> Duration {
    match failures {
        0 => Duration::ZERO,
        n => FIRST_PAUSE.saturating_mul(1 << (n - 1).min(16)).min(LONGEST_PAUSE),
    }
}
