use insula_jail::State as JailState;

use super::{Measure, State};

/// Walls that `insula serve` can do without: others stand before them, and not every kernel and
/// not every user has them.
const OPTIONAL: [&str; 4] = ["Landlock", "memory cgroup", "pids cgroup", "cpu cgroup"];

/// What the jail found out by trying, as rows.
pub fn rows(found: &[insula_jail::Measure]) -> Vec<Measure> {
    found.iter().cloned().map(Measure::from).collect()
}

/// What is missing of the walls that a launcher has tried, as `(required, optional)` rows.
pub fn missing(found: &[insula_jail::Measure]) -> (Vec<Measure>, Vec<Measure>) {
    let missing = rows(found).into_iter().filter(|measure| measure.state != State::InForce);
    missing.partition(|measure| measure.required)
}

impl From<insula_jail::Measure> for Measure {
    fn from(measure: insula_jail::Measure) -> Self {
        let state = match measure.state {
            JailState::InForce => State::InForce,
            JailState::Unavailable => State::Unavailable,
        };
        let required = !OPTIONAL.contains(&&*measure.name);
        let row = Self::new(measure.name, state, measure.why).advice(measure.advice);
        if required { row.required() } else { row }
    }
}
