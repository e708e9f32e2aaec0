//! Which deployment has which placement, and what becomes of requests for those that are live no more.

use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::host::Host;
use crate::placement::Placement;
use crate::sync::lock;
use crate::{Deployment, Generation};

/// Parts of the table that are locked apart, so that tenants do not wait for each other.
const SHARDS: usize = 16;

type Shard = FxHashMap<Arc<str>, Arc<Placement>>;

/// Which placement a deployment has, by its id.
#[derive(Default)]
pub(crate) struct Placements {
    shards: [RwLock<Shard>; SHARDS],
    /// Deployments that are live no more and that somebody still holds: a request that was routed to
    /// one just before must not bring it back for good. Locked after a shard.
    retired: Mutex<FxHashMap<Generation, Retired>>,
}

/// A deployment that is live no more.
struct Retired {
    deployment: Weak<Deployment>,
    /// Where requests go that come late, as long as there are any: together, so that many of them do not start an
    /// isolate each.
    late: Weak<Placement>,
}

impl Placements {
    /// The placement of `deployment`; a new one if there is none. A deployment that carries a known id and other
    /// variables or limits replaces one that is older. One that is older itself, or retired, gets a placement
    /// beside the table, whose isolates go when they have done what came late.
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
        let newer = |there: &Arc<Placement>| there.deployment.generation > deployment.generation;
        if shard.get(&deployment.id).is_some_and(newer) {
            self.note_retired(deployment);
        }
        if let Some(retired) = lock(&self.retired).get_mut(&deployment.generation) {
            return retired.late(deployment, host);
        }
        let placement = Placement::new(Arc::clone(deployment), Arc::clone(host));
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
        self.note_retired(deployment);
        let placement = shard.remove(&deployment.id)?;
        self.note_retired(&placement.deployment);
        Some(placement)
    }

    /// Remembers that `new` is live instead of `old`. Takes the placement of `old` out of the table, unless it does for
    /// `new` as well.
    pub(crate) fn replace(
        &self,
        old: &Arc<Deployment>,
        new: &Arc<Deployment>,
    ) -> Option<Arc<Placement>> {
        if old.id != new.id {
            return self.remove(old);
        }
        let mut shard = write(self.shard(&old.id));
        self.note_retired(old);
        let serves = shard.get(&old.id)?.serves(new);
        if serves { None } else { shard.remove(&old.id) }
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

    /// Remembers that this very deployment is live no more. One that comes back is of another generation.
    fn note_retired(&self, deployment: &Arc<Deployment>) {
        let mut retired = lock(&self.retired);
        retired.retain(|_, retired| retired.deployment.strong_count() > 0);
        let noted = || Retired { deployment: Arc::downgrade(deployment), late: Weak::new() };
        retired.entry(deployment.generation).or_insert_with(noted);
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

impl Retired {
    fn late(&mut self, deployment: &Arc<Deployment>, host: &Arc<Host>) -> Arc<Placement> {
        if let Some(late) = self.late.upgrade() {
            return late;
        }
        let late = Placement::late(Arc::clone(deployment), Arc::clone(host));
        self.late = Arc::downgrade(&late);
        late
    }
}

// A panic elsewhere cannot leave the tables unusable, so poisoning is of no interest.
fn read(shard: &RwLock<Shard>) -> RwLockReadGuard<'_, Shard> {
    shard.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(shard: &RwLock<Shard>) -> RwLockWriteGuard<'_, Shard> {
    shard.write().unwrap_or_else(PoisonError::into_inner)
}
