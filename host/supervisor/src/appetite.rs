//! Who computes so much that others are kept apart from it.
//!
//! Threads of one process wait for each other where no scheduler looks: at the locks of the process's
//! mappings, of the C library's heap, of the engine. Who holds one and gets no processor holds up everybody.
//! So tenants that compute a lot, or break limits, live in cordons of their own kind, whose threads may
//! then wait for those of other cordons without anybody waiting for them. Cloudflare does the same for
//! security's sake and calls it dynamic process isolation.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use crate::link::micros;
use crate::sync::lock;

/// The part of one processor, in percent, from which on a tenant is heavy whatever its requests are like.
const MUCH: u64 = 10;

/// CPU time of a request, in microseconds, from which on less than that is much where many want the
/// processors: this part of what is fair.
const LONG_US: u64 = 1000;
const PART_OF_FAIR: u64 = 4;

/// Looks in a row that make heavy. Where many want the processors one is enough, and a breach of a limit
/// is everywhere.
const LASTING: u32 = 2;

/// Looks in a row that make light again: five minutes'. Who is greedy now and then shall not begin among others each time.
const REST: u32 = 600;

/// Looks that found requests and nothing much, after which a tenant is no newcomer any more.
const KNOWN: u32 = 4;

/// What a tenant has done, in numbers that only grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    /// CPU time of requests, of what goes on without one, and of what the host does for them, in microseconds.
    pub(crate) cpu_us: u64,
    /// Requests that are over.
    pub(crate) ends: u64,
    /// CPU time of starts, in microseconds.
    pub(crate) start_us: u64,
    /// Starts.
    pub(crate) starts: u64,
    /// Breaches of limits that cost others something.
    pub(crate) breaches: u64,
}

/// What a tenant takes.
#[derive(Debug, Default)]
pub(crate) struct Appetite {
    is_heavy: AtomicBool,
    /// Looks that found that it has requests and needs little, up to [`KNOWN`].
    modest: AtomicU32,
    /// CPU time of long turns, in microseconds, as cordons tell while they last.
    long_us: AtomicU64,
    history: Mutex<History>,
}

/// What is known of a tenant from the looks at it.
#[derive(Debug, Default)]
struct History {
    /// The last look, so that a tenant with several deployments is looked at once.
    round: u32,
    totals: Totals,
    long_us: u64,
    /// Looks in a row that found the contrary of what the tenant counts as.
    contrary: u32,
    is_heavy: bool,
}

/// What a look finds.
struct Judged {
    is_much: bool,
    /// One look is enough, if it is much.
    is_evident: bool,
}

/// What all looks of one round have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    pub(crate) number: u32,
    /// Since the last one.
    pub(crate) time: Duration,
    pub(crate) cores: u32,
    /// Deployments that have requests, or compute without.
    pub(crate) present: usize,
}

impl Appetite {
    /// Whether the tenant shall be kept apart from those that compute little.
    pub(crate) fn is_heavy(&self) -> bool {
        self.is_heavy.load(Ordering::Relaxed)
    }

    /// Whether nothing tells yet that the tenant computes little.
    pub(crate) fn is_new(&self) -> bool {
        self.modest.load(Ordering::Relaxed) < KNOWN
    }

    /// A turn is long, and has used so much since that was last said.
    pub(crate) fn note_long(&self, cpu_us: u32) {
        self.long_us.fetch_add(cpu_us.into(), Ordering::Relaxed);
    }

    /// Finds now what the next look would find as things stand, if that look would be enough. `round` is the one to
    /// come; it finds the same numbers, and those that were added.
    pub(crate) fn glance(&self, round: &Round, totals: Totals) {
        let mut history = lock(&self.history);
        let judged = history.judge(round, totals, self.long_us.load(Ordering::Relaxed));
        if judged.is_much && judged.is_evident && !history.is_heavy {
            (history.is_heavy, history.contrary) = (true, 0);
            self.is_heavy.store(true, Ordering::Relaxed);
        }
    }

    /// Looks at what the tenant has done since the last round.
    pub(crate) fn look(&self, round: &Round, totals: Totals) {
        let mut history = lock(&self.history);
        if std::mem::replace(&mut history.round, round.number) == round.number {
            return;
        }
        let had_requests = totals.ends > history.totals.ends;
        history.take(round, totals, self.long_us.load(Ordering::Relaxed));
        self.is_heavy.store(history.is_heavy, Ordering::Relaxed);
        let modest = self.modest.load(Ordering::Relaxed);
        let modest = match history.is_heavy || history.contrary > 0 {
            true => 0,
            false => (modest + u32::from(had_requests)).min(KNOWN),
        };
        self.modest.store(modest, Ordering::Relaxed);
    }
}

impl History {
    fn take(&mut self, round: &Round, totals: Totals, long_us: u64) {
        let judged = self.judge(round, totals, long_us);
        (self.totals, self.long_us) = (totals, long_us);
        if judged.is_much == self.is_heavy {
            self.contrary = 0;
            return;
        }
        self.contrary += 1;
        let lasting = match judged.is_much {
            true if judged.is_evident => 1,
            true => LASTING,
            false => REST,
        };
        if self.contrary >= lasting {
            self.is_heavy = judged.is_much;
            self.contrary = 0;
        }
    }

    /// What the time since the last look says about the tenant.
    fn judge(&self, round: &Round, totals: Totals, long_us: u64) -> Judged {
        let long_us = long_us - self.long_us;
        let since = totals.since(self.totals);
        let (ended_us, breaches) = (since.cpu_us, since.breaches);
        // What is told of a turn is counted again at its end, which may be in another round.
        let used_us = ended_us.max(long_us);
        let usual_us = ended_us / since.ends.max(1);
        let is_long = long_us > 0 || usual_us > LONG_US;
        let much_us = round.much(is_long);
        let is_much = breaches > 0 || used_us > much_us;
        Judged { is_much, is_evident: breaches > 0 || much_us < round.much(false) }
    }
}

impl Totals {
    /// What has come since it was `before`.
    fn since(self, before: Self) -> Self {
        let starts = self.starts.saturating_sub(before.starts);
        let started_us = self.start_us.saturating_sub(before.start_us);
        Self {
            // Everybody starts now and then.
            cpu_us: self.cpu_us.saturating_sub(before.cpu_us)
                + if starts > 1 { started_us } else { 0 },
            ends: self.ends.saturating_sub(before.ends),
            start_us: started_us,
            starts,
            breaches: self.breaches.saturating_sub(before.breaches),
        }
    }
}

impl Round {
    /// CPU time that is too much beside tenants that compute little, in microseconds.
    fn much(&self, is_long: bool) -> u64 {
        let time = micros(self.time);
        let much = time * MUCH / 100;
        if !is_long {
            return much;
        }
        let fair = time * u64::from(self.cores) / self.present.max(1) as u64;
        much.min(fair / PART_OF_FAIR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1000;

    /// Looks every half second, on two processors, at a tenant that does the same in each round.
    fn rounds(appetite: &Appetite, range: std::ops::Range<u32>, present: usize, each: Totals) {
        for number in range {
            let time = Duration::from_millis(500);
            let mut totals = lock(&appetite.history).totals;
            totals.cpu_us += each.cpu_us;
            totals.ends += each.ends;
            totals.start_us += each.start_us;
            totals.starts += each.starts;
            totals.breaches += each.breaches;
            appetite.look(&Round { number, time, cores: 2, present }, totals);
        }
    }

    fn requests(cpu_us: u64, ends: u64) -> Totals {
        Totals { cpu_us, ends, ..Totals::default() }
    }

    #[test]
    fn a_tenth_of_a_processor_is_much_if_it_lasts() {
        let appetite = Appetite::default();
        rounds(&appetite, 1..20, 1, requests(49 * MS, 1000));
        assert!(!appetite.is_heavy());
        rounds(&appetite, 20..21, 1, requests(400 * MS, 1));
        assert!(!appetite.is_heavy(), "once is no habit");
        rounds(&appetite, 21..30, 1, requests(0, 0));
        rounds(&appetite, 30..32, 1, requests(51 * MS, 1000));
        assert!(appetite.is_heavy());
    }

    #[test]
    fn in_a_crowd_less_is_much_but_only_of_long_requests() {
        // Fair is 10 ms for each of 100.
        let short = Appetite::default();
        rounds(&short, 1..20, 100, requests(10 * MS, 50));
        assert!(!short.is_heavy());
        let long = Appetite::default();
        rounds(&long, 1..20, 100, requests(2 * MS, 1));
        assert!(!long.is_heavy());
        rounds(&long, 20..21, 100, requests(3 * MS, 2));
        assert!(long.is_heavy());
    }

    #[test]
    fn one_start_is_nothing_and_one_for_each_request_is() {
        let start = |starts| Totals { start_us: starts * 60 * MS, starts, ..Totals::default() };
        let once = Appetite::default();
        rounds(&once, 1..9, 100, start(1));
        assert!(!once.is_heavy());
        let often = Appetite::default();
        rounds(&often, 1..9, 100, start(2));
        assert!(often.is_heavy());
    }

    #[test]
    fn a_turn_that_does_not_end_counts_while_it_lasts() {
        let appetite = Appetite::default();
        for number in 1..3 {
            appetite.note_long(60_000);
            rounds(&appetite, number..number + 1, 1, Totals::default());
        }
        assert!(appetite.is_heavy());
    }

    #[test]
    fn a_breach_is_enough_and_rest_makes_light() {
        let appetite = Appetite::default();
        rounds(&appetite, 1..2, 1, Totals { breaches: 1, ..Totals::default() });
        assert!(appetite.is_heavy());
        rounds(&appetite, 2..2 + REST - 1, 1, requests(MS, 10));
        assert!(appetite.is_heavy());
        rounds(&appetite, 2 + REST..3 + REST, 1, requests(MS, 10));
        assert!(!appetite.is_heavy());
    }

    #[test]
    fn a_glance_finds_what_a_look_would_find_and_takes_nothing_from_it() {
        let round =
            |present| Round { number: 9, time: Duration::from_millis(500), cores: 2, present };
        let breach = Totals { breaches: 1, ..Totals::default() };
        let broken = Appetite::default();
        broken.glance(&round(1), breach);
        assert!(broken.is_heavy());
        // Fair is 10 ms for each of 100.
        let long = Appetite::default();
        long.note_long(2000);
        long.glance(&round(100), Totals::default());
        assert!(!long.is_heavy());
        long.note_long(1000);
        long.glance(&round(100), Totals::default());
        assert!(long.is_heavy(), "both parts count");
        let alone = Appetite::default();
        alone.note_long(60_000);
        alone.glance(&round(1), Totals::default());
        assert!(!alone.is_heavy(), "where there is room, much has to last");
        rounds(&alone, 1..2, 1, Totals::default());
        assert!(!alone.is_heavy());
        alone.note_long(60_000);
        rounds(&alone, 2..3, 1, Totals::default());
        assert!(alone.is_heavy(), "a glance is no look");
    }

    #[test]
    fn requests_that_need_little_make_known_and_much_makes_new_again() {
        let appetite = Appetite::default();
        rounds(&appetite, 1..20, 1, requests(0, 0));
        assert!(appetite.is_new(), "who has no requests shows nothing");
        rounds(&appetite, 20..20 + KNOWN, 1, requests(MS, 10));
        assert!(!appetite.is_new());
        rounds(&appetite, 30..60, 1, requests(0, 0));
        assert!(!appetite.is_new(), "a rest is nothing new");
        rounds(&appetite, 60..61, 1, Totals { breaches: 1, ..Totals::default() });
        assert!(appetite.is_new());
    }

    #[test]
    fn two_deployments_of_a_tenant_are_one_look() {
        let appetite = Appetite::default();
        let round = Round { number: 7, time: Duration::from_millis(500), cores: 2, present: 1 };
        let totals = requests(60 * MS, 1);
        appetite.look(&round, totals);
        appetite.look(&round, totals);
        assert_eq!(lock(&appetite.history).contrary, 1);
    }
}
