use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode};
use insula_supervisor::Deployment;

use super::config::CacheConfig;
use super::request::Asked;

/// What an entry takes beside its text.
const OVERHEAD: u64 = 512;
/// Time after which no isolate of a tenant that went is left: more than requests and what they leave
/// behind may take.
const LONGEST_FAREWELL: Duration = Duration::from_secs(3600);
/// Named caches of one tenant.
const CACHES: usize = 64;

pub(super) struct Store {
    config: CacheConfig,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    tenants: HashMap<Arc<str>, Tenant>,
    /// When tenants went. Their last isolates may still ask, when the name is another's already.
    gone: HashMap<String, Instant>,
    /// Bytes of all entries.
    bytes: u64,
    /// Bytes on their way in.
    filling: u64,
    /// Counts uses.
    clock: u64,
}

#[derive(Default)]
struct Tenant {
    /// Those that have names; the default one has the empty name and is always there.
    caches: Vec<String>,
    /// By their last use, so that the first is the one to go.
    entries: BTreeMap<u64, Entry>,
    /// URL → last use of the entries for it.
    by_url: HashMap<String, Vec<u64>>,
    bytes: u64,
    filling: u64,
}

/// A response.
#[derive(Clone)]
pub(super) struct Entry {
    cache: String,
    url: String,
    vary: Vec<(HeaderName, Option<String>)>,
    pub(super) status: StatusCode,
    pub(super) fields: HeaderMap,
    pub(super) body: Bytes,
    pub(super) stored: Instant,
    stale: Option<Instant>,
    size: u64,
}

/// Bytes on their way into the cache.
pub(super) struct Filling {
    store: Arc<Store>,
    tenant: Arc<str>,
    bytes: u64,
}

impl Store {
    pub(super) fn new(config: CacheConfig) -> Self {
        Self { config, inner: Mutex::default() }
    }

    // What is in it is whole at every moment, so poisoning is of no interest.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn forget(&self, tenant: &str) {
        let mut inner = self.lock();
        let now = Instant::now();
        inner.gone.retain(|_, since| now.duration_since(*since) < LONGEST_FAREWELL);
        inner.gone.insert(tenant.to_owned(), now);
        if let Some(tenant) = inner.tenants.remove(tenant) {
            inner.bytes -= tenant.bytes;
        }
    }

    /// Whether the deployment was that of a tenant that is no more.
    pub(super) fn is_gone(&self, deployment: &Deployment) -> bool {
        let inner = self.lock();
        inner.gone.get(&*deployment.tenant).is_some_and(|since| deployment.made <= *since)
    }

    pub(super) fn find(&self, tenant: &str, asked: &Asked, headers: &HeaderMap) -> Option<Entry> {
        let mut inner = self.lock();
        inner.clock += 1;
        let now = inner.clock;
        let tenant = inner.tenants.get_mut(tenant)?;
        let matching = tenant.matching(asked, Some(headers));
        let fresh = matching
            .into_iter()
            .find(|used| tenant.entries.get(used).is_some_and(|entry| !entry.is_stale()))?;
        let entry = tenant.entries.remove(&fresh)?;
        for used in tenant.by_url.get_mut(&entry.url)? {
            if *used == fresh {
                *used = now;
            }
        }
        tenant.entries.insert(now, entry.clone());
        Some(entry)
    }

    /// Keeps a response in the place of those for the same request. Whether it does.
    pub(super) fn put(
        &self,
        tenant: &Arc<str>,
        asked: &Asked,
        fields: HeaderMap,
        (body, filling): (Vec<u8>, Filling),
    ) -> bool {
        let text =
            fields.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>();
        let vary = asked
            .vary
            .iter()
            .map(|(name, value)| name.as_str().len() + value.as_ref().map_or(0, String::len));
        let size =
            (body.len() + text + vary.sum::<usize>() + 2 * asked.url.len()) as u64 + OVERHEAD;
        drop(filling);
        let mut inner = self.lock();
        if asked.url.is_empty() || size > self.config.tenant_bytes || size > self.config.bytes {
            return false;
        }
        // The same request means the same values where the new response varies, too.
        let given: HeaderMap = asked
            .vary
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_ref()?.parse().ok()?)))
            .collect();
        let now = Instant::now();
        inner.clock += 1;
        let used = inner.clock;
        let owner = inner.tenants.entry(Arc::clone(tenant)).or_default();
        if !asked.name.is_empty() && !owner.caches.contains(&asked.name) {
            return false;
        }
        let mut freed: u64 = owner
            .matching(asked, Some(&given))
            .into_iter()
            .map(|used| owner.drop_entry(used))
            .sum();
        let entry = Entry {
            cache: asked.name.clone(),
            url: asked.url.clone(),
            vary: asked.vary.clone(),
            status: asked.status,
            fields,
            body: body.into(),
            stored: now,
            stale: asked.fresh.and_then(|fresh| now.checked_add(fresh)),
            size,
        };
        owner.by_url.entry(entry.url.clone()).or_default().push(used);
        owner.entries.insert(used, entry);
        owner.bytes += size;
        while owner.bytes > self.config.tenant_bytes
            || owner.entries.len() > self.config.tenant_entries
        {
            freed += owner.drop_oldest();
        }
        inner.bytes = inner.bytes + size - freed;
        while inner.bytes > self.config.bytes {
            // Who has most gives way.
            let Some(most) = inner.tenants.values_mut().max_by_key(|tenant| tenant.bytes) else {
                break;
            };
            let freed = most.drop_oldest();
            if freed == 0 {
                break;
            }
            inner.bytes -= freed;
        }
        true
    }

    pub(super) fn remove(&self, tenant: &str, asked: &Asked) -> bool {
        let mut inner = self.lock();
        let Some(owner) = inner.tenants.get_mut(tenant) else { return false };
        // What is stale is not there.
        let matching = owner.matching(asked, None);
        let fresh = matching
            .iter()
            .any(|used| owner.entries.get(used).is_some_and(|entry| !entry.is_stale()));
        let freed: u64 = matching.into_iter().map(|used| owner.drop_entry(used)).sum();
        inner.bytes -= freed;
        fresh
    }

    /// Makes a cache if there is none of the name. Whether there is one now.
    pub(super) fn open(&self, tenant: &Arc<str>, name: &str) -> bool {
        let mut inner = self.lock();
        let owner = inner.tenants.entry(Arc::clone(tenant)).or_default();
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
        let mut inner = self.lock();
        let Some(owner) = inner.tenants.get_mut(tenant) else { return false };
        let known = owner.caches.len();
        owner.caches.retain(|cache| cache != name);
        let in_it: Vec<u64> = owner
            .entries
            .iter()
            .filter(|(_, entry)| entry.cache == name)
            .map(|(used, _)| *used)
            .collect();
        let was_there = owner.caches.len() < known;
        let freed: u64 = in_it.into_iter().map(|used| owner.drop_entry(used)).sum();
        inner.bytes -= freed;
        was_there
    }

    /// As JSON: the names of the caches, or what is in the one of this name: URLs and what they vary by.
    pub(super) fn list(&self, tenant: &str, name: &str) -> Vec<u8> {
        let inner = self.lock();
        let Some(owner) = inner.tenants.get(tenant) else { return b"[]".to_vec() };
        let listed = if name == "*" {
            serde_json::to_vec(&owner.caches)
        } else {
            let mut entries: Vec<_> = owner
                .entries
                .values()
                .filter(|entry| entry.cache == name && !entry.is_stale())
                .collect();
            entries.sort_by_key(|entry| entry.stored);
            let keys: Vec<_> = entries
                .into_iter()
                .map(|entry| {
                    let vary: Vec<_> =
                        entry.vary.iter().map(|(name, value)| (name.as_str(), value)).collect();
                    (&entry.url, vary)
                })
                .collect();
            serde_json::to_vec(&keys)
        };
        listed.unwrap_or_else(|_| b"[]".to_vec())
    }

    /// An account for bytes that arrive.
    pub(super) fn fill(store: &Arc<Self>, tenant: &Arc<str>) -> Filling {
        Filling { store: Arc::clone(store), tenant: Arc::clone(tenant), bytes: 0 }
    }
}

impl Tenant {
    /// The entries for a request; with any fields if none are given.
    fn matching(&self, asked: &Asked, headers: Option<&HeaderMap>) -> Vec<u64> {
        let fits = |entry: &Entry| {
            entry.cache == asked.name
                && headers.is_none_or(|headers| asked.fits(&entry.vary, headers))
        };
        if !asked.ignores_search {
            let used = self.by_url.get(&asked.url).map_or(&[][..], Vec::as_slice);
            return used
                .iter()
                .filter(|used| self.entries.get(used).is_some_and(fits))
                .copied()
                .collect();
        }
        let by_path =
            self.entries.iter().filter(|(_, entry)| asked.is_for(&entry.url) && fits(entry));
        by_path.map(|(used, _)| *used).collect()
    }

    /// The bytes that it took.
    fn drop_entry(&mut self, used: u64) -> u64 {
        let Some(entry) = self.entries.remove(&used) else { return 0 };
        if let Some(of_url) = self.by_url.get_mut(&entry.url) {
            of_url.retain(|other| *other != used);
            if of_url.is_empty() {
                self.by_url.remove(&entry.url);
            }
        }
        self.bytes -= entry.size;
        entry.size
    }

    fn drop_oldest(&mut self) -> u64 {
        let oldest = self.entries.keys().next().copied();
        oldest.map_or(0, |used| self.drop_entry(used))
    }
}

impl Entry {
    fn is_stale(&self) -> bool {
        self.stale.is_some_and(|stale| stale <= Instant::now())
    }
}

impl Filling {
    /// Notes that more arrives. Whether it may.
    pub(super) fn add(&mut self, bytes: u64) -> bool {
        let config = self.store.config;
        let mut inner = self.store.lock();
        let tenant = inner.tenants.entry(Arc::clone(&self.tenant)).or_default();
        let of_tenant = tenant.filling + bytes;
        if self.bytes + bytes > config.entry_bytes || of_tenant > config.tenant_bytes {
            return false;
        }
        if inner.filling + bytes > config.bytes / 2 {
            return false;
        }
        inner.filling += bytes;
        if let Some(tenant) = inner.tenants.get_mut(&self.tenant) {
            tenant.filling = of_tenant;
        }
        self.bytes += bytes;
        true
    }
}

impl Drop for Filling {
    fn drop(&mut self) {
        let mut inner = self.store.lock();
        inner.filling -= self.bytes;
        // A tenant that was forgotten meanwhile has nothing on its way.
        if let Some(tenant) = inner.tenants.get_mut(&self.tenant) {
            tenant.filling = tenant.filling.saturating_sub(self.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, CacheConfig, HeaderMap, OVERHEAD, StatusCode, Store};
    use std::sync::Arc;
    use std::time::Duration;

    fn asked(url: &str) -> Asked {
        Asked {
            name: String::new(),
            url: url.to_owned(),
            ignores_search: false,
            ignores_vary: false,
            status: StatusCode::OK,
            fresh: None,
            vary: Vec::new(),
        }
    }

    struct Fixture {
        store: Arc<Store>,
    }

    impl Fixture {
        fn new(bytes: u64, tenant_bytes: u64, tenant_entries: usize) -> Self {
            let entry_bytes = tenant_bytes;
            let config = CacheConfig { bytes, tenant_bytes, tenant_entries, entry_bytes };
            Self { store: Arc::new(Store::new(config)) }
        }

        fn put(&self, tenant: &str, asked: &Asked, length: usize) -> bool {
            let tenant = Arc::from(tenant);
            let filling = Store::fill(&self.store, &tenant);
            self.store.put(&tenant, asked, HeaderMap::new(), (vec![0; length], filling))
        }

        fn has(&self, tenant: &str, url: &str) -> bool {
            self.store.find(tenant, &asked(url), &HeaderMap::new()).is_some()
        }
    }

    #[test]
    fn a_tenant_s_least_used_goes_for_its_own_newest() {
        let cache = Fixture::new(1 << 20, 3 * (OVERHEAD + 110), 100);
        for url in ["a", "b", "c"] {
            assert!(cache.put("one", &asked(url), 100));
        }
        assert!(cache.put("two", &asked("a"), 100));
        assert!(cache.has("one", "a"));
        assert!(cache.put("one", &asked("d"), 100));
        assert!(cache.has("one", "a") && !cache.has("one", "b") && cache.has("two", "a"));
        assert!(!cache.put("one", &asked("e"), 10_000));
    }

    #[test]
    fn who_has_most_gives_way() {
        let cache = Fixture::new(4 * (OVERHEAD + 110), 4 * (OVERHEAD + 110), 100);
        for url in ["a", "b", "c"] {
            assert!(cache.put("one", &asked(url), 100));
        }
        assert!(cache.put("two", &asked("a"), 100) && cache.put("two", &asked("b"), 100));
        assert!(!cache.has("one", "a") && cache.has("two", "a") && cache.has("two", "b"));
    }

    #[test]
    fn there_are_only_so_many_entries_and_names() {
        let cache = Fixture::new(1 << 20, 1 << 20, 2);
        for url in ["a", "b", "c"] {
            assert!(cache.put("one", &asked(url), 1));
        }
        assert!(!cache.has("one", "a") && cache.has("one", "b") && cache.has("one", "c"));
        let tenant = Arc::from("one");
        let opened = (0..200).filter(|i| cache.store.open(&tenant, &format!("n{i}"))).count();
        assert_eq!(opened, 64);
        assert!(!cache.put("one", &Asked { name: "unopened".to_owned(), ..asked("a") }, 1));
    }

    #[test]
    fn what_is_replaced_removed_or_forgotten_gives_its_room_back() {
        let cache = Fixture::new(1 << 20, 2 * (OVERHEAD + 110), 100);
        for _ in 0..10 {
            assert!(cache.put("one", &asked("a"), 100));
        }
        assert!(cache.put("one", &asked("b"), 100) && cache.has("one", "a"));
        assert!(cache.store.remove("one", &asked("a")) && !cache.has("one", "a"));
        assert!(cache.put("one", &asked("c"), 100) && cache.has("one", "b"));
        cache.store.forget("one");
        assert!(!cache.has("one", "b"));
        assert_eq!(cache.store.lock().bytes, 0);
    }

    #[test]
    fn what_is_stale_is_not_there() {
        let cache = Fixture::new(1 << 20, 1 << 20, 100);
        assert!(cache.put("one", &Asked { fresh: Some(Duration::ZERO), ..asked("a") }, 1));
        assert!(!cache.has("one", "a") && !cache.store.remove("one", &asked("a")));
    }

    #[test]
    fn what_arrives_is_bounded_before_it_is_there() {
        let cache = Fixture::new(1000, 400, 100);
        let one = Arc::from("one");
        let mut first = Store::fill(&cache.store, &one);
        let mut second = Store::fill(&cache.store, &one);
        assert!(first.add(300) && !second.add(200) && second.add(100));
        let mut other = Store::fill(&cache.store, &Arc::from("two"));
        assert!(!other.add(200) && other.add(100));
        drop(first);
        assert!(second.add(300));
    }
}
