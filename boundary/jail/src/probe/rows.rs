use super::child::{Outcome, ROWS, Row};
use crate::Landlock;
use crate::measures::Measure;

/// What holds on every machine.
pub(super) fn always() -> Vec<Measure> {
    [
        ("own process", "tenant code runs outside the server's process; a crash ends one cordon"),
        ("empty environment", "a cordon that sees a variable of the server's does not start"),
        ("inherited descriptors", "a cordon has its control link, its log and its isolates' links"),
    ]
    .map(|(name, why)| Measure::in_force(name, why))
    .into()
}

/// A row for each step that may fail.
pub(super) fn of(outcome: &Outcome) -> Vec<Measure> {
    ROWS.iter().map(|row| measure(*row, outcome)).collect()
}

fn measure(row: Row, outcome: &Outcome) -> Measure {
    let (name, why) = text(row, outcome.privileged);
    let unavailable = |why, advice: &str| Measure::unavailable(name, why, advice);
    if let Some(error) = &outcome.broken {
        let advice = "allow more processes (ulimit -u, TasksMax=, pids.max) and try again";
        return unavailable(format!("could not be tried: {error}"), advice);
    }
    if let Some((_, why, advice)) = outcome.failed.iter().find(|(of, ..)| *of == row) {
        return unavailable(why.clone(), advice);
    }
    match (row, outcome.landlock) {
        (Row::Landlock, Landlock::Missing) => {
            let advice = "run Linux 5.13 or later with landlock in lsm=";
            unavailable("the kernel does not offer it".to_owned(), advice)
        }
        (Row::Landlock, Landlock::Partial { abi }) => {
            Measure::in_force(name, &format!("{why}; as far as version {abi} of it goes"))
        }
        (Row::Filter, _) if !outcome.killed => {
            let advice = "run a kernel with CONFIG_SECCOMP_FILTER";
            unavailable("a forbidden system call did not end the process".to_owned(), advice)
        }
        _ => Measure::in_force(name, why),
    }
}

fn text(row: Row, privileged: bool) -> (&'static str, &'static str) {
    match row {
        Row::User if privileged => {
            ("own user", "a cordon runs as an unprivileged user that nothing else runs as")
        }
        Row::User => ("own user", "a cordon is nobody in a user namespace of its own"),
        Row::Files => ("no files", "a cordon's root is an empty, read-only folder"),
        Row::Network => ("no network", "a cordon's only network interface is a loopback, down"),
        Row::Ipc => ("own IPC", "a cordon sees no message queues and semaphores of others"),
        Row::HostName => ("own host name", "a cordon does not know what the host is called"),
        Row::CgroupView => ("own cgroup view", "a cordon does not see how the host is organised"),
        Row::Processes => ("own processes", "a cordon sees no process but itself"),
        Row::Limits => ("resource limits", "no core files, no files written, bounded descriptors"),
        Row::NoNewPrivileges => ("no new privileges", "executing a set-uid file gains nothing"),
        Row::Capabilities => {
            ("no capabilities", "a cordon has no right of root's, nor a way to one")
        }
        Row::NotDumpable => {
            ("not dumpable", "no core dumps; no tracing by processes of the same user")
        }
        Row::EndsWithParent => {
            ("dies with the server", "a cordon is killed by the kernel when its supervisor ends")
        }
        Row::Landlock => ("Landlock", "files, ports and signals are forbidden once more"),
        Row::Filter => {
            ("system call filter", "the kernel kills a cordon for any system call not on a list")
        }
    }
}
