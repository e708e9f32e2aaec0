//! Who was charged for which addresses.

use std::collections::BTreeMap;

use crate::account::{Owner, Refusal};
use crate::hulls::HULL;
use crate::supply::Resource;

/// A map from ranges of addresses, which do not overlap, to their owners.
///
/// Each range is a mapping of its owner's: the kernel has at most as many. Those that a change of
/// the map makes more are charged and not refused, since nobody makes many that way.
#[derive(Debug, Default)]
pub(crate) struct Regions {
    /// By first address.
    regions: BTreeMap<usize, Region>,
    /// How many were ever inserted.
    inserted: u64,
}

#[derive(Debug, Clone, Copy)]
struct Region {
    length: usize,
    owner: Owner,
    kind: Kind,
    /// Whether its bytes are charged; otherwise they are only reserved.
    charged: bool,
    /// Tells parts of one mapping from others that come to lie beside them.
    mapping: u64,
}

/// What addresses are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Memory, from the beginning.
    Memory,
    /// The same, a chunk that the next owner may have in this place: see [`hulls`](crate::hulls).
    Hull(usize),
    /// They may become memory.
    Reserved,
    /// Machine code: the engine puts it into one region, which is reserved for it from the start.
    Code,
}

impl Kind {
    /// How many mappings it is. Code has a reserved one beside it: the engine leaves gaps in its region,
    /// so that addresses are harder to guess.
    fn mappings(self) -> u64 {
        if self == Self::Code { 2 } else { 1 }
    }

    /// What it takes beside memory.
    fn resource(self) -> Option<Resource> {
        match self {
            Self::Memory | Self::Hull(_) => None,
            Self::Reserved => Some(Resource::Reserved),
            Self::Code => Some(Resource::Code),
        }
    }
}

/// What a range costs, beside being a mapping.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) kind: Kind,
    bytes: usize,
    /// Whether the bytes count as memory.
    charged: bool,
}

impl Cost {
    /// A new range of this kind: who reserves does not pay for memory yet.
    pub(crate) fn of(kind: Kind, bytes: usize) -> Self {
        Self { kind, bytes, charged: kind != Kind::Reserved }
    }

    /// Charges a mapping of this cost to `owner`, or nothing of it.
    pub(crate) fn charge(self, owner: Owner) -> bool {
        let Self { bytes, charged, .. } = self;
        if !owner.hold(Resource::Mappings, self.kind.mappings(), true) {
            return false;
        }
        if charged && !owner.charge(bytes as u64, Refusal::AtTheLimit) {
            owner.release(Resource::Mappings, self.kind.mappings());
            return false;
        }
        if self.kind.resource().is_some_and(|what| !owner.hold(what, bytes as u64, true)) {
            if charged {
                owner.credit(bytes as u64);
            }
            owner.release(Resource::Mappings, self.kind.mappings());
            return false;
        }
        true
    }

    /// Takes back what [`charge`](Self::charge) has charged.
    pub(crate) fn refund(self, owner: Owner) {
        self.credit(owner);
        owner.release(Resource::Mappings, self.kind.mappings());
    }

    /// Takes the charge back, but for the mapping.
    fn credit(self, owner: Owner) {
        if self.charged {
            owner.credit(self.bytes as u64);
        }
        if let Some(what) = self.kind.resource() {
            owner.release(what, self.bytes as u64);
        }
    }
}

/// What was forgotten and is charged still.
#[derive(Debug)]
pub(crate) struct Taken(Vec<(usize, Region)>);

impl Taken {
    /// The place of the hull that it is, whole.
    pub(crate) fn hull(&self) -> Option<usize> {
        match self.0[..] {
            [(_, Region { kind: Kind::Hull(place), length: HULL, .. })] => Some(place),
            _ => None,
        }
    }

    /// Credits who was charged for it.
    pub(crate) fn credit(self) {
        for (_, Region { owner, kind, charged, length, .. }) in self.0 {
            Cost { kind, bytes: length, charged }.refund(owner);
        }
    }
}

impl Regions {
    pub(crate) const fn new() -> Self {
        Self { regions: BTreeMap::new(), inserted: 0 }
    }

    /// Notes a range of which nothing is known, and whose cost is charged already.
    pub(crate) fn insert(&mut self, start: usize, owner: Owner, cost: Cost) {
        let Cost { kind, bytes, charged } = cost;
        let region = Region { length: bytes, owner, kind, charged, mapping: self.inserted };
        self.regions.insert(start, region);
        self.inserted += 1;
    }

    /// Forgets a range, in the middle of others too, and credits who was charged for it.
    pub(crate) fn remove(&mut self, start: usize, length: usize) {
        let all = self.cut_out(start, length, |_| true);
        for (_, Region { owner, kind, charged, length, .. }) in all {
            Cost { kind, bytes: length, charged }.credit(owner);
        }
    }

    /// Forgets a range as [`remove`](Self::remove) does, and leaves the credit for later.
    pub(crate) fn take(&mut self, start: usize, length: usize) -> Taken {
        let parts = self.cut_out(start, length, |_| true);
        for (_, region) in &parts {
            region.owner.hold(Resource::Mappings, region.kind.mappings(), false);
        }
        Taken(parts)
    }

    /// Knows again what was taken.
    pub(crate) fn restore(&mut self, taken: Taken) {
        for (at, region) in taken.0 {
            region.owner.release(Resource::Mappings, region.kind.mappings());
            self.put(at, region);
        }
    }

    /// The bytes in a range that are reserved and not charged, by owner, and marks them charged.
    pub(crate) fn charge(&mut self, start: usize, length: usize) -> Vec<(usize, usize, Owner)> {
        let mut fresh = Vec::new();
        for (at, region) in self.cut_out(start, length, |region| !region.charged) {
            self.put(at, Region { charged: true, ..region });
            self.join(at);
            fresh.push((at, region.length, region.owner));
        }
        fresh
    }

    /// Marks a range reserved only.
    pub(crate) fn reserve(&mut self, start: usize, length: usize) {
        for (at, region) in self.cut_out(start, length, |_| true) {
            self.put(at, Region { charged: false, ..region });
        }
    }

    /// Takes the parts of those regions out that are `wanted` and lie in a range, and leaves the rest.
    fn cut_out(
        &mut self,
        start: usize,
        length: usize,
        wanted: impl Fn(&Region) -> bool,
    ) -> Vec<(usize, Region)> {
        let end = start.saturating_add(length);
        let mut overlapping = Vec::new();
        if let Some((&at, region)) = self.regions.range(..start).next_back()
            && at + region.length > start
            && wanted(region)
        {
            overlapping.push(at);
        }
        let within = self.regions.range(start..end).filter(|(_, region)| wanted(region));
        overlapping.extend(within.map(|(&at, _)| at));
        let mut parts = Vec::new();
        for at in overlapping {
            let Some(region) = self.pull(at) else { continue };
            let (from, to) = (at.max(start), (at + region.length).min(end));
            if at < from {
                self.put(at, Region { length: from - at, ..region });
            }
            if to < at + region.length {
                self.put(to, Region { length: at + region.length - to, ..region });
            }
            parts.push((from, Region { length: to - from, ..region }));
        }
        parts
    }

    /// Makes a region and the one before it one, if they are alike parts of one mapping: so does the
    /// kernel. A memory that grows page by page stays two mappings.
    fn join(&mut self, at: usize) {
        let Some((&before, &left)) = self.regions.range(..at).next_back() else { return };
        let Some(&right) = self.regions.get(&at) else { return };
        let alike = (left.mapping, left.charged) == (right.mapping, right.charged);
        if alike && before + left.length == at {
            self.pull(at);
            self.regions.insert(before, Region { length: left.length + right.length, ..left });
        }
    }

    fn put(&mut self, at: usize, region: Region) {
        region.owner.hold(Resource::Mappings, region.kind.mappings(), false);
        self.regions.insert(at, region);
    }

    fn pull(&mut self, at: usize) -> Option<Region> {
        let region = self.regions.remove(&at)?;
        region.owner.release(Resource::Mappings, region.kind.mappings());
        Some(region)
    }
}
