use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::Deployment;
use crate::host::Host;
use crate::placement::Placement;
use crate::sync::lock;

/// Parts of the table that are locked apart, so that tenants do not wait for each other.
const SHARDS: usize = 16;

type Shard = FxHashMap<Arc<str>, Arc<Placement>>;

/// Which placement a deployment has, by its id.
#[derive(Default)]
pub(crate) struct Placements {
    shards: [RwLock<Shard>; SHARDS],
    /// Deployments that were retired and that somebody still holds: a request that was routed to
    /// one just before must not bring it back for good.
    retired: Mutex<Vec<Weak<Deployment>>>,
}

impl Placements {
    /// The placement of `deployment`; a new one if there is none. A deployment that carries a
    /// known id and other variables or limits replaces the one before.
    pub(crate) fn of(&self, deployment: &Arc<Deployment>, host: &Arc<Host>) -> Arc<Placement> {
        let shard = self.shard(&deployment.id);
        if let Some(placement) = read(shard).get(&deployment.id)
            && placement.serves(deployment)
        {
            return Arc::clone(placement);
        }
        let mut shard = write(shard);
        // Somebody else may have been faster.
        if let Some(placement) = shard.get(&deployment.id)
            && placement.serves(deployment)
        {
            return Arc::clone(placement);
        }
        let placement = Placement::new(Arc::clone(deployment), Arc::clone(host));
        if self.is_retired(deployment) {
            placement.retire();
            return placement;
        }
        let replaced = shard.insert(Arc::clone(&deployment.id), Arc::clone(&placement));
        drop(shard);
        if let Some(replaced) = replaced {
            replaced.retire();
        }
        placement
    }

    /// Takes the placement of `deployment` out of the table, and remembers that there shall be none.
    pub(crate) fn remove(&self, deployment: &Arc<Deployment>) -> Option<Arc<Placement>> {
        let mut shard = write(self.shard(&deployment.id));
        let mut retired = lock(&self.retired);
        retired.retain(|deployment| deployment.strong_count() > 0);
        retired.push(Arc::downgrade(deployment));
        let placement = shard.remove(&deployment.id)?;
        retired.push(Arc::downgrade(&placement.deployment));
        Some(placement)
    }

    /// All placements.
    pub(crate) fn all(&self) -> Vec<Arc<Placement>> {
        let of = |shard: &RwLock<Shard>| read(shard).values().cloned().collect::<Vec<_>>();
        self.shards.iter().flat_map(of).collect()
    }

    /// Takes a placement out of the table that has nothing in it; the next request makes another.
    pub(crate) fn forget(&self, placement: &Arc<Placement>) {
        let id = &placement.deployment.id;
        let mut shard = write(self.shard(id));
        // Under the lock: nobody finds it between the two.
        let is_there = shard.get(id).is_some_and(|there| Arc::ptr_eq(there, placement));
        if is_there && placement.forget() {
            shard.remove(id);
        }
    }

    /// Whether this very deployment was retired. One that comes back is another value.
    fn is_retired(&self, deployment: &Arc<Deployment>) -> bool {
        let this = Arc::as_ptr(deployment);
        lock(&self.retired).iter().any(|retired| std::ptr::eq(retired.as_ptr(), this))
    }

    /// Takes all placements out of the table, and lets their isolates go.
    pub(crate) fn retire_all(&self) {
        for shard in &self.shards {
            let placements = std::mem::take(&mut *write(shard));
            placements.values().for_each(|placement| placement.retire());
        }
    }

    fn shard(&self, id: &str) -> &RwLock<Shard> {
        // The upper bits: the tables themselves use the lower ones.
        let hash = (FxBuildHasher.hash_one(id) >> 48) as usize;
        &self.shards[hash % SHARDS]
    }
}

// A panic elsewhere cannot leave the tables unusable, so poisoning is of no interest.
fn read(shard: &RwLock<Shard>) -> RwLockReadGuard<'_, Shard> {
    shard.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(shard: &RwLock<Shard>) -> RwLockWriteGuard<'_, Shard> {
    shard.write().unwrap_or_else(PoisonError::into_inner)
}
