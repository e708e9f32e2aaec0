//! Which cordons a deployment may run in: those of its trust level, or its tenant's own.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::cordon::Cordon;
use crate::fleet::{Fleet, Sharing};
use crate::quarantine::Quarantine;
use crate::sync::lock;
use crate::walls::Walls;
use crate::{DEFAULT_LEVEL, Deployment, Wall, WallsConfig};

/// All fleets of this host.
pub(crate) struct Fleets {
    binary: PathBuf,
    walls: Arc<Walls>,
    isolates_per_cordon: usize,
    /// By trust level.
    shared: Mutex<HashMap<Arc<str>, Arc<Fleet>>>,
    /// Cordons that hold one tenant each. Made with the first such tenant.
    own: Mutex<Option<Arc<Fleet>>>,
    pub(crate) quarantine: Arc<Quarantine>,
}

impl Fleets {
    pub(crate) fn new(
        binary: PathBuf,
        walls: WallsConfig,
        isolates_per_cordon: usize,
        quarantine: Quarantine,
    ) -> Self {
        let walls = Arc::new(Walls::new(walls, isolates_per_cordon));
        let (shared, own) = (Mutex::default(), Mutex::default());
        let quarantine = Arc::new(quarantine);
        Self { binary, walls, isolates_per_cordon, shared, own, quarantine }
    }

    /// Starts what the first tenant will need.
    pub(crate) fn warm_up(&self) {
        self.shared(&DEFAULT_LEVEL.into()).ensure();
    }

    /// The fleet that `deployment` runs in.
    pub(crate) fn of(&self, deployment: &Deployment) -> Arc<Fleet> {
        match deployment.wall {
            Wall::Shared if !self.quarantine.holds(&deployment.tenant) => {
                self.shared(&deployment.level)
            }
            Wall::Shared | Wall::Process => self.own(),
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
        let quarantine = Arc::clone(&self.quarantine);
        Fleet::new(self.binary.clone(), walls, self.isolates_per_cordon, sharing, quarantine)
    }

    fn all(&self) -> Vec<Arc<Fleet>> {
        lock(&self.shared).values().cloned().chain(lock(&self.own).clone()).collect()
    }
}
