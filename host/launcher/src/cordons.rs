//! The cordons that this launcher has started.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use insula_jail::{Cgroups, Group, GroupLimits, Mode};
use rustix::event::{Timespec, poll};
use rustix::fs::FileType;
use rustix::net::SocketType;
use rustix::process::{Pid, PidfdFlags, pidfd_open, setpriority_process};

use crate::packet::DESCRIPTORS;
use crate::{Class, LaunchError, Share, Terms};

/// Cordons at once: far more than a machine holds, and a bound all the same.
const MOST: usize = 4096;

/// The weight of a cordon's group where processors are wanted, for each share; the host's is 100. A low share is as
/// much, but for many: less, and who computes just too much to live with others would have next to nothing.
const OWN_WEIGHT: u16 = 25;
const LOW_WEIGHT: u16 = 25;

/// How nice a cordon with a low share is: where there are no groups that has to do.
const LOW_NICE: i32 = 12;

/// Between two looks at groups whose last process is about to go.
const PAUSE: Timespec = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };
/// Looks at most; what is left then goes with the next start.
const LAST_LOOKS: usize = 400;

pub(crate) struct Cordons {
    binary: PathBuf,
    groups: Option<Cgroups>,
    limits: GroupLimits,
    /// Those that have not been waited for.
    live: BTreeMap<u64, Cordon>,
    /// The largest id so far.
    last: u64,
}

struct Cordon {
    child: Child,
    /// Readable when the process has ended.
    end: OwnedFd,
    /// Removed after the process has ended.
    group: Option<Group>,
}

/// A cordon that has ended.
pub(crate) struct Reaped {
    pub(crate) id: u64,
    pub(crate) status: i32,
    /// Whether the kernel has killed in its group for lack of memory.
    pub(crate) out_of_memory: bool,
}

impl Cordons {
    pub(crate) fn new(binary: &Path, terms: Terms, groups: Option<Cgroups>) -> Self {
        let limits = GroupLimits {
            memory: terms.cordon_memory.unwrap_or(u64::MAX),
            pids: terms.cordon_pids,
            cpu_weight: None,
        };
        Self { binary: binary.to_owned(), groups, limits, live: BTreeMap::new(), last: 0 }
    }

    /// Notes a cordon's id.
    pub(crate) fn note(&mut self, id: u64) -> Result<(), LaunchError> {
        if id <= self.last {
            return Err(LaunchError::UsedId(id));
        }
        self.last = id;
        Ok(())
    }

    /// Starts a cordon in a control group of its own. It waits for the first packet on its control
    /// link, which the host sends when it has heard of the start; so all that it will ever be is
    /// in the group. Returns its process id and what the group is called, nothing if there is none.
    /// The error is for the operator.
    pub(crate) fn spawn(
        &mut self,
        id: u64,
        mode: Mode,
        class: Class,
        share: Share,
        descriptors: Vec<OwnedFd>,
    ) -> Result<(u32, String), String> {
        let [control, log] = fitting(descriptors)?;
        if self.live.len() >= MOST {
            return Err(format!("there are {MOST} cordons already"));
        }
        let cpu_weight = match share {
            Share::None => None,
            Share::Own => Some(OWN_WEIGHT),
            Share::Low => Some(LOW_WEIGHT),
        };
        let limits = GroupLimits { cpu_weight, ..self.limits };
        let group = self.groups.as_ref().map(|groups| groups.create(&limits)).transpose();
        let group = group.map_err(|error| error.to_string())?;
        let mut command = insula_jail::command(&self.binary, control, mode, class != Class::NoJit);
        let spawned = command.stderr(Stdio::from(log)).spawn();
        let child =
            spawned.map_err(|error| format!("cannot run {}: {error}", self.binary.display()))?;
        let pid = child.id();
        if share == Share::Low {
            // It is one thread still, and what it starts is as nice. A matter of speed and no wall.
            let _ = setpriority_process(pid_of(pid), LOW_NICE);
        }
        match watch(pid, group.as_ref()) {
            Ok(end) => {
                let name = group.as_ref().map_or_else(String::new, |it| it.name().to_owned());
                self.live.insert(id, Cordon { child, end, group });
                Ok((pid, name))
            }
            Err(why) => {
                end_now(child);
                Err(why)
            }
        }
    }

    /// Ends a cordon, if it lives.
    pub(crate) fn kill(&mut self, id: u64) {
        if let Some(cordon) = self.live.get_mut(&id) {
            // It has not been waited for, so its process id is no other's.
            let _ = cordon.child.kill();
        }
    }

    /// What is readable when a cordon has ended, in the order of ids.
    pub(crate) fn ends(&self) -> impl Iterator<Item = (u64, BorrowedFd<'_>)> {
        self.live.iter().map(|(id, cordon)| (*id, cordon.end.as_fd()))
    }

    /// Waits for those among `ended` that have, removes their groups, and says how they ended.
    pub(crate) fn reap(&mut self, ended: &[u64]) -> Vec<Reaped> {
        let mut reaped = Vec::new();
        for id in ended {
            let status = self.live.get_mut(id).map(|cordon| cordon.child.try_wait());
            if let Some(Ok(Some(status))) = status {
                // Its group goes with it, and what that has counted.
                let group = self.live.remove(id).and_then(|cordon| cordon.group);
                let kills = group.and_then(|group| group.readings().oom_kills);
                let out_of_memory = kills.is_some_and(|kills| kills > 0);
                reaped.push(Reaped { id: *id, status: status.into_raw(), out_of_memory });
            }
        }
        reaped
    }
}

impl Drop for Cordons {
    fn drop(&mut self) {
        for cordon in self.live.values_mut() {
            let _ = cordon.child.kill();
        }
        while let Some((_, mut cordon)) = self.live.pop_first() {
            let _ = cordon.child.wait();
        }
        // What was waited for are relays; the cordons, which die with them, may take a moment
        // longer to leave their groups.
        let left = |groups: &Cgroups| !groups.remove_left();
        for _ in 0..LAST_LOOKS {
            if !self.groups.as_ref().is_some_and(left) || poll(&mut [], Some(&PAUSE)).is_err() {
                break;
            }
        }
    }
}

/// The process behind `pid`, which is this process's child and not waited for; once it is in its
/// group.
fn watch(pid: u32, group: Option<&Group>) -> Result<OwnedFd, String> {
    if let Some(group) = group {
        group.attach(pid).map_err(|error| error.to_string())?;
    }
    let pid = pid_of(pid).ok_or("it has no process id")?;
    pidfd_open(pid, PidfdFlags::empty()).map_err(|error| format!("cannot watch it: {error}"))
}

fn pid_of(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

fn end_now(mut child: Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// A control link and a pipe, if that is what came.
fn fitting(descriptors: Vec<OwnedFd>) -> Result<[OwnedFd; DESCRIPTORS], String> {
    let refused = || "a cordon needs a control link and a pipe".to_owned();
    let [control, log]: [OwnedFd; DESCRIPTORS] = descriptors.try_into().map_err(|_| refused())?;
    let is_link = matches!(rustix::net::sockopt::socket_type(&control), Ok(SocketType::SEQPACKET));
    let is_pipe = rustix::fs::fstat(&log)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Fifo);
    if is_link && is_pipe { Ok([control, log]) } else { Err(refused()) }
}
