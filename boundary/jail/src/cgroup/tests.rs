use std::path::{Path, PathBuf};

use std::process::{Command, Stdio};
use std::time::Duration;

use super::find::above_server;
use super::group::{Left, shares};
use super::mounts::{own_group, trees};
use super::{Cgroups, Controller, Group, GroupError, GroupLimits, Place, Readings, Version};

const V2: &str = "29 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
const V1: &str = "\
31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
32 30 0:28 /docker/1 /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
33 30 0:29 / /sys/fs/cgroup/with\\040space rw - cgroup cgroup rw,pids\n\
34 30 0:30 / /proc rw - proc proc rw\n";

#[test]
fn the_group_of_a_process_in_version_2() {
    let trees = trees(V2);
    assert_eq!(trees.len(), 1);
    assert_eq!(trees[0].version, Version::Two);
    let own = own_group(&trees[0], "1:name=systemd:/x\n0::/system.slice/insula.service\n");
    assert_eq!(own, Some(PathBuf::from("/sys/fs/cgroup/system.slice/insula.service")));
}

#[test]
fn the_groups_of_a_process_in_version_1() {
    let trees = trees(V1);
    let groups = "4:cpu,cpuacct:/a\n3:memory:/docker/1/b\n2:pids:/\n0::/\n";
    let own: Vec<_> = trees.iter().map(|tree| own_group(tree, groups)).collect();
    let expected = ["cpu,cpuacct/a", "memory/b", "with space"];
    let expected = expected.map(|path| Some(Path::new("/sys/fs/cgroup").join(path)));
    assert_eq!(own, expected);
}

#[test]
fn a_group_outside_what_is_mounted_is_none() {
    let memory = trees(V1).remove(1);
    assert_eq!(own_group(&memory, "3:memory:/docker/2\n"), None);
    assert_eq!(own_group(&trees(V2)[0], "0::/../other\n"), None);
}

/// Where a server is that has moved there must not count: that group has no controller of the processor.
#[test]
fn a_server_hands_on_from_the_group_that_it_came_from() {
    let above = |path: &str| above_server(PathBuf::from(path)).display().to_string();
    assert_eq!(above("/sys/fs/cgroup/a.service/insula-host/server"), "/sys/fs/cgroup/a.service");
    assert_eq!(above("/sys/fs/cgroup/insula-host/server"), "/sys/fs/cgroup");
    for other in ["/sys/fs/cgroup", "/sys/fs/cgroup/server", "/sys/fs/cgroup/insula-host"] {
        assert_eq!(above(other), other);
    }
}

#[test]
fn a_place_is_known_by_its_text() {
    let path = PathBuf::from("/sys/fs/cgroup/with space");
    for (version, controllers) in [
        (Version::One, vec![Controller::Memory]),
        (Version::Two, Controller::ALL.to_vec()),
        (Version::Two, Vec::new()),
    ] {
        let place = Place { version, path: path.clone(), controllers };
        assert_eq!(Place::parse(&place.to_string()), Some(place));
    }
    for text in ["", "2", "2 memory", "2 memory memory", "3 memory /a", "2 devices /a"] {
        assert_eq!(Place::parse(text), None, "{text}");
    }
}

#[test]
fn weights_are_shares() {
    assert_eq!([1, 100, 10_000].map(shares), [10, 1024, 102_400]);
    assert_eq!(shares(0), shares(1));
}

/// On a machine that lets this user make groups; elsewhere there must be a reason.
#[test]
fn a_group_is_made_read_and_removed() {
    let cgroups = match Cgroups::find(None) {
        Ok(cgroups) => cgroups,
        Err(error) => return assert!(!error.advice().is_empty()),
    };
    let limits = GroupLimits { memory: 64 << 20, pids: 10, cpu_weight: Some(100) };
    let mut group = cgroups.create(&limits).expect("is made");
    let readings = group.readings();
    let counts = |it| cgroups.unavailable().iter().all(|(controller, _)| *controller != it);
    assert_eq!(readings.pids, counts(Controller::Pids).then_some(0));
    assert_eq!(readings.cpu.is_some(), counts(Controller::CpuTime));
    assert_eq!(readings.memory_limit, counts(Controller::Memory).then_some(limits.memory));
    assert_eq!(readings.oom_kills, counts(Controller::Memory).then_some(0));
    // As somebody reads it who has heard of its places and its name only.
    let heard = cgroups.places().iter().map(|place| Place::parse(&place.to_string()));
    let heard: Option<Vec<_>> = heard.collect();
    let heard: Vec<_> = heard.expect("places").iter().map(|it| it.below(group.name())).collect();
    assert_eq!(Readings::of(&heard).memory_limit, readings.memory_limit);
    assert_eq!(Readings::of(&heard).pids, readings.pids);
    group.limit(&GroupLimits { memory: 32 << 20, ..limits }).expect("shrinks");
    group.limit(&GroupLimits { memory: 128 << 20, ..limits }).expect("grows");
    group.remove().expect("is removed");
}

/// Where another cordon's weight must not count, there is no folder with one, unless the same folder counts something.
#[test]
fn a_group_without_a_share_has_no_weight() {
    let Ok(cgroups) = Cgroups::find(None) else { return };
    for place in cgroups.together() {
        let is_counted = place.version == Version::One && place.controllers.len() > 1;
        assert!(is_counted || !place.has(Controller::Cpu), "{place:?}");
    }
    let limits = GroupLimits { memory: 64 << 20, pids: 10, cpu_weight: None };
    let mut group = cgroups.create(&limits).expect("is made");
    let counts = |it| cgroups.unavailable().iter().all(|(controller, _)| *controller != it);
    let readings = group.readings();
    assert_eq!(readings.memory_limit, counts(Controller::Memory).then_some(limits.memory));
    assert_eq!(readings.cpu.is_some(), counts(Controller::CpuTime));
    let expected: Vec<_> =
        cgroups.together().iter().map(|it| it.below(group.name()).path).collect();
    assert_eq!(group.paths(), expected);
    group.remove().expect("is removed");
}

/// Version 2 without controllers, as beside version 1: membership and time.
#[test]
fn a_group_of_version_2_holds_processes_and_counts_their_time() {
    let read = |path: &str| std::fs::read_to_string(path).expect("is mounted");
    let (mounts, groups) = (read("/proc/self/mountinfo"), read("/proc/self/cgroup"));
    let tree = trees(&mounts).into_iter().find(|tree| tree.version == Version::Two);
    let Some(path) = tree.and_then(|tree| own_group(&tree, &groups)) else { return };
    let parent = Place { version: Version::Two, path, controllers: Vec::new() };
    let limits = GroupLimits { memory: 64 << 20, pids: 10, cpu_weight: Some(100) };
    let name = format!("insula-cordon-{}-test", std::process::id());
    let mut group = match Group::create(&[parent], &name, &limits, &Left::default()) {
        // Not ours to make groups in.
        Err(GroupError::Create { .. }) => return,
        group => group.expect("is made"),
    };
    let mut cat = Command::new("cat").stdin(Stdio::piped()).spawn().expect("starts");
    group.attach(cat.id()).expect("attaches");
    let now = read(&format!("/proc/{}/cgroup", cat.id()));
    assert!(now.lines().any(|line| line.starts_with("0::") && line.ends_with(&name)), "{now}");
    drop(cat.stdin.take());
    assert!(cat.wait().expect("ends").success());
    assert!(group.readings().cpu.is_some_and(|time| time > Duration::ZERO));
    group.remove().expect("is removed");
}

#[test]
fn a_group_that_is_dropped_in_use_goes_later() {
    let Ok(cgroups) = Cgroups::find(None) else { return };
    let limits = GroupLimits { memory: 64 << 20, pids: 10, cpu_weight: Some(100) };
    let group = cgroups.create(&limits).expect("is made");
    let paths = group.paths();
    let mut cat = Command::new("cat").stdin(Stdio::piped()).spawn().expect("starts");
    group.attach(cat.id()).expect("attaches");
    drop(group);
    assert!(paths.iter().all(|path| path.exists()), "{paths:?}");
    drop(cat.stdin.take());
    assert!(cat.wait().expect("ends").success());
    // The kernel may take a moment to let go of a process that has been waited for.
    let is_gone = (0..1000).any(|_| {
        drop(cgroups.create(&limits).expect("is made"));
        !paths.iter().any(|path| path.exists())
    });
    assert!(is_gone, "{paths:?}");
}
