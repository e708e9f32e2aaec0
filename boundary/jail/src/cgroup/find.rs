use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::group::{Left, remove_left};
use super::mounts::{Tree, own_group, trees};
use super::{Controller, Group, GroupError, GroupLimits, Place, Unavailable, Version};

/// What the groups of cordons are called: this, the supervisor's process id, and a number.
const PREFIX: &str = "insula-cordon-";

/// The group of version 2 that has the host's share of the processor: the host, and the cordons without a
/// share of their own. It hands on all controllers but that of the processor.
const HOST: &str = "insula-host";

/// Where the host itself is in it: a group that hands anything on has no processes.
const SERVER: &str = "server";

/// The place where groups for cordons are made.
#[derive(Debug)]
pub struct Cgroups {
    /// Under each of these there is a group for each cordon with a share of the processor.
    parents: Vec<Place>,
    /// The same for those without.
    together: Vec<Place>,
    unavailable: Vec<(Controller, Unavailable)>,
    left: Left,
}

impl Cgroups {
    /// Finds the trees of this machine and prepares this process's place in them. In version 2
    /// this process moves into a group of its own, `insula-host/server`, below the one that it is in,
    /// and takes its `companion` along, the process that started it: to be called once, before it
    /// has children.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] when no controller can be used at all, with the reason for the first.
    pub fn find(companion: Option<u32>) -> Result<Self, Unavailable> {
        let mut found = Self::search(companion)?;
        if found.parents.is_empty() {
            let (_, first) = found.unavailable.swap_remove(0);
            return Err(first);
        }
        for parent in found.parents.iter().chain(&found.together) {
            sweep(&parent.path);
        }
        Ok(found)
    }

    /// Like [`find`](Self::find), with a reason for each controller even if there is none at all.
    pub(crate) fn search(companion: Option<u32>) -> Result<Self, Unavailable> {
        let mounts = read_proc("/proc/self/mountinfo")?;
        let groups = read_proc("/proc/self/cgroup")?;
        let trees = trees(&mounts);
        let mut found = Self {
            parents: Vec::new(),
            together: Vec::new(),
            unavailable: Vec::new(),
            left: Left::default(),
        };
        for controller in Controller::ALL {
            let parent = parent_for(controller, companion, &trees, &groups, &mut found.parents);
            if let Err(error) = parent {
                found.unavailable.push((controller, error));
            }
        }
        found.together = found.parents.iter().filter_map(without_share).collect();
        Ok(found)
    }

    /// The controllers that cannot be used here, and why.
    pub fn unavailable(&self) -> &[(Controller, Unavailable)] {
        &self.unavailable
    }

    /// Where the groups are made that have a share of the processor: each has a folder of its
    /// [name](Group::name) in each of these.
    pub fn places(&self) -> &[Place] {
        &self.parents
    }

    /// The same for groups without a share.
    pub fn together(&self) -> &[Place] {
        &self.together
    }

    /// Makes a group with `limits`, as far as there are controllers for them.
    ///
    /// # Errors
    ///
    /// [`GroupError`]; what was made is gone again.
    pub fn create(&self, limits: &GroupLimits) -> Result<Group, GroupError> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}{}-{number}", std::process::id());
        let parents = if limits.cpu_weight.is_some() { &self.parents } else { &self.together };
        Group::create(parents, &name, limits, &self.left)
    }

    /// Tries again to remove groups that were dropped while a process was in them. Returns whether
    /// all of them are gone.
    pub fn remove_left(&self) -> bool {
        remove_left(&self.left)
    }
}

/// Finds the group that hands `controller` on, and notes it among `parents`.
fn parent_for(
    controller: Controller,
    companion: Option<u32>,
    trees: &[Tree],
    groups: &str,
    parents: &mut Vec<Place>,
) -> Result<(), Unavailable> {
    let mut reason = Unavailable::NotMounted(controller);
    if controller == Controller::CpuTime && parents.iter().any(|p| p.version == Version::Two) {
        return Ok(());
    }
    for tree in trees.iter().filter(|tree| tree.version == Version::Two) {
        let Some(own) = own_group(tree, groups).map(above_server) else { continue };
        if !has_controller(&own, controller) {
            continue;
        }
        match hand_on(&own, controller, companion) {
            Err(error) => reason = error,
            Ok(()) => {
                note(parents, Version::Two, own, controller);
                return Ok(());
            }
        }
    }
    for tree in trees.iter().filter(|tree| tree.has(controller.name())) {
        let Some(own) = own_group(tree, groups) else { continue };
        match may_make_groups(&own) {
            Err(error) => reason = error,
            Ok(()) => {
                note(parents, Version::One, own, controller);
                return Ok(());
            }
        }
    }
    Err(reason)
}

/// Where there are groups below or beside `parent` whose threads are among the host's. `None` where nothing else
/// is counted or limited: there such a cordon stays where the host is.
fn without_share(parent: &Place) -> Option<Place> {
    let Place { version, path, controllers } = parent.clone();
    let others = || controllers.iter().copied().filter(|it| *it != Controller::Cpu).collect();
    match version {
        Version::Two => Some(Place { version, path: path.join(HOST), controllers: others() }),
        Version::One if controllers == [Controller::Cpu] => None,
        Version::One => Some(Place { version, path, controllers }),
    }
}

fn note(parents: &mut Vec<Place>, version: Version, path: PathBuf, controller: Controller) {
    match parents.iter_mut().find(|parent| parent.path == path) {
        Some(parent) => parent.controllers.push(controller),
        None => parents.push(Place { version, path, controllers: vec![controller] }),
    }
}

/// Whether the group `own` of version 2 may use `controller`.
fn has_controller(own: &Path, controller: Controller) -> bool {
    let names = fs::read_to_string(own.join("cgroup.controllers")).unwrap_or_default();
    names.split_whitespace().any(|name| name == controller.name())
}

/// The group of version 2 that hands on what a process in `own` needs. A process that has asked before, or was started
/// where a server had been, is in the group that was made then, which does not have the processor's controller.
pub(super) fn above_server(own: PathBuf) -> PathBuf {
    let server = Path::new(HOST).join(SERVER);
    match own.ends_with(&server) {
        true => own.ancestors().nth(server.iter().count()).unwrap_or(&own).to_owned(),
        false => own,
    }
}

/// Makes the version 2 group `parent`, which this process is in or was, hand `controller` on to groups below it.
fn hand_on(
    parent: &Path,
    controller: Controller,
    companion: Option<u32>,
) -> Result<(), Unavailable> {
    may_make_groups(parent)?;
    let shared = |source| Unavailable::Shared { path: parent.to_owned(), controller, source };
    vacate(parent, companion).map_err(shared)?;
    let switch_on = |group: &Path| {
        fs::write(group.join("cgroup.subtree_control"), format!("+{}", controller.name()))
    };
    switch_on(parent).map_err(shared)?;
    match controller {
        Controller::Cpu => Ok(()),
        _ => switch_on(&parent.join(HOST)).map_err(shared),
    }
}

/// Moves this process and its `companion` out of `parent` and into a group below it. Fails if
/// others are in it too, and leaves everything as it was; but for the root, which may have processes.
///
/// Some controllers can be handed on by a group with processes, but that makes it threaded, and
/// groups below it useless for processes.
fn vacate(parent: &Path, companion: Option<u32>) -> io::Result<()> {
    let (host, server) = (parent.join(HOST), parent.join(HOST).join(SERVER));
    // Whoever has gone there is not to go again: that would be this process, for another controller.
    if server.exists() && !is_inhabited(parent)? {
        return Ok(());
    }
    for group in [&host, &server] {
        match fs::create_dir(group) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    move_to(&server, companion)?;
    // Only the root has no type.
    if parent.join("cgroup.type").exists() && is_inhabited(parent)? {
        move_to(parent, companion)?;
        let _ = fs::remove_dir(&server).and_then(|()| fs::remove_dir(&host));
        return Err(io::ErrorKind::ResourceBusy.into());
    }
    Ok(())
}

fn is_inhabited(group: &Path) -> io::Result<bool> {
    fs::read_to_string(group.join("cgroup.procs")).map(|ids| !ids.trim().is_empty())
}

fn move_to(group: &Path, companion: Option<u32>) -> io::Result<()> {
    let procs = group.join("cgroup.procs");
    // What the kernel calls this process.
    fs::write(&procs, "0")?;
    companion.map_or(Ok(()), |pid| fs::write(&procs, pid.to_string()))
}

/// Whether this process can make a group in `parent` and put processes into it.
fn may_make_groups(parent: &Path) -> Result<(), Unavailable> {
    let denied = |source| Unavailable::NotDelegated { path: parent.to_owned(), source };
    let probe = parent.join(format!("{PREFIX}{}-probe", std::process::id()));
    fs::create_dir(&probe).map_err(denied)?;
    let opened = fs::OpenOptions::new().write(true).open(probe.join("cgroup.procs"));
    let removed = fs::remove_dir(&probe);
    opened.map_err(denied)?;
    removed.map_err(denied)
}

/// Removes what servers that were killed have left; groups with processes stay.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next());
        // A server that lives may be about to use an empty one.
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _ = fs::remove_dir(entry.path());
        }
    }
}

fn read_proc(path: &'static str) -> Result<String, Unavailable> {
    fs::read_to_string(path).map_err(|source| Unavailable::Proc { path, source })
}
