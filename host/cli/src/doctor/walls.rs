use insula_jail::State as JailState;
use insula_supervisor::WallsConfig;

use super::{Measure, State};

/// Walls that `insula serve` can do without: others stand before them, and not every kernel and
/// not every user has them.
const OPTIONAL: [&str; 4] = ["Landlock", "memory cgroup", "pids cgroup", "cpu cgroup"];

/// Bytes of memory for one cordon when the machine does not say how much it has.
const FALLBACK_MEMORY: u64 = 2 << 30;

/// What stands around a cordon on this machine, found out by trying.
pub fn measures() -> Vec<Measure> {
    insula_jail::probe().into_iter().map(Measure::from).collect()
}

/// What every cordon is started behind.
pub fn walls(lenient: bool) -> WallsConfig {
    WallsConfig { lenient, cordon_memory: Some(cordon_memory()) }
}

/// What is missing of the walls, as `(required, optional)` rows.
pub fn missing() -> (Vec<Measure>, Vec<Measure>) {
    let missing = measures().into_iter().filter(|measure| measure.state != State::InForce);
    missing.partition(|measure| measure.required)
}

/// The last resort against a cordon that grows: three quarters of the machine.
fn cordon_memory() -> u64 {
    let total = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        line.trim().strip_suffix(" kB")?.parse::<u64>().ok()
    });
    total.map_or(FALLBACK_MEMORY, |kilobytes| kilobytes * 1024 / 4 * 3)
}

impl From<insula_jail::Measure> for Measure {
    fn from(measure: insula_jail::Measure) -> Self {
        let state = match measure.state {
            JailState::InForce => State::InForce,
            JailState::Unavailable => State::Unavailable,
        };
        let required = !OPTIONAL.contains(&measure.name);
        let row = Self::new(measure.name, state, measure.why).advice(measure.advice);
        if required { row.required() } else { row }
    }
}
