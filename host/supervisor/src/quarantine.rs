//! Tenants whose code has brought a cordon down, or tried what no code of theirs can try: they get
//! cordons of their own until the operator says otherwise.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::fleet::pause_after;
use crate::sync::lock;
use crate::{Deployment, Generation, Offence, Services, TenantEvent};

/// How often a tenant may have been one of several that could have been it.
const STRIKES: u32 = 3;
/// Cordons that a tenant may bring down before it has to wait for the next one.
const FREE_DEATHS: u32 = 2;
/// After so long without, what a tenant has brought down is forgotten.
const MEMORY: Duration = Duration::from_secs(60);
/// Time after which no isolate of a tenant that went is left: more than requests and what they leave
/// behind may take.
const LONGEST_FAREWELL: Duration = Duration::from_secs(3600);

/// Who is kept apart, and who is watched.
pub(crate) struct Quarantine {
    services: Arc<dyn Services>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tenants: HashSet<Arc<str>>,
    /// How often each tenant was among the suspects.
    strikes: HashMap<Arc<str>, u32>,
    /// How many cordons each tenant has brought down, and when the last one.
    deaths: HashMap<Arc<str>, (u32, Instant)>,
    /// When tenants were deleted, and which deployments are of later ones of the same name. What a deleted one does
    /// last must not be held against those.
    gone: HashMap<Arc<str>, (Instant, Generation)>,
}

/// What is known after the end of a cordon.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) offence: Offence,
    /// Whether there is proof, as far as the cordon's word goes; otherwise these are all those
    /// whose code may have been running.
    pub(crate) certain: bool,
    pub(crate) suspects: Vec<Arc<Deployment>>,
}

impl Quarantine {
    pub(crate) fn new(services: Arc<dyn Services>) -> Self {
        Self { services, state: Mutex::default() }
    }

    /// Whether `tenant` must have cordons of its own.
    pub(crate) fn holds(&self, tenant: &str) -> bool {
        lock(&self.state).tenants.contains(tenant)
    }

    /// The operator's word that `tenant` may live with others again. Returns whether it was in quarantine.
    pub(crate) fn release(&self, tenant: &str) -> bool {
        let mut state = lock(&self.state);
        state.strikes.remove(tenant);
        state.deaths.remove(tenant);
        state.tenants.remove(tenant)
    }

    /// Forgets a tenant that is no more: who gets the name next is somebody else.
    pub(crate) fn forget(&self, tenant: &str) {
        self.release(tenant);
        let gone = &mut lock(&self.state).gone;
        gone.retain(|_, (when, _)| when.elapsed() < LONGEST_FAREWELL);
        gone.insert(tenant.into(), (Instant::now(), Generation::next()));
    }

    /// Takes in who is to blame, and tells.
    pub(crate) fn judge(&self, verdict: &Verdict) {
        let Verdict { offence, certain, suspects } = verdict;
        let certain = *certain || suspects.len() == 1;
        let present = suspects.iter().filter(|deployment| !self.is_gone(deployment));
        if certain {
            present.clone().for_each(|deployment| self.note_death(&deployment.tenant));
        }
        for deployment in present {
            if self.takes_in(&deployment.tenant, certain) {
                self.services.event(deployment, TenantEvent::Quarantined(*offence));
            }
        }
    }

    /// How long `tenant` has to wait until it may have another cordon of its own. Starting one costs
    /// the machine much more than bringing one down costs the tenant.
    pub(crate) fn pause(&self, tenant: &str) -> Duration {
        let state = lock(&self.state);
        let Some((deaths, last)) = state.deaths.get(tenant) else { return Duration::ZERO };
        pause_after(deaths.saturating_sub(FREE_DEATHS)).saturating_sub(last.elapsed())
    }

    fn is_gone(&self, deployment: &Deployment) -> bool {
        let state = lock(&self.state);
        let gone = state.gone.get(&deployment.tenant);
        gone.is_some_and(|(_, later)| deployment.generation < *later)
    }

    fn note_death(&self, tenant: &Arc<str>) {
        let mut state = lock(&self.state);
        state.deaths.retain(|_, (_, last)| last.elapsed() < MEMORY);
        let (deaths, last) = state.deaths.entry(Arc::clone(tenant)).or_insert((0, Instant::now()));
        *deaths += 1;
        *last = Instant::now();
    }

    /// Whether `tenant` has come into quarantine with this.
    fn takes_in(&self, tenant: &Arc<str>, certain: bool) -> bool {
        let mut state = lock(&self.state);
        if !certain {
            let strikes = state.strikes.entry(Arc::clone(tenant)).or_default();
            *strikes += 1;
            if *strikes < STRIKES {
                return false;
            }
        }
        state.strikes.remove(tenant);
        state.tenants.insert(Arc::clone(tenant))
    }
}
