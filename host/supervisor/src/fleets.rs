//! Which cordons a deployment may run in: those of its trust level, or its tenant's own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::cordon::Cordon;
use crate::fleet::{Fleet, Sharing};
use crate::sync::lock;
use crate::walls::Walls;
use crate::{DEFAULT_LEVEL, Deployment, Wall};

/// All fleets of this host.
pub(crate) struct Fleets {
    walls: Arc<Walls>,
    isolates_per_cordon: usize,
    /// By trust level.
    shared: Mutex<HashMap<Arc<str>, Arc<Fleet>>>,
    /// Cordons that hold one tenant each. Made with the first such tenant.
    own: Mutex<Option<Arc<Fleet>>>,
}

impl Fleets {
    pub(crate) fn new(walls: Arc<Walls>, isolates_per_cordon: usize) -> Self {
        let (shared, own) = (Mutex::default(), Mutex::default());
        Self { walls, isolates_per_cordon, shared, own }
    }

    /// Starts what the first tenant will need.
    pub(crate) fn warm_up(&self) {
        self.shared(&DEFAULT_LEVEL.into()).ensure();
    }

    /// The fleet that `deployment` runs in.
    pub(crate) fn of(&self, deployment: &Deployment) -> Arc<Fleet> {
        match deployment.wall {
            Wall::Shared => self.shared(&deployment.level),
            Wall::Process => self.own(),
        }
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

    fn shared(&self, level: &Arc<str>) -> Arc<Fleet> {
        let mut shared = lock(&self.shared);
        if let Some(fleet) = shared.get(level) {
            return Arc::clone(fleet);
        }
        let fleet = self.fleet(Sharing::Level);
        shared.insert(Arc::clone(level), Arc::clone(&fleet));
        fleet
    }

    fn own(&self) -> Arc<Fleet> {
        let mut own = lock(&self.own);
        Arc::clone(own.get_or_insert_with(|| self.fleet(Sharing::Tenant)))
    }

    fn fleet(&self, sharing: Sharing) -> Arc<Fleet> {
        let walls = Arc::clone(&self.walls);
        Fleet::new(walls, self.isolates_per_cordon, sharing)
    }

    fn all(&self) -> Vec<Arc<Fleet>> {
        lock(&self.shared).values().cloned().chain(lock(&self.own).clone()).collect()
    }
}
