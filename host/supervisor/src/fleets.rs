//! Which cordons a deployment may run in: those of its class, or its tenant's own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::cordon::Cordon;
use crate::deployment::CordonClass;
use crate::fleet::{Fleet, Sharing};
use crate::quarantine::Quarantine;
use crate::sync::lock;
use crate::walls::Walls;
use crate::{Deployment, Policy, Services, TrustLevel, Wall};

/// All fleets of this host.
pub(crate) struct Fleets {
    walls: Arc<Walls>,
    isolates_per_cordon: usize,
    /// Each made with the first tenant that needs it.
    fleets: Mutex<HashMap<(CordonClass, Sharing), Arc<Fleet>>>,
    pub(crate) quarantine: Arc<Quarantine>,
}

impl Fleets {
    pub(crate) fn new(
        walls: Arc<Walls>,
        isolates_per_cordon: usize,
        quarantine: Quarantine,
    ) -> Self {
        let quarantine = Arc::new(quarantine);
        Self { walls, isolates_per_cordon, fleets: Mutex::default(), quarantine }
    }

    /// Starts what the first tenant will need, if it is not there.
    pub(crate) fn warm_up(&self) {
        let Policy { level, jit, .. } = Policy::default();
        self.fleet(CordonClass { level, jit }, Sharing::Level).want();
    }

    /// Keeps ready what the next isolates of live deployments will need, those that idle included: their first request
    /// finds a cordon. What this is not said of is given back after some time.
    pub(crate) fn keep_warm(&self, services: &dyn Services) {
        self.warm_up();
        let mut wanted: Vec<Arc<Fleet>> = Vec::new();
        services.each_live(&mut |deployment| {
            let fleet = self.of(deployment, false);
            if !wanted.iter().any(|other| Arc::ptr_eq(other, &fleet)) {
                wanted.push(fleet);
            }
        });
        // Afterwards, so that nobody who changes what is live waits for more than the look.
        wanted.iter().for_each(|fleet| fleet.want());
    }

    /// The fleet that an isolate of `deployment` starts in, whose tenant computes much or not.
    pub(crate) fn of(&self, deployment: &Deployment, is_heavy: bool) -> Arc<Fleet> {
        if self.is_alone(deployment) {
            return self.fleet(deployment.class(), Sharing::Tenant);
        }
        // Nobody waits for a cordon to start because of what its tenant's code is like.
        let apart = is_heavy.then(|| self.fleet(deployment.class(), Sharing::Heavy));
        let apart = apart.filter(|fleet| fleet.has_room());
        apart.unwrap_or_else(|| self.fleet(deployment.class(), Sharing::Level))
    }

    /// The fleet for `deployment` if its tenant computes much; `None` if it lives alone anyway.
    pub(crate) fn apart(&self, deployment: &Deployment) -> Option<Arc<Fleet>> {
        let alone = self.is_alone(deployment);
        (!alone).then(|| self.fleet(deployment.class(), Sharing::Heavy))
    }

    /// Cordons that can go, since there are no tenants for whom they were started.
    pub(crate) fn unwanted(&self) -> Vec<Arc<Cordon>> {
        self.all().iter().flat_map(|fleet| fleet.unwanted()).collect()
    }

    /// Whether isolates of `deployment` must be in cordons of its tenant's own.
    pub(crate) fn is_alone(&self, deployment: &Deployment) -> bool {
        deployment.wall >= Wall::Process || self.quarantine.holds(&deployment.tenant)
    }

    /// Live cordons.
    pub(crate) fn cordons(&self) -> Vec<Arc<Cordon>> {
        self.all().iter().flat_map(|fleet| fleet.cordons()).collect()
    }

    /// No cordon is started from now on.
    pub(crate) fn close(&self) {
        self.all().iter().for_each(|fleet| fleet.close());
    }

    /// Returns when the last cordon's process has ended.
    pub(crate) async fn empty(&self) {
        for fleet in self.all() {
            fleet.empty().await;
        }
    }

    fn fleet(&self, class: CordonClass, sharing: Sharing) -> Arc<Fleet> {
        let class = match sharing {
            Sharing::Level | Sharing::Heavy => class,
            // Nobody shares: levels need no fleets of their own, and spare cordons serve all.
            Sharing::Tenant => CordonClass { level: TrustLevel::default(), ..class },
        };
        let mut fleets = lock(&self.fleets);
        let fleet = fleets.entry((class, sharing)).or_insert_with_key(|(class, sharing)| {
            let walls = Arc::clone(&self.walls);
            let quarantine = Arc::clone(&self.quarantine);
            let rooms = self.isolates_per_cordon;
            Fleet::new(walls, rooms, class.clone(), *sharing, quarantine)
        });
        Arc::clone(fleet)
    }

    fn all(&self) -> Vec<Arc<Fleet>> {
        lock(&self.fleets).values().cloned().collect()
    }
}
