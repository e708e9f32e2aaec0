use std::fs;

use rustix::process::{Resource, getrlimit};

use super::{Measure, State};
use insula_supervisor::MOST_ISOLATES_PER_CORDON;

/// Memory mappings of a cordon, which `sandbox/memory` shares out among its isolates: what the kernel
/// grants unless told otherwise.
const MAPPINGS: u64 = 65_530;

/// Open files that a busy server needs: one for each isolate and one for each connection.
const OPEN_FILES: u64 = 65_536;

/// Threads that a busy server needs: one for each isolate.
const THREADS: u64 = 16_384;

/// What the machine grants.
pub fn measures() -> Vec<Measure> {
    vec![max_map_count(), open_files(), threads()]
}

fn max_map_count() -> Measure {
    let what = format!("{MAPPINGS} mappings for {MOST_ISOLATES_PER_CORDON} isolates in a cordon");
    at_least("memory mappings", number("/proc/sys/vm/max_map_count"), MAPPINGS, &what)
        .unwrap_or_else(|measure| measure.advice("sysctl -w vm.max_map_count=262144"))
}

fn open_files() -> Measure {
    // `None` is no limit.
    let hard = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    let what = format!("{OPEN_FILES} open files for isolates and connections");
    at_least("open files", Some(hard), OPEN_FILES, &what).unwrap_or_else(|measure| {
        measure.advice("raise the hard limit: LimitNOFILE= in the service's unit, or ulimit -Hn")
    })
}

fn threads() -> Measure {
    let system = number("/proc/sys/kernel/threads-max");
    let cgroup = number("/sys/fs/cgroup/pids.max");
    let user = getrlimit(Resource::Nproc).maximum;
    let least = [system, cgroup, user].into_iter().flatten().min();
    let what = format!("{THREADS} threads, one for each isolate");
    at_least("threads", least, THREADS, &what).unwrap_or_else(|measure| {
        measure.advice("raise TasksMax= in the service's unit, ulimit -Hu, or kernel.threads-max")
    })
}

/// `Err` holds the measure that still needs its advice.
fn at_least(
    name: &'static str,
    found: Option<u64>,
    needed: u64,
    what: &str,
) -> Result<Measure, Measure> {
    match found {
        Some(u64::MAX) => Ok(Measure::new(name, State::InForce, "no limit")),
        Some(found) if found >= needed => {
            Ok(Measure::new(name, State::InForce, format!("{found} (enough: {what})")))
        }
        Some(found) => {
            Err(Measure::new(name, State::Missing, format!("{found}, less than {what}")))
        }
        None => Err(Measure::new(name, State::Unavailable, "cannot be read".to_owned())),
    }
}

/// The number in a file; `None` when there is none, as in a file that says `max`.
fn number(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}
