use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use insula_jail::{Cgroups, Group, GroupLimits};

use rustix::event::{Timespec, poll};

use crate::prison::{User, start};

const LIMITS: GroupLimits = GroupLimits { memory: 48 << 20, pids: 24, cpu_weight: Some(100) };

/// `None` on a machine where this user may not make groups.
fn group() -> Option<Group> {
    let cgroups = Cgroups::find(None).ok()?;
    cgroups.unavailable().is_empty().then(|| cgroups.create(&LIMITS).expect("a group"))
}

#[test]
fn a_cordon_that_takes_too_much_memory_is_killed() {
    let Some(mut group) = group() else { return };
    let cell = start(User::Own, &["end", "memory"]);
    group.attach(cell.pid()).expect("attaches");
    cell.speak();
    assert_eq!(cell.end().status.signal(), Some(libc::SIGKILL));
    let readings = group.readings();
    assert!(readings.oom_kills.is_some_and(|kills| kills > 0), "{readings:?}");
    assert!(readings.memory_peak.is_none_or(|peak| peak <= LIMITS.memory), "{readings:?}");
    assert!(is_removed(&mut group));
}

#[test]
fn a_cordon_does_not_get_more_threads_than_its_group_has() {
    let Some(mut group) = group() else { return };
    let cell = start(User::Own, &["end", "threads"]);
    group.attach(cell.pid()).expect("attaches");
    cell.speak();
    let log = cell.end().log;
    let threads = log.trim().strip_prefix("threads=").and_then(|n| n.parse::<u64>().ok());
    // The two processes are counted, too.
    assert_eq!(threads, Some(LIMITS.pids - 2), "{log}");
    assert!(is_removed(&mut group));
}

#[test]
fn what_a_cordon_uses_is_read_from_outside() {
    let Some(mut group) = group() else { return };
    let mut cell = start(User::Own, &["end", "busy"]);
    group.attach(cell.pid()).expect("attaches");
    cell.speak();
    assert_eq!(cell.hear(), "busy\n");
    let readings = group.readings();
    assert_eq!(readings.pids, Some(2));
    assert!(readings.memory.is_some_and(|bytes| bytes > 0), "{readings:?}");
    assert!(readings.cpu.is_some_and(|time| time >= Duration::from_millis(50)), "{readings:?}");
    cell.kill();
    cell.end();
    assert!(is_removed(&mut group));
}

/// A process that was killed a moment ago may still be in its group.
fn is_removed(group: &mut Group) -> bool {
    let moment = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };
    (0..1000).any(|_| {
        let removed = group.remove();
        removed.is_ok() || poll(&mut [], Some(&moment)).is_err()
    })
}
