//! What the placements of all deployments share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::Services;
use crate::appetite::Round;
use crate::capacity::{Capacity, cores};
use crate::fleets::Fleets;
use crate::link::Tally;
use crate::stats::StatsTable;

/// What placements share.
pub(crate) struct Host {
    pub(crate) fleets: Fleets,
    pub(crate) services: Arc<dyn Services>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) stats: StatsTable,
    pub(crate) capacity: Capacity,
    /// Requests that wait for a place.
    pub(crate) waiting: AtomicUsize,
    /// Deployments that have used a noticeable part of a processor lately.
    busy: AtomicU32,
    /// Deployments with requests, as they were last counted.
    present: AtomicUsize,
    /// Processors.
    pub(crate) cores: u32,
}

impl Host {
    pub(crate) fn new(fleets: Fleets, services: Arc<dyn Services>, capacity: Capacity) -> Self {
        Self {
            fleets,
            services,
            tally: Arc::new(Tally::new(Instant::now())),
            stats: StatsTable::default(),
            capacity,
            waiting: AtomicUsize::new(0),
            busy: AtomicU32::new(0),
            present: AtomicUsize::new(0),
            cores: cores(),
        }
    }

    /// Requests that wait or are in an isolate.
    pub(crate) fn requests(&self) -> usize {
        self.waiting.load(Ordering::Relaxed) + self.tally.requests.load(Ordering::Relaxed)
    }

    /// What this round of looks at tenants goes by.
    pub(crate) fn round(&self, number: u32, time: Duration) -> Round {
        Round { number, time, cores: self.cores, present: self.present.load(Ordering::Relaxed) }
    }

    /// Isolates on as many processors as one busy deployment may have, the others being as busy as
    /// they are.
    pub(crate) fn fair_isolates(&self) -> usize {
        (self.cores / self.busy.load(Ordering::Relaxed).max(1)).max(1) as usize
    }

    /// Whether several deployments want the processors.
    pub(crate) fn is_contended(&self) -> bool {
        self.busy.load(Ordering::Relaxed) > 1
    }

    /// Requests that one deployment may have while the host has too many, or `None` while it has not.
    pub(crate) fn fair_requests(&self) -> Option<usize> {
        let most = self.capacity.requests;
        // Room is left for those who come late and ask for little.
        if self.requests() < most - most / 4 {
            return None;
        }
        Some((most / (self.present.load(Ordering::Relaxed) + 1)).max(1))
    }

    /// Takes note of how many deployments were busy, and how many had requests.
    pub(crate) fn note(&self, busy: u32, present: usize) {
        self.busy.store(busy, Ordering::Relaxed);
        self.present.store(present, Ordering::Relaxed);
    }
}
