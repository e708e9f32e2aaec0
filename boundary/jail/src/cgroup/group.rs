use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Controller, GroupError, Place, Readings, Version};

/// What a cordon may use at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupLimits {
    /// Bytes of memory, the kernel's on behalf of the cordon included. There is no swap besides.
    pub memory: u64,
    /// Processes and threads.
    pub pids: u64,
    /// The share of the processor where more is wanted than there is, beside 100 for the host: 1 is
    /// the least and 10,000 the most. With `None` there is no share for the group: its threads are
    /// among the host's, and each of them counts by itself.
    pub cpu_weight: Option<u16>,
}

/// The weight that a group has from the kernel, and with it the host's.
const USUAL_WEIGHT: u16 = 100;

/// One cordon's group. Removed when it is dropped, or as soon as it is empty after that.
#[derive(Debug)]
pub struct Group {
    name: String,
    /// One folder for each tree.
    places: Vec<Place>,
    left: Left,
}

/// Folders of groups that were dropped while a process was in them: one that was killed a moment
/// ago still is. They go with the next group that is made or dropped.
pub(super) type Left = Arc<Mutex<Vec<PathBuf>>>;

impl Group {
    pub(super) fn create(
        parents: &[Place],
        name: &str,
        limits: &GroupLimits,
        left: &Left,
    ) -> Result<Self, GroupError> {
        remove_left(left);
        let mut group = Self { name: name.to_owned(), places: Vec::new(), left: Arc::clone(left) };
        for parent in parents {
            let place = parent.below(name);
            create(&place.path)
                .map_err(|source| GroupError::Create { path: place.path.clone(), source })?;
            group.places.push(place);
        }
        for place in &group.places {
            place.limit(limits)?;
        }
        Ok(group)
    }

    /// What its folder is called in each of [`Cgroups::places`](super::Cgroups::places), or of
    /// [`Cgroups::together`](super::Cgroups::together) if it has no share of the processor.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Puts the process `pid` into the group, with all its threads; what it starts from now on is
    /// in the group too.
    ///
    /// # Errors
    ///
    /// [`GroupError::Write`]; the process may be gone.
    pub fn attach(&self, pid: u32) -> Result<(), GroupError> {
        self.places.iter().try_for_each(|place| write(&place.path, "cgroup.procs", pid))
    }

    /// Changes the limits. A cordon that uses more memory than the new limit is killed by the
    /// kernel in version 2; in version 1 the change fails.
    ///
    /// # Errors
    ///
    /// [`GroupError::Write`].
    pub fn limit(&self, limits: &GroupLimits) -> Result<(), GroupError> {
        self.places.iter().try_for_each(|place| place.limit(limits))
    }

    /// What the group uses and has used.
    pub fn readings(&self) -> Readings {
        Readings::of(&self.places)
    }

    /// Removes the group. When that fails because a process is still in it, it can be tried again.
    ///
    /// # Errors
    ///
    /// [`GroupError::Remove`]; what could be removed is gone.
    pub fn remove(&mut self) -> Result<(), GroupError> {
        let mut result = Ok(());
        self.places.retain(|place| match remove(&place.path) {
            Ok(()) => false,
            Err(source) => {
                result = Err(GroupError::Remove { path: place.path.clone(), source });
                true
            }
        });
        result
    }
}

#[cfg(test)]
impl Group {
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.places.iter().map(|place| place.path.clone()).collect()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.remove().is_err() {
            let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
            left.extend(self.places.drain(..).map(|place| place.path));
        }
        remove_left(&self.left);
    }
}

pub(super) fn remove_left(left: &Left) -> bool {
    let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
    left.retain(|path| remove(path).is_err());
    left.is_empty()
}

/// Makes a folder that everybody may look into, whatever this process's umask is: the files in it
/// are as the kernel makes them, and who reads them may be another user.
fn create(path: &Path) -> io::Result<()> {
    fs::create_dir(path)?;
    // Limits hold without it.
    let _ = fs::set_permissions(path, Permissions::from_mode(0o755));
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Place {
    fn limit(&self, limits: &GroupLimits) -> Result<(), GroupError> {
        for controller in &self.controllers {
            match (controller, self.version) {
                (Controller::Memory, Version::Two) => {
                    write(&self.path, "memory.max", limits.memory)?;
                    // A part of a cordon is of no use: its end is everybody's end.
                    write_if_there(&self.path, "memory.oom.group", 1)?;
                    write_if_there(&self.path, "memory.swap.max", 0)?;
                }
                (Controller::Memory, Version::One) => self.limit_memory_one(limits.memory)?,
                (Controller::Pids, _) => write(&self.path, "pids.max", limits.pids)?,
                (Controller::Cpu, version) => {
                    // Where its own folder counts the time, it cannot be without a share.
                    let weight = limits.cpu_weight.unwrap_or(USUAL_WEIGHT).clamp(1, 10_000);
                    match version {
                        Version::Two => write(&self.path, "cpu.weight", weight)?,
                        Version::One => write(&self.path, "cpu.shares", shares(weight))?,
                    }
                }
                (Controller::CpuTime, _) => {}
            }
        }
        Ok(())
    }

    /// Version 1 holds the limit of memory below that of memory and swap at every moment, so the
    /// order of a change depends on its direction.
    fn limit_memory_one(&self, bytes: u64) -> Result<(), GroupError> {
        write_if_there(&self.path, "memory.swappiness", 0)?;
        let both = "memory.memsw.limit_in_bytes";
        let grows = write_if_there(&self.path, both, bytes);
        write(&self.path, "memory.limit_in_bytes", bytes)?;
        match grows {
            Ok(()) => Ok(()),
            Err(_) => write_if_there(&self.path, both, bytes),
        }
    }
}

/// A weight of version 2, whose middle is 100, in version 1, whose middle is 1,024.
pub(super) fn shares(weight: u16) -> u64 {
    (u64::from(weight.clamp(1, 10_000)) * 1024 / 100).max(2)
}

fn write(group: &Path, file: &str, value: impl ToString) -> Result<(), GroupError> {
    let path = group.join(file);
    fs::write(&path, value.to_string()).map_err(|source| GroupError::Write { path, source })
}

/// Files that some kernels do not have.
fn write_if_there(group: &Path, file: &str, value: impl ToString) -> Result<(), GroupError> {
    match write(group, file, value) {
        Err(GroupError::Write { source, .. }) if is_missing(&source) => Ok(()),
        result => result,
    }
}

fn is_missing(error: &io::Error) -> bool {
    // Creating a file, which is what writing a missing one means, is what the kernel forbids here.
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied)
}
