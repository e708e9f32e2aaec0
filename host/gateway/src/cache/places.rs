//! Where entries are when a query does not matter: thousands may share a path, and none of them is
//! compared with a request field by field.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher as _, RandomState};

use http::{HeaderMap, HeaderName};

use super::request::{Asked, Vary, without_search};

/// Lists of fields that the responses for one path vary by, of which a look-up knows: each is hashed. Servers have one
/// or two for a path.
const LISTS: usize = 16;

/// What two entries with the same answer to a look-up have in common. Hashes have a secret key, so
/// that no tenant makes two of them the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Of the cache's name, and of the URL without its query.
    path: u64,
    /// Of the names of the fields that the response varies by.
    list: u64,
    /// Of what the request had there.
    values: u64,
    /// When it was stored; no two have the same. The first one is what a look-up finds.
    stored: u64,
}

impl Place {
    pub(super) fn stored(self, now: u64) -> Self {
        Self { stored: now, ..self }
    }
}

/// Makes hashes.
#[derive(Default)]
pub(super) struct Hashes(RandomState);

impl Hashes {
    /// Where the response will be.
    pub(super) fn place(&self, asked: &Asked) -> Place {
        let names: Vec<&str> = asked.vary.iter().map(|(name, _)| name.as_str()).collect();
        let value = |bytes: &[u8]| self.0.hash_one(bytes);
        let values: Vec<Option<u64>> = asked
            .vary
            .iter()
            .map(|(_, wanted)| wanted.as_ref().map(|wanted| value(wanted.as_bytes())))
            .collect();
        let (list, values) = (self.0.hash_one(names), self.0.hash_one(values));
        Place { path: self.path(asked), list, values, stored: 0 }
    }

    fn path(&self, asked: &Asked) -> u64 {
        self.0.hash_one((&asked.name, without_search(&asked.url)))
    }

    /// What a request has in one field, as [`Hashes::place`] knows it.
    fn value(&self, name: &HeaderName, headers: &HeaderMap) -> Option<u64> {
        let mut values = headers.get_all(name).iter().map(|value| value.as_bytes());
        let first = values.next()?;
        let Some(second) = values.next() else { return Some(self.0.hash_one(first)) };
        let mut all = [first, second].join(&b", "[..]);
        for value in values {
            all.extend_from_slice(b", ");
            all.extend_from_slice(value);
        }
        Some(self.0.hash_one(&all[..]))
    }
}

/// A look-up that does not mind the query.
pub(super) struct Sought {
    path: u64,
    /// Where the answer is, for each list of fields; `None` anywhere on the path.
    varied: Option<Vec<(u64, u64)>>,
}

impl Sought {
    /// What is on the path, whatever it varies by.
    pub(super) fn path(hashes: &Hashes, asked: &Asked) -> Self {
        Self { path: hashes.path(asked), varied: None }
    }

    /// What is for a request with these fields. `lists` are of [`Places::lists`].
    pub(super) fn for_fields(
        self,
        hashes: &Hashes,
        lists: &[(u64, &Vary)],
        headers: &HeaderMap,
    ) -> Self {
        // Values may be long, and be asked for in each list.
        let mut known: HashMap<&HeaderName, Option<u64>> = HashMap::new();
        let mut value = |name| *known.entry(name).or_insert_with(|| hashes.value(name, headers));
        let varied = lists.iter().map(|(list, vary)| {
            let values: Vec<Option<u64>> = vary.iter().map(|(name, _)| value(name)).collect();
            (*list, hashes.0.hash_one(values))
        });
        Self { varied: Some(varied.collect()), ..self }
    }
}

/// One tenant's.
#[derive(Default)]
pub(super) struct Places {
    /// Path and time of storing → last use.
    in_order: BTreeMap<(u64, u64), u64>,
    by_values: BTreeSet<Place>,
}

impl Places {
    /// Notes an entry, or that it was used.
    pub(super) fn set(&mut self, place: Place, used: u64) {
        self.in_order.insert((place.path, place.stored), used);
        self.by_values.insert(place);
    }

    pub(super) fn remove(&mut self, place: Place) {
        self.in_order.remove(&(place.path, place.stored));
        self.by_values.remove(&place);
    }

    /// The last uses of all on the path, first stored first.
    pub(super) fn on_path(&self, sought: &Sought) -> impl Iterator<Item = u64> {
        self.in_order.range((sought.path, 0)..=(sought.path, u64::MAX)).map(|(_, used)| *used)
    }

    /// The lists of fields that responses on the path vary by, each with the last use of one of them.
    pub(super) fn lists(&self, sought: &Sought) -> Vec<(u64, u64)> {
        let mut lists = Vec::new();
        let mut from = Place { path: sought.path, list: 0, values: 0, stored: 0 };
        while lists.len() < LISTS
            && let Some(place) = self.by_values.range(from..).next()
            && place.path == sought.path
        {
            lists.extend(self.used(*place).map(|used| (place.list, used)));
            let Some(list) = place.list.checked_add(1) else { break };
            from.list = list;
        }
        lists
    }

    /// The last use of what was stored first of what is sought.
    pub(super) fn first(&self, sought: &Sought) -> Option<u64> {
        let Some(varied) = &sought.varied else { return self.on_path(sought).next() };
        let first = |&(list, values): &(u64, u64)| {
            let from = Place { path: sought.path, list, values, stored: 0 };
            self.by_values.range(from..=from.stored(u64::MAX)).next()
        };
        self.used(*varied.iter().filter_map(first).min_by_key(|place| place.stored)?)
    }

    fn used(&self, place: Place) -> Option<u64> {
        self.in_order.get(&(place.path, place.stored)).copied()
    }
}
