//! What tenants did since the server started, in numbers that only grow, and what they hold now.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use insula_wire::{FailureCode, Farewell};
use rustc_hash::FxHashMap;

use crate::appetite::{Appetite, Round, Totals};
use crate::link::micros;
use crate::{Limit, Outcome, RequestError, TenantEvent};

/// Upper bounds of the classes in which times of waiting are counted, in microseconds; the last class
/// has none.
pub const QUEUE_BOUNDS_US: [u64; 8] =
    [100, 1_000, 5_000, 25_000, 100_000, 500_000, 1_000_000, 5_000_000];

const QUEUE_CLASSES: usize = QUEUE_BOUNDS_US.len() + 1;

/// CPU time, in microseconds, that the host spends for a tenant on a subrequest and on a line of its log.
/// Estimates from how many of them a processor manages under load, not measured one by one.
const SUBREQUEST_US: u64 = 40;
const LOG_LINE_US: u64 = 5;

/// The stats of all tenants that have had a request.
#[derive(Default)]
pub(crate) struct StatsTable {
    tenants: RwLock<FxHashMap<Arc<str>, Arc<Stats>>>,
}

/// One tenant's numbers. Each only counts; nothing else is ordered by them.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    outcomes: [AtomicU64; RequestError::CODES.len()],
    succeeded: AtomicU64,
    cpu_us: AtomicU64,
    starts: AtomicU64,
    start_cpu_us: AtomicU64,
    start_us: AtomicU64,
    failed_starts: AtomicU64,
    log_lines: AtomicU64,
    subrequests: AtomicU64,
    /// CPU time that the host has spent on them, in nanoseconds.
    host_ns: AtomicU64,
    exceptions: AtomicU64,
    breaches: [AtomicU64; Limit::ALL.len()],
    farewells: [AtomicU64; Farewell::ALL.len()],
    queued: [AtomicU64; QUEUE_CLASSES],
    queue_us: AtomicU64,
    isolates: AtomicU64,
    sockets: AtomicU64,
    memory: AtomicU64,
    memory_peak: AtomicU64,
    pub(crate) appetite: Appetite,
}

/// The right of a client's WebSocket to be open.
#[derive(Debug)]
pub(crate) struct SocketPermit(Arc<Stats>);

impl Drop for SocketPermit {
    fn drop(&mut self) {
        self.0.sockets.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One tenant's numbers at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantUsage {
    /// Requests that the tenant's code answered, with whatever status.
    pub succeeded: u64,
    /// Requests that ended with an error of Insula's, by its code; those that never happened are left out.
    pub failed: Vec<(&'static str, u64)>,
    /// CPU time of requests and starts, in microseconds.
    pub cpu_us: u64,
    /// Isolates that were started.
    pub starts: u64,
    /// Wall time of these starts, in microseconds.
    pub start_us: u64,
    /// Starts that failed.
    pub failed_starts: u64,
    /// Lines that reached the log.
    pub log_lines: u64,
    /// Subrequests that were carried out.
    pub subrequests: u64,
    /// CPU time that the host has spent on them, in microseconds.
    pub host_cpu_us: u64,
    /// Exceptions that nothing caught.
    pub exceptions: u64,
    /// Breaches of limits, by the limit.
    pub breaches: Vec<(&'static str, u64)>,
    /// Isolates that were told to go, by reason.
    pub evictions: Vec<(&'static str, u64)>,
    /// Requests that waited for a place, by how long: one for each of [`QUEUE_BOUNDS_US`], and one above.
    pub queued: Vec<u64>,
    /// How long they waited together, in microseconds.
    pub queue_us: u64,
    /// Isolates that live now.
    pub isolates: u64,
    /// WebSockets of clients that are open, or about to be.
    pub sockets: u64,
    /// Bytes that are charged to them now, as they last said.
    pub memory_bytes: u64,
    /// The most bytes that were charged at once to one isolate.
    pub memory_peak_bytes: u64,
    /// Whether it computes so much that it lives apart from tenants that compute little.
    pub is_heavy: bool,
}

impl StatsTable {
    /// The numbers of `tenant`, from zero if it has none.
    pub(crate) fn of(&self, tenant: &Arc<str>) -> Arc<Stats> {
        if let Some(stats) = self.find(tenant) {
            return stats;
        }
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(tenants.entry(Arc::clone(tenant)).or_default())
    }

    /// The numbers of a tenant that may be no more, or not be yet: it comes into no list by that.
    pub(crate) fn of_guest(&self, tenant: &str) -> Arc<Stats> {
        self.find(tenant).unwrap_or_default()
    }

    pub(crate) fn find(&self, tenant: &str) -> Option<Arc<Stats>> {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        tenants.get(tenant).cloned()
    }

    /// Forgets a tenant that is no more.
    pub(crate) fn forget(&self, tenant: &str) {
        self.tenants.write().unwrap_or_else(PoisonError::into_inner).remove(tenant);
    }

    /// All tenants' numbers, by name.
    pub(crate) fn all(&self) -> Vec<(Arc<str>, Arc<Stats>)> {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> =
            tenants.iter().map(|(name, stats)| (Arc::clone(name), Arc::clone(stats))).collect();
        drop(tenants);
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }
}

impl Stats {
    /// Counts what happened in an isolate.
    pub(crate) fn count(&self, event: &TenantEvent) {
        match event {
            TenantEvent::Log(_) => add(&self.log_lines, 1),
            TenantEvent::Exception(_) => add(&self.exceptions, 1),
            TenantEvent::Started { cpu_us, wall_us } => {
                add(&self.starts, 1);
                add(&self.cpu_us, *cpu_us);
                add(&self.start_cpu_us, *cpu_us);
                add(&self.start_us, *wall_us);
            }
            TenantEvent::Outcome(Outcome { result, .. }) => match result {
                Ok(_) => add(&self.succeeded, 1),
                Err(error) => {
                    if matches!(error, RequestError::Tenant { code: FailureCode::Exception, .. }) {
                        add(&self.exceptions, 1);
                    }
                    self.count_failure(error);
                }
            },
            TenantEvent::Breach { limit, .. } => add(&self.breaches[*limit as usize], 1),
            _ => {}
        }
    }

    /// Counts CPU time on an isolate's thread, in microseconds, that is no start's.
    pub(crate) fn spend(&self, cpu_us: u64) {
        add(&self.cpu_us, cpu_us);
    }

    /// Counts a request that came to nothing.
    pub(crate) fn count_failure(&self, error: &RequestError) {
        let code = RequestError::CODES.iter().position(|code| *code == error.code());
        debug_assert!(code.is_some(), "{} is not among the codes", error.code());
        if let Some(outcome) = code.and_then(|index| self.outcomes.get(index)) {
            add(outcome, 1);
        }
    }

    /// Requests that the tenant's code answered.
    pub(crate) fn successes(&self) -> u64 {
        self.succeeded.load(Ordering::Relaxed)
    }

    /// Looks at how much the tenant takes from others.
    pub(crate) fn look(&self, round: &Round) {
        self.appetite.look(round, self.totals());
    }

    /// The same between rounds, for what cannot wait; see [`Appetite::glance`].
    pub(crate) fn glance(&self, round: &Round) {
        self.appetite.glance(round, self.totals());
    }

    fn totals(&self) -> Totals {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let breaches = [Limit::Cpu, Limit::Memory].map(|limit| get(&self.breaches[limit as usize]));
        let failed: u64 = self.outcomes.iter().map(get).sum();
        // What is measured leaves out what connections do by themselves.
        let subrequests = (get(&self.subrequests) * SUBREQUEST_US).max(get(&self.host_ns) / 1000);
        let in_host = subrequests + get(&self.log_lines) * LOG_LINE_US;
        Totals {
            cpu_us: get(&self.cpu_us).saturating_sub(get(&self.start_cpu_us)) + in_host,
            ends: get(&self.succeeded) + failed,
            start_us: get(&self.start_cpu_us),
            starts: get(&self.starts),
            breaches: breaches.iter().sum(),
        }
    }

    /// Counts CPU time of a thread of the host, on a subrequest.
    pub(crate) fn spend_in_host(&self, time: Duration) {
        add(&self.host_ns, u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }

    pub(crate) fn count_subrequest(&self) {
        add(&self.subrequests, 1);
    }

    pub(crate) fn count_failed_start(&self) {
        add(&self.failed_starts, 1);
    }

    /// Counts a request that has got its place after waiting for so long.
    pub(crate) fn count_wait(&self, time: Duration) {
        let us = micros(time);
        let class = QUEUE_BOUNDS_US.iter().position(|bound| us <= *bound);
        add(&self.queued[class.unwrap_or(QUEUE_CLASSES - 1)], 1);
        add(&self.queue_us, us);
    }

    /// Counts an isolate that is told to go.
    pub(crate) fn count_farewell(&self, reason: Farewell) {
        add(&self.farewells[reason as usize], 1);
    }

    /// The right to one more WebSocket, if there are fewer than `most`.
    pub(crate) fn take_socket(self: &Arc<Self>, most: u32) -> Option<SocketPermit> {
        let one_more = |open: u64| (open < u64::from(most)).then_some(open + 1);
        let taken = self.sockets.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        taken.ok().map(|_| SocketPermit(Arc::clone(self)))
    }

    /// An isolate lives from now on.
    pub(crate) fn isolate_begins(&self) {
        add(&self.isolates, 1);
    }

    /// An isolate to which `bytes` were charged lives no more.
    pub(crate) fn isolate_ends(&self, bytes: u64) {
        self.isolates.fetch_sub(1, Ordering::Relaxed);
        self.memory.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// What is charged to an isolate has changed.
    pub(crate) fn memory_changes(&self, before: u64, now: u64, peak: u64) {
        // Wraps when it has become less: so does the sum.
        self.memory.fetch_add(now.wrapping_sub(before), Ordering::Relaxed);
        self.memory_peak.fetch_max(peak, Ordering::Relaxed);
    }

    pub(crate) fn snapshot(&self) -> TenantUsage {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let named = |names: &mut dyn Iterator<Item = &'static str>, counters: &[AtomicU64]| {
            names.zip(counters.iter().map(get)).filter(|(_, count)| *count > 0).collect()
        };
        TenantUsage {
            succeeded: get(&self.succeeded),
            failed: named(&mut RequestError::CODES.iter().copied(), &self.outcomes),
            cpu_us: get(&self.cpu_us),
            starts: get(&self.starts),
            start_us: get(&self.start_us),
            failed_starts: get(&self.failed_starts),
            log_lines: get(&self.log_lines),
            subrequests: get(&self.subrequests),
            host_cpu_us: get(&self.host_ns) / 1000,
            exceptions: get(&self.exceptions),
            breaches: named(&mut Limit::ALL.iter().map(|limit| limit.name()), &self.breaches),
            evictions: named(&mut Farewell::ALL.iter().map(|why| why.name()), &self.farewells),
            queued: self.queued.iter().map(get).collect(),
            queue_us: get(&self.queue_us),
            isolates: get(&self.isolates),
            sockets: get(&self.sockets),
            memory_bytes: get(&self.memory),
            memory_peak_bytes: get(&self.memory_peak),
            is_heavy: self.appetite.is_heavy(),
        }
    }
}

fn add(counter: &AtomicU64, n: u64) {
    counter.fetch_add(n, Ordering::Relaxed);
}
