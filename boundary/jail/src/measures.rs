//! The measures of the wall, as rows for an operator.

/// Whether a measure protects cordons on this machine, in this build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Every cordon has it.
    InForce,
    /// This build does not have it yet.
    Missing,
    /// This build has it, the machine does not allow it.
    Unavailable,
}

/// One measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Its short name.
    pub name: &'static str,
    /// Whether it protects.
    pub state: State,
    /// What it protects against, or why it does not.
    pub why: String,
    /// What an operator can do; empty when there is nothing to do.
    pub advice: String,
}

impl Measure {
    pub(crate) fn in_force(name: &'static str, why: &str) -> Self {
        Self { name, state: State::InForce, why: why.to_owned(), advice: String::new() }
    }

    pub(crate) fn unavailable(name: &'static str, why: String, advice: &str) -> Self {
        Self { name, state: State::Unavailable, why, advice: advice.to_owned() }
    }
}

/// All measures of [`enter`](crate::enter), those in force first; [`probe`](crate::probe) has
/// those of [`confine`](crate::confine).
pub fn measures() -> Vec<Measure> {
    let in_force = [
        ("own process", "tenant code runs outside the server's process; a crash ends one cordon"),
        ("empty environment", "a cordon sees no variable of the server's"),
        ("inherited descriptors", "a cordon has its control link and its isolates' links, no more"),
        ("dies with the server", "a cordon is killed by the kernel when its supervisor ends"),
        ("no new privileges", "executing a set-uid file gains nothing"),
        ("not dumpable", "no core dumps; no tracing by processes of the same user"),
        ("resource limits", "no core files, no files written, bounded descriptors"),
        ("CPU limit", "a request that computes too long is ended by the watchdog"),
        ("engine heap limit", "an isolate that grows too far is ended"),
    ];
    let missing = [
        ("namespaces", "a cordon shares the host's users, mounts, processes and network"),
        ("system call filter", "a compromised cordon can make any system call its user may make"),
        ("Landlock", "a compromised cordon can open the files its user may open"),
        ("cgroup", "memory outside the engine's heap is not bounded"),
        ("privilege drop", "a cordon runs as the user who started the server"),
    ];
    let row = |state, advice: &str, (name, why): (&'static str, &str)| Measure {
        name,
        state,
        why: why.to_owned(),
        advice: advice.to_owned(),
    };
    let advice = "run only code that you trust, as an unprivileged user";
    in_force
        .into_iter()
        .map(|measure| row(State::InForce, "", measure))
        .chain(missing.into_iter().map(|measure| row(State::Missing, advice, measure)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_in_force_comes_with_advice() {
        for measure in measures() {
            assert_eq!(measure.state == State::InForce, measure.advice.is_empty(), "{measure:?}");
        }
    }
}
