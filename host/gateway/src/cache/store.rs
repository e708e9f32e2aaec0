use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use insula_supervisor::{Deployment, Generation};

use super::account::{Account, Bounds, Share};
use super::config::CacheConfig;
use super::entry::{self, Entry};
use super::places::{Hashes, Places, Sought};
use super::request::{Asked, text_of};

/// Time after which no isolate of a tenant that went is left: more than requests and what they leave
/// behind may take.
const LONGEST_FAREWELL: Duration = Duration::from_secs(3600);
/// Named caches of one tenant.
const CACHES: usize = 64;
/// Responses for one URL in one cache, which vary.
const VARIANTS: usize = 16;
/// The part of a tenant's entries that may go before it is asked again who has most: asking takes time.
const GIVES: usize = 16;

pub(super) struct Store {
    config: CacheConfig,
    hashes: Hashes,
    /// Bytes of entries: of those that are here, and of those that are gone and still being read.
    kept: Account,
    /// Bytes on their way in, and of lists on their way out.
    passing: Account,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    tenants: HashMap<Arc<str>, Tenant>,
    /// When tenants went. Their last isolates may still ask, when the name is another's already.
    gone: HashMap<String, (Instant, Generation)>,
    /// Counts uses.
    clock: u64,
}

struct Tenant {
    /// Those that have names; the default one has the empty name and is always there.
    caches: Vec<String>,
    /// By their last use, so that the first is the one to go.
    entries: BTreeMap<u64, Arc<Entry>>,
    /// [`Asked::key`] → last use of the entries for it, oldest first.
    by_key: HashMap<Arc<str>, Vec<u64>>,
    /// For look-ups that do not mind the query.
    places: Places,
    kept: Account,
    passing: Account,
}

/// Bytes on their way.
pub(super) struct Filling {
    share: Share,
    most: u64,
    bounds: Bounds,
}

impl Store {
    pub(super) fn new(config: CacheConfig) -> Self {
        let (kept, passing) = (Account::default(), Account::default());
        Self { config, hashes: Hashes::default(), kept, passing, inner: Mutex::default() }
    }

    // What is in it is whole at every moment, so poisoning is of no interest.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn owner<'a>(&self, inner: &'a mut Inner, tenant: &Arc<str>) -> &'a mut Tenant {
        inner.tenants.entry(Arc::clone(tenant)).or_insert_with(|| Tenant {
            caches: Vec::new(),
            entries: BTreeMap::new(),
            by_key: HashMap::new(),
            places: Places::default(),
            kept: self.kept.another(),
            passing: self.passing.another(),
        })
    }

    pub(super) fn forget(&self, tenant: &str) {
        let mut inner = self.lock();
        let now = Instant::now();
        inner.gone.retain(|_, (since, _)| now.duration_since(*since) < LONGEST_FAREWELL);
        inner.gone.insert(tenant.to_owned(), (now, Generation::next()));
        let gone = inner.tenants.remove(tenant);
        // Much may have to be freed.
        drop(inner);
        drop(gone);
    }

    /// Whether the deployment was that of a tenant that is no more.
    pub(super) fn is_gone(&self, deployment: &Deployment) -> bool {
        let inner = self.lock();
        inner.gone.get(&*deployment.tenant).is_some_and(|(_, last)| deployment.generation < *last)
    }

    pub(super) fn find(
        &self,
        tenant: &str,
        asked: &Asked,
        headers: &HeaderMap,
    ) -> Option<Arc<Entry>> {
        if asked.ignores_search {
            return self.find_on_path(tenant, asked, headers);
        }
        let candidates = self.lock().tenants.get(tenant)?.for_url(asked);
        // Fields are compared while nobody waits.
        let (used, entry) = candidates
            .into_iter()
            .find(|(_, entry)| !entry.is_stale() && asked.fits(&entry.vary, headers))?;
        self.touch(tenant, used, &entry);
        Some(entry)
    }

    /// The first that was stored for a request with any query. What a look-up costs does not grow with the entries on
    /// the path: a tenant pays for putting them there, and for no look-up.
    fn find_on_path(&self, tenant: &str, asked: &Asked, headers: &HeaderMap) -> Option<Arc<Entry>> {
        let mut sought = Sought::path(&self.hashes, asked);
        if !asked.ignores_vary {
            let lists = self.lock().tenants.get(tenant)?.lists(&sought);
            // Fields are hashed while nobody waits.
            let lists: Vec<_> = lists.iter().map(|(list, entry)| (*list, &entry.vary)).collect();
            sought = sought.for_fields(&self.hashes, &lists, headers);
        }
        // Freed when nobody waits.
        let mut gone = Vec::new();
        let mut inner = self.lock();
        let owner = inner.tenants.get_mut(tenant)?;
        let (used, entry) = owner.first(&sought, &mut gone)?;
        drop(inner);
        // Two hashes may be the same once in the life of the universe.
        if !asked.is_of_path(entry.cache(), entry.url()) || !asked.fits(&entry.vary, headers) {
            return None;
        }
        self.touch(tenant, used, &entry);
        Some(entry)
    }

    /// Makes an entry the one that was used last.
    fn touch(&self, tenant: &str, used: u64, entry: &Arc<Entry>) {
        let mut inner = self.lock();
        inner.clock += 1;
        let now = inner.clock;
        let Some(owner) = inner.tenants.get_mut(tenant) else { return };
        // Somebody may have used or removed it meanwhile.
        if !owner.entries.get(&used).is_some_and(|known| Arc::ptr_eq(known, entry)) {
            return;
        }
        if let Some(known) = owner.entries.remove(&used) {
            owner.places.set(known.place, now);
            owner.entries.insert(now, known);
        }
        for other in owner.by_key.get_mut(&entry.key).into_iter().flatten() {
            if *other == used {
                *other = now;
            }
        }
    }

    /// Keeps a response in the place of those for the same request. Whether it does.
    pub(super) fn put(
        &self,
        tenant: &Arc<str>,
        asked: &Asked,
        fields: HeaderMap,
        (body, filling): (Vec<u8>, Filling),
    ) -> bool {
        let size = entry::size(asked, &fields, &body);
        drop(filling);
        let bounds = Bounds { own: self.config.tenant_bytes, all: self.config.bytes };
        if asked.url.is_empty() || size > bounds.own || size > bounds.all {
            return false;
        }
        let body = body.into_boxed_slice();
        // The same request means the same values where the new response varies, too.
        let given: HeaderMap = asked
            .vary
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.clone()?)))
            .collect();
        let place = self.hashes.place(asked);
        // Freed when nobody waits.
        let mut gone = Vec::new();
        let mut inner = self.lock();
        let owner = self.owner(&mut inner, tenant);
        if !asked.name.is_empty() && !owner.caches.contains(&asked.name) {
            return false;
        }
        owner.replace(asked, &given, &mut gone);
        let mut share = owner.kept.share();
        let has_room = owner.make_room(size, &self.config, &mut gone)
            && inner.make_room(size, tenant, &self.kept, bounds.all, &mut gone)
            && share.take(size, bounds);
        if has_room {
            inner.clock += 1;
            let used = inner.clock;
            let entry = Arc::new(Entry::new(asked, place.stored(used), fields, body, share));
            self.owner(&mut inner, tenant).insert(used, entry);
        }
        drop(inner);
        has_room
    }

    pub(super) fn remove(&self, tenant: &str, asked: &Asked) -> bool {
        let mut gone = Vec::new();
        let mut inner = self.lock();
        let Some(owner) = inner.tenants.get_mut(tenant) else { return false };
        let matching = if asked.ignores_search {
            owner.on_path(&Sought::path(&self.hashes, asked))
        } else {
            owner.for_url(asked)
        };
        for (used, _) in &matching {
            owner.take_out(*used, &mut gone);
        }
        drop(inner);
        // What is stale is not there.
        matching.iter().any(|(_, entry)| !entry.is_stale())
    }

    /// Makes a cache if there is none of the name. Whether there is one now.
    pub(super) fn open(&self, tenant: &Arc<str>, name: &str) -> bool {
        // Names that mean something else.
        if matches!(name, "" | EVERY_CACHE) {
            return false;
        }
        let mut inner = self.lock();
        let owner = self.owner(&mut inner, tenant);
        if owner.caches.iter().any(|known| known == name) {
            return true;
        }
        let room = owner.caches.len() < CACHES;
        if room {
            owner.caches.push(name.to_owned());
        }
        room
    }

    /// Removes a cache and what is in it. Whether it was there.
    pub(super) fn remove_cache(&self, tenant: &str, name: &str) -> bool {
        let mut gone = Vec::new();
        let mut inner = self.lock();
        let Some(owner) = inner.tenants.get_mut(tenant) else { return false };
        let known = owner.caches.len();
        owner.caches.retain(|cache| cache != name);
        let was_there = owner.caches.len() < known;
        for used in owner.of_cache(name).map(|(used, _)| *used).collect::<Vec<_>>() {
            owner.take_out(used, &mut gone);
        }
        drop(inner);
        was_there
    }

    /// As JSON: the names of the caches, or what is in the one of this name: URLs and what they vary by. `None` when
    /// that is too much.
    pub(super) fn list(&self, tenant: &Arc<str>, name: &str) -> Option<Bytes> {
        let filling = self.fill(tenant);
        if name == EVERY_CACHE {
            let caches = self.owner(&mut self.lock(), tenant).caches.clone();
            let length: usize = caches.iter().map(|name| 2 * name.len() + 3).sum();
            return filling.list(length as u64, || serde_json::to_vec(&caches));
        }
        let mut entries: Vec<Arc<Entry>> = self
            .owner(&mut self.lock(), tenant)
            .of_cache(name)
            .map(|(_, entry)| Arc::clone(entry))
            .collect();
        entries.retain(|entry| !entry.is_stale());
        entries.sort_by_key(|entry| entry.stored);
        filling.list(entries.iter().map(|entry| entry.listed()).sum(), || {
            let keys: Vec<(&str, Vec<_>)> = entries
                .iter()
                .map(|entry| {
                    let pair = |(name, value): &'_ (HeaderName, Option<HeaderValue>)| {
                        (name.as_str().to_owned(), value.as_ref().map(text_of))
                    };
                    (entry.url(), entry.vary.iter().map(pair).collect())
                })
                .collect();
            serde_json::to_vec(&keys)
        })
    }

    /// An account for bytes that arrive.
    pub(super) fn fill(&self, tenant: &Arc<str>) -> Filling {
        let config = &self.config;
        Filling {
            share: self.owner(&mut self.lock(), tenant).passing.share(),
            most: config.entry_bytes,
            bounds: Bounds { own: config.tenant_bytes, all: config.bytes / 2 },
        }
    }
}

/// The name that means the list of all names.
const EVERY_CACHE: &str = "*";

impl Inner {
    /// Who has most gives way, until there is room in the sum of all. Whether there is.
    fn make_room(
        &mut self,
        size: u64,
        tenant: &Arc<str>,
        kept: &Account,
        bound: u64,
        gone: &mut Vec<Entry>,
    ) -> bool {
        let is_full = || kept.all() + size > bound;
        while is_full() {
            // With what it is about to have.
            let most = self
                .tenants
                .iter_mut()
                .filter(|(name, owner)| *name == tenant || !owner.entries.is_empty())
                .max_by_key(|(name, owner)| {
                    owner.kept.own() + if *name == tenant { size } else { 0 }
                });
            let Some((_, most)) = most.filter(|(_, owner)| !owner.entries.is_empty()) else {
                return false;
            };
            for _ in 0..most.entries.len().div_ceil(GIVES) {
                if is_full() {
                    most.take_out_oldest(gone);
                }
            }
        }
        true
    }
}

impl Tenant {
    /// The entries for a request with any fields.
    fn for_url(&self, asked: &Asked) -> Vec<(u64, Arc<Entry>)> {
        let of_key = self.by_key.get(&*asked.key()).into_iter().flatten();
        of_key.filter_map(|used| self.entry(*used)).collect()
    }

    /// The entries for a request with any fields and any query.
    fn on_path(&self, sought: &Sought) -> Vec<(u64, Arc<Entry>)> {
        self.places.on_path(sought).filter_map(|used| self.entry(used)).collect()
    }

    fn entry(&self, used: u64) -> Option<(u64, Arc<Entry>)> {
        Some((used, Arc::clone(self.entries.get(&used)?)))
    }

    /// An entry for each list of fields that those on a path vary by.
    fn lists(&self, sought: &Sought) -> Vec<(u64, Arc<Entry>)> {
        let lists = self.places.lists(sought).into_iter();
        lists.filter_map(|(list, used)| Some((list, self.entry(used)?.1))).collect()
    }

    /// The first of what is sought. Those that are stale go, so that each is met only once.
    fn first(&mut self, sought: &Sought, gone: &mut Vec<Entry>) -> Option<(u64, Arc<Entry>)> {
        loop {
            let (used, entry) = self.entry(self.places.first(sought)?)?;
            if !entry.is_stale() {
                return Some((used, entry));
            }
            drop(entry);
            self.take_out(used, gone);
        }
    }

    fn of_cache(&self, name: &str) -> impl Iterator<Item = (&u64, &Arc<Entry>)> {
        self.entries.iter().filter(move |(_, entry)| entry.cache() == name)
    }

    fn insert(&mut self, used: u64, entry: Arc<Entry>) {
        self.by_key.entry(Arc::clone(&entry.key)).or_default().push(used);
        self.places.set(entry.place, used);
        self.entries.insert(used, entry);
    }

    /// Takes out what is for the same request, and the oldest when there would be too many for its URL.
    fn replace(&mut self, asked: &Asked, given: &HeaderMap, gone: &mut Vec<Entry>) {
        let of_key = self.by_key.get(&*asked.key()).cloned().unwrap_or_default();
        let (same, others): (Vec<u64>, Vec<u64>) = of_key.into_iter().partition(|used| {
            self.entries.get(used).is_some_and(|entry| asked.fits(&entry.vary, given))
        });
        let too_many = others.len().saturating_sub(VARIANTS - 1);
        for used in same.into_iter().chain(others.into_iter().take(too_many)) {
            self.take_out(used, gone);
        }
    }

    /// Takes out what was not used for longest, until there is room for one more. Whether there is.
    fn make_room(&mut self, size: u64, config: &CacheConfig, gone: &mut Vec<Entry>) -> bool {
        let is_full = |kept: &Account| kept.own() + size > config.tenant_bytes;
        while is_full(&self.kept) || self.entries.len() >= config.tenant_entries {
            // The rest is being read.
            if !self.take_out_oldest(gone) {
                return false;
            }
        }
        true
    }

    fn take_out_oldest(&mut self, gone: &mut Vec<Entry>) -> bool {
        let oldest = self.entries.keys().next().copied();
        oldest.inspect(|used| self.take_out(*used, gone)).is_some()
    }

    /// Takes an entry out. Its share comes back now, unless somebody reads it.
    fn take_out(&mut self, used: u64, gone: &mut Vec<Entry>) {
        let Some(entry) = self.entries.remove(&used) else { return };
        self.places.remove(entry.place);
        if let Some(of_key) = self.by_key.get_mut(&entry.key) {
            of_key.retain(|other| *other != used);
            if of_key.is_empty() {
                self.by_key.remove(&entry.key);
            }
        }
        if let Some(mut entry) = Arc::into_inner(entry) {
            entry.share.give_back();
            gone.push(entry);
        }
    }
}

impl Filling {
    /// Notes that more arrives. Whether it may.
    pub(super) fn add(&mut self, bytes: u64) -> bool {
        self.share.bytes() + bytes <= self.most && self.share.take(bytes, self.bounds)
    }

    /// A list of at most `length` bytes, which are given back when it has been read.
    fn list(
        mut self,
        length: u64,
        write: impl FnOnce() -> serde_json::Result<Vec<u8>>,
    ) -> Option<Bytes> {
        if !self.add(length) {
            return None;
        }
        Some(Bytes::from_owner(List { json: write().ok()?, _filling: self }))
    }
}

struct List {
    json: Vec<u8>,
    _filling: Filling,
}

impl AsRef<[u8]> for List {
    fn as_ref(&self) -> &[u8] {
        &self.json
    }
}

#[cfg(test)]
mod tests;
