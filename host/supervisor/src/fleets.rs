//! Which cordons a deployment may run in: those of its class, or its tenant's own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::cordon::Cordon;
use crate::deployment::CordonClass;
use crate::fleet::{Fleet, Sharing};
use crate::quarantine::Quarantine;
use crate::sync::lock;
use crate::walls::Walls;
use crate::{Deployment, Policy, TrustLevel, Wall};

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

    /// Starts what the first tenant will need.
    pub(crate) fn warm_up(&self) {
        let Policy { level, jit, .. } = Policy::default();
        self.fleet(CordonClass { level, jit }, Sharing::Level).ensure();
    }

    /// The fleet that `deployment` runs in.
    pub(crate) fn of(&self, deployment: &Deployment) -> Arc<Fleet> {
        let alone = deployment.wall >= Wall::Process || self.quarantine.holds(&deployment.tenant);
        self.fleet(deployment.class(), if alone { Sharing::Tenant } else { Sharing::Level })
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
            Sharing::Level => class,
            // Nobody shares: levels need no fleets of their own, and spare cordons serve all.
            Sharing::Tenant => CordonClass { level: TrustLevel::default(), ..class },
        };
        let mut fleets = lock(&self.fleets);
        let fleet = fleets.entry((class, sharing)).or_insert_with_key(|(class, sharing)| {
            let walls = Arc::clone(&self.walls);
            let quarantine = Arc::clone(&self.quarantine);
            let rooms = self.isolates_per_cordon;
            Fleet::new(walls, rooms, class.jit, *sharing, quarantine)
        });
        Arc::clone(fleet)
    }

    fn all(&self) -> Vec<Arc<Fleet>> {
        lock(&self.fleets).values().cloned().collect()
    }
}
