//! What this machine allows, found out by doing it in a process to throw away.

mod child;
mod host;
mod rows;

pub use host::probe_host;

use crate::cgroup::{Cgroups, Controller, GroupLimits};
use crate::measures::Measure;

/// Limits that every machine can give: the group is empty.
const SMALL: GroupLimits = GroupLimits { memory: 64 << 20, pids: 16, cpu_weight: Some(100) };

/// Every measure of the wall, in force or not on this machine, for this user.
///
/// A child process locks itself in as a cordon does and then makes a forbidden system call; a
/// cgroup is made and removed. Takes some milliseconds.
///
/// `companion` is that of [`Cgroups::find`].
pub fn probe(companion: Option<u32>) -> Vec<Measure> {
    let mut measures = rows::always();
    measures.extend(rows::of(&child::run()));
    measures.extend(cgroups(companion));
    measures
}

fn cgroups(companion: Option<u32>) -> Vec<Measure> {
    let wanted = [
        (
            Controller::Memory,
            "memory cgroup",
            "a cordon's memory is bounded whatever happens in it",
        ),
        (Controller::Pids, "pids cgroup", "a cordon's threads are bounded whatever happens in it"),
        (Controller::Cpu, "cpu cgroup", "a busy cordon leaves the others their share"),
    ];
    let found = Cgroups::search(companion);
    // A limit that cannot be set is a controller that cannot be used, whatever else is there.
    let made = found.as_ref().ok().map(|cgroups| cgroups.create(&SMALL));
    let problem = |controller| match (&found, &made) {
        (Err(error), _) => Some((error.to_string(), error.advice())),
        (Ok(cgroups), made) => {
            let unavailable = cgroups.unavailable().iter().find(|(of, _)| *of == controller);
            match (unavailable, made) {
                (Some((_, error)), _) => Some((error.to_string(), error.advice())),
                (None, Some(Err(error))) => Some((error.to_string(), GROUP_ADVICE)),
                (None, _) => None,
            }
        }
    };
    let row = |(controller, name, why): (Controller, &'static str, &str)| match problem(controller)
    {
        None => Measure::in_force(name, why),
        Some((why, advice)) => Measure::unavailable(name, why, advice),
    };
    wanted.into_iter().map(row).collect()
}

const GROUP_ADVICE: &str = "give the user of insula a cgroup of its own (Delegate=yes)";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::State;

    #[test]
    fn each_row_is_in_force_or_says_what_to_do() {
        let measures = probe(None);
        for measure in &measures {
            let in_force = measure.state == State::InForce;
            assert_eq!(in_force, measure.advice.is_empty(), "{measure:?}");
            assert!(!measure.why.is_empty(), "{measure:?}");
        }
        let mut names: Vec<_> = measures.iter().map(|measure| &measure.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), measures.len());
    }
}
