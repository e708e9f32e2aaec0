//! Tenants whose code has brought a cordon down, or tried what no code of theirs can try: they get
//! cordons of their own until the operator says otherwise.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::fleet::pause_after;
use crate::sync::lock;
use crate::{Deployment, Offence, Services, TenantEvent};

/// How often a tenant may have been one of several that could have been it.
const STRIKES: u32 = 3;
/// Cordons that a tenant may bring down before it has to wait for the next one.
const FREE_DEATHS: u32 = 2;
/// After so long without, what a tenant has brought down is forgotten.
const MEMORY: Duration = Duration::from_secs(60);

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

    /// Takes in who is to blame, and tells.
    pub(crate) fn judge(&self, verdict: &Verdict) {
        let Verdict { offence, certain, suspects } = verdict;
        let certain = *certain || suspects.len() == 1;
        if certain {
            suspects.iter().for_each(|deployment| self.note_death(&deployment.tenant));
        }
        for deployment in suspects {
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
