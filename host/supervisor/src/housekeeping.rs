//! What is done now and then: who is busy, who has too many isolates, what has to go when memory or
//! number presses, which cordons are replaced.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use insula_wire::Farewell;
use tokio::time::{MissedTickBehavior, interval};

use crate::appetite::Round;
use crate::cordon::Cordon;
use crate::fleet::Sharing;
use crate::host::Host;
use crate::link::{Link, micros};
use crate::placement::{Look, Placement};
use crate::placements::Placements;
use crate::resident::{self, resident};
use crate::shares::{Use, is_any_short};

/// How often everything is looked at.
const ROUND: Duration = Duration::from_millis(500);

/// The least time from one look to a glance: of who is in long turns, those are found at once that must not stay.
const GLANCE: Duration = Duration::from_millis(50);

/// Times as long as a glance takes, until the next one.
const REPOSE: u32 = 50;

/// The part of one processor, in percent, from which on a deployment is busy.
const BUSY: u64 = 10;

/// How long an isolate beyond the first may have nothing to do.
const SURPLUS: Duration = Duration::from_secs(5);

/// Rounds in which a deployment without isolates is still remembered.
const REMEMBERED: u32 = 120;

/// Bytes that an isolate costs beyond what is charged to it: its thread, its sockets, what the
/// cordon and the host know of it.
const OVERHEAD: u64 = 400 << 10;

/// The part of the capacity that is free when isolates had to go, so that not every start evicts.
const RELIEF: u64 = 20;

/// After isolates had to go for memory it is not measured for so long: they take a moment to end, and what they
/// leave another to be given back.
const AFTERMATH: Duration = Duration::from_secs(4);

/// Looks in a row that must find a cordon too large.
const LASTING: u32 = 4;

/// Rounds between two looks at the cordons' age and size.
const INSPECTION: u32 = 4;

/// Rounds between two looks at which cordons there are tenants for.
const CENSUS: u32 = 10;

/// Rounds between two looks at what the host itself keeps.
const AIRING: u32 = 20;

/// Bytes that the host may have in memory beyond what it uses of its heap: its threads and tables, and what is likely to
/// be needed again.
const KEPT: u64 = 96 << 20;

/// Works until the supervisor is gone.
pub(crate) async fn keep_house(host: Weak<Host>, placements: Weak<Placements>) {
    // Without it no limit of the machine holds for long, so a defect must not end it, nor be overlooked.
    while let Err(defect) = tokio::spawn(go_round(host.clone(), placements.clone())).await {
        tracing::error!(%defect, "a defect of Insula: housekeeping has failed and begins anew");
        tokio::time::sleep(ROUND).await;
    }
}

async fn go_round(host: Weak<Host>, placements: Weak<Placements>) {
    let mut rounds = interval(ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut last, mut quiet_until) = (Instant::now(), Instant::now());
    let mut pause = GLANCE;
    for round in 1_u32.. {
        loop {
            tokio::select! {
                biased;
                _ = rounds.tick() => break,
                () = long_turn(&host, pause) => {}
            }
            let (Some(host), Some(placements)) = (host.upgrade(), placements.upgrade()) else {
                return;
            };
            let began = Instant::now();
            glance(&host, &placements, round);
            pause = GLANCE.max(began.elapsed() * REPOSE);
        }
        let (Some(host), Some(placements)) = (host.upgrade(), placements.upgrade()) else { return };
        let time = last.elapsed();
        last = Instant::now();
        let looks = look(&host, &placements, time);
        let this = host.round(round, time);
        looks.iter().for_each(|(placement, _)| placement.stats.look(&this));
        looks.iter().for_each(|(placement, look)| shrink(&host, placement, look));
        looks.iter().for_each(|(placement, look)| rehouse(&host, placement, look));
        if round % CENSUS == 0 {
            keep_what_is_wanted(&host);
        }
        forget(&placements, &looks);
        let cordons = host.fleets.cordons();
        relieve(&host, &cordons, &looks, &mut quiet_until);
        cordons.iter().for_each(|cordon| cordon.keep_recycling());
        cordons.iter().for_each(|cordon| cordon.adapt_pool(time));
        if round % INSPECTION == 0 {
            replace_one(&host, &cordons);
        }
        if round % AIRING == 0 {
            tokio::task::spawn_blocking(air);
        }
    }
}

/// Returns when somebody is in a long turn, and not at once.
async fn long_turn(host: &Weak<Host>, pause: Duration) {
    tokio::time::sleep(pause).await;
    let Some(tally) = host.upgrade().map(|host| Arc::clone(&host.tally)) else { return };
    tally.long.notified().await;
}

/// Finds and moves those who must not stay, as the next round would; it looks at nothing else.
fn glance(host: &Host, placements: &Placements, round: u32) {
    let all = placements.all();
    let looks: Looks =
        all.into_iter().map(|placement| (Arc::clone(&placement), placement.look())).collect();
    let is_present = |(placement, look): &&(Arc<Placement>, Look)| {
        look.requests > 0 || look.aside_us > placement.aside.load(Ordering::Relaxed)
    };
    let present = looks.iter().filter(is_present).count();
    let next = Round { present, ..host.round(round, ROUND) };
    looks.iter().for_each(|(placement, _)| placement.stats.glance(&next));
    let heavy = looks.iter().filter(|(placement, _)| placement.stats.appetite.is_heavy());
    heavy.for_each(|(placement, look)| rehouse(host, placement, look));
}

type Looks = Vec<(Arc<Placement>, Look)>;

/// Looks at all placements, and notes who is busy.
fn look(host: &Host, placements: &Placements, time: Duration) -> Looks {
    let (mut busy, mut present) = (Vec::new(), 0);
    let threshold = micros(time) * BUSY / 100;
    let look = |placement: Arc<Placement>| {
        let look = placement.look();
        let before = placement.spent.swap(look.spent_us, Ordering::Relaxed);
        let spent_us = look.spent_us.saturating_sub(before);
        let is_busy = spent_us > threshold;
        placement.busy.store(is_busy, Ordering::Relaxed);
        if is_busy {
            busy.push(Use { isolates: look.isolates.len(), spent_us });
        }
        let aside = placement.aside.swap(look.aside_us, Ordering::Relaxed);
        present += usize::from(look.requests > 0 || look.aside_us > aside);
        (placement, look)
    };
    let looks: Looks = placements.all().into_iter().map(look).collect();
    host.note(busy.len() as u32, present);
    share(host, &looks, &busy, time);
    looks
}

/// Keeps new requests of those who have more isolates than is fair to as many as are, while somebody is short of what
/// the others take. Those without requests go then.
fn share(host: &Host, looks: &Looks, busy: &[Use], time: Duration) {
    let fair = host.fair_isolates();
    let is_any_short = is_any_short(busy, fair, host.cores, micros(time));
    for (placement, _) in looks {
        let is_kept = is_any_short && placement.busy.load(Ordering::Relaxed);
        placement.preferred.store(if is_kept { fair } else { usize::MAX }, Ordering::Relaxed);
    }
}

/// Lets isolates go that a deployment does not need any more.
fn shrink(host: &Host, placement: &Placement, look: &Look) {
    let now = host.tally.now_ms();
    let is_surplus = |isolate: &&Arc<Link>| {
        isolate.load() == 0 && now.saturating_sub(isolate.used_ms()) > SURPLUS.as_millis() as u64
    };
    // The first one stays: it is what the next request finds.
    for isolate in look.isolates.iter().skip(1).filter(is_surplus) {
        placement.evict(isolate, Farewell::Idle);
    }
}

/// Moves isolates of tenants that have come to compute much away from those that compute little, and back; and those
/// of tenants that need not live alone any more.
fn rehouse(host: &Host, placement: &Placement, look: &Look) {
    let is_heavy = placement.stats.appetite.is_heavy();
    let live_with = |sharing: Sharing| {
        look.isolates.iter().filter(move |isolate| isolate.sharing() == Some(sharing))
    };
    // Released before a request of its met the quarantine's wall: no other placement has taken over.
    // Whether it must live alone is asked for the few that do, and not for all that there are.
    let lives_alone = live_with(Sharing::Tenant).next().is_some();
    if lives_alone && !host.fleets.is_alone(&placement.deployment) {
        live_with(Sharing::Tenant).for_each(|isolate| isolate.leave(Farewell::Moved));
    }
    if !is_heavy {
        // Who is disturbed there need not be disturbed by the move as well.
        let idle = live_with(Sharing::Heavy).filter(|isolate| isolate.load() == 0);
        for isolate in idle {
            placement.evict(isolate, Farewell::Moved);
        }
        return;
    }
    let own = look.isolates.len() + look.alone;
    if own == 0 || host.tally.isolates.load(Ordering::Relaxed) <= own {
        return;
    }
    let Some(apart) = host.fleets.apart(&placement.deployment) else { return };
    apart.want();
    // Once there is room, what is in flight ends where it is.
    if apart.has_room() {
        live_with(Sharing::Level).for_each(|isolate| isolate.leave(Farewell::Moved));
    }
}

/// Forgets deployments that have had no isolate for long: so many may be deployed that only those in use can be
/// remembered.
fn forget(placements: &Placements, looks: &Looks) {
    for (placement, look) in looks {
        let rounds = match look.is_empty {
            true => placement.empty_rounds.fetch_add(1, Ordering::Relaxed) + 1,
            false => {
                placement.empty_rounds.store(0, Ordering::Relaxed);
                0
            }
        };
        if rounds >= REMEMBERED {
            placements.forget(placement);
        }
    }
}

/// Lets the longest idle isolates go, if there are more of them or they hold more memory than the
/// machine has for them.
///
/// What is charged to an isolate is what it has mapped, of which the kernel may have given it a part.
/// So the cordons are measured whole, where they can be, and each isolate counts by its part of that.
fn relieve(host: &Host, cordons: &[Arc<Cordon>], looks: &Looks, quiet_until: &mut Instant) {
    let isolates = || looks.iter().flat_map(|(p, look)| look.isolates.iter().map(move |i| (p, i)));
    let charged = |isolate: &Link| isolate.memory() + OVERHEAD;
    let all_charged: u64 = isolates().map(|(_, isolate)| charged(isolate)).sum();
    let living = cordons.iter().filter(|cordon| !cordon.is_dead());
    // One that cannot be measured is going, or hides: then what it says has to do.
    let measured = living.map(|cordon| resident(cordon.pid()).unwrap_or_else(|| cordon.memory()));
    let mut memory = if *quiet_until > Instant::now() { 0 } else { measured.sum() };
    let mut count = isolates().count();
    let (most_memory, most) = (host.capacity.memory(), host.capacity.isolates);
    if memory <= most_memory && count <= most {
        return;
    }
    if memory > most_memory {
        *quiet_until = Instant::now() + AFTERMATH;
    }
    let part = memory as f64 / all_charged.max(1) as f64;
    let mut idle: Vec<_> = isolates().filter(|(_, isolate)| isolate.load() == 0).collect();
    idle.sort_unstable_by_key(|(_, isolate)| isolate.used_ms());
    let enough = |n: u64| n - n / RELIEF;
    let mut evicted = 0_usize;
    for (placement, isolate) in idle {
        if memory <= enough(most_memory) && count as u64 <= enough(most as u64).max(1) {
            break;
        }
        let freed = (charged(isolate) as f64 * part.min(1.0)) as u64;
        if placement.evict(isolate, Farewell::Evicted) {
            memory = memory.saturating_sub(freed);
            count -= 1;
            evicted += 1;
        }
    }
    let is_enough = memory <= most_memory && count <= most;
    match is_enough {
        true => tracing::debug!(evicted, "isolates had to go"),
        false => tracing::warn!(
            evicted,
            isolates = count,
            memory_mb = memory >> 20,
            "isolates that are in use need more than [capacity] gives them"
        ),
    }
}

/// Gives back what the host needed for a while.
fn air() {
    // The kernel's number is cheap, the heap's is not.
    let is_much = |resident: &u64| *resident > KEPT;
    let Some(resident) = resident::own().filter(is_much) else { return };
    if resident > KEPT + insula_jail::heap_in_use() {
        insula_jail::trim_heap();
        let now = resident::own().unwrap_or_default();
        tracing::debug!(from_mb = resident >> 20, to_mb = now >> 20, "memory was given back");
    }
}

/// Keeps cordons ready for those tenants that there are, and lets those go that are for nobody.
fn keep_what_is_wanted(host: &Host) {
    // First, so that a delay of these looks does not make anything seem unwanted.
    host.fleets.keep_warm(&*host.services);
    for cordon in host.fleets.unwanted() {
        tracing::info!(cordon = cordon.pid(), "a cordon goes: there are no tenants for it");
        // Somebody may be moving in just now, and then leaves again.
        tokio::spawn(async move { cordon.recycle().await });
    }
}

/// Replaces a cordon that is too old, too worn or too large. One at a time: those who lived there all
/// start anew.
fn replace_one(host: &Host, cordons: &[Arc<Cordon>]) {
    if cordons.iter().any(|cordon| cordon.is_ending() && !cordon.is_dead()) {
        return;
    }
    let worn = cordons.iter().find_map(|cordon| Some((cordon, wear(host, cordon)?)));
    if let Some((cordon, wear)) = worn {
        let cordon = Arc::clone(cordon);
        tracing::info!(cordon = cordon.pid(), wear, "a cordon is replaced");
        tokio::spawn(async move { cordon.recycle().await });
    }
}

/// Why a cordon should be replaced.
fn wear(host: &Host, cordon: &Cordon) -> Option<&'static str> {
    let capacity = &host.capacity;
    let beyond = |most: u64, is: u64| most > 0 && is >= most;
    if beyond(capacity.cordon_hours.saturating_mul(3600), cordon.age().as_secs()) {
        return Some("age");
    }
    if beyond(capacity.cordon_starts, cordon.starts()) {
        return Some("isolates started");
    }
    let has_grown = beyond(capacity.cordon_growth_mb.saturating_mul(1 << 20), growth(cordon)?);
    // What ended isolates have left is given back a little later.
    (cordon.grown_for(has_grown) >= LASTING).then_some("memory that no isolate holds")
}

/// Bytes that a cordon holds beyond what its isolates may account for; `None` when that cannot be told.
fn growth(cordon: &Cordon) -> Option<u64> {
    let accounted = cordon.memory() + cordon.isolates() as u64 * OVERHEAD;
    Some(resident(cordon.pid())?.saturating_sub(accounted))
}
