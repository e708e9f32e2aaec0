//! Who was charged for which addresses.

use std::collections::BTreeMap;

use crate::account::Owner;

/// A map from ranges of addresses, which do not overlap, to their owners.
#[derive(Debug, Default)]
pub(crate) struct Regions {
    /// By first address.
    regions: BTreeMap<usize, Region>,
}

#[derive(Debug, Clone, Copy)]
struct Region {
    length: usize,
    owner: Owner,
    /// Whether its bytes are charged; otherwise they are only reserved.
    charged: bool,
}

impl Regions {
    pub(crate) const fn new() -> Self {
        Self { regions: BTreeMap::new() }
    }

    /// Notes a range of which nothing is known.
    pub(crate) fn insert(&mut self, start: usize, length: usize, owner: Owner, charged: bool) {
        self.regions.insert(start, Region { length, owner, charged });
    }

    /// Forgets a range, in the middle of others too. `credit` hears of each charged part of it.
    pub(crate) fn remove(
        &mut self,
        start: usize,
        length: usize,
        mut credit: impl FnMut(Owner, usize),
    ) {
        for (_, part, region) in self.cut_out(start, length) {
            if region.charged {
                credit(region.owner, part);
            }
        }
    }

    /// The bytes in a range that are reserved and not charged, by owner, and marks them charged.
    pub(crate) fn charge(&mut self, start: usize, length: usize) -> Vec<(usize, usize, Owner)> {
        let mut fresh = Vec::new();
        for (at, part, region) in self.cut_out(start, length) {
            self.regions.insert(at, Region { length: part, charged: true, ..region });
            if !region.charged {
                fresh.push((at, part, region.owner));
            }
        }
        fresh
    }

    /// Marks a range reserved only.
    pub(crate) fn reserve(&mut self, start: usize, length: usize) {
        for (at, part, region) in self.cut_out(start, length) {
            self.regions.insert(at, Region { length: part, charged: false, ..region });
        }
    }

    /// Takes the parts of all regions that lie in a range out, and leaves the rest.
    fn cut_out(&mut self, start: usize, length: usize) -> Vec<(usize, usize, Region)> {
        let end = start.saturating_add(length);
        let mut overlapping = Vec::new();
        if let Some((&at, region)) = self.regions.range(..start).next_back()
            && at + region.length > start
        {
            overlapping.push((at, *region));
        }
        overlapping.extend(self.regions.range(start..end).map(|(&at, &region)| (at, region)));
        let mut parts = Vec::new();
        for (at, region) in overlapping {
            self.regions.remove(&at);
            let (from, to) = (at.max(start), (at + region.length).min(end));
            if at < from {
                self.regions.insert(at, Region { length: from - at, ..region });
            }
            if to < at + region.length {
                self.regions.insert(to, Region { length: at + region.length - to, ..region });
            }
            parts.push((from, to - from, region));
        }
        parts
    }
}
