use std::fmt;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// What a part of the kernel counts and limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Controller {
    /// Bytes of memory.
    Memory,
    /// Processes and threads.
    Pids,
    /// Shares of the processor.
    Cpu,
    /// Processor time used; a controller of its own in version 1 only.
    CpuTime,
}

impl Controller {
    pub(crate) const ALL: [Self; 4] = [Self::Memory, Self::Pids, Self::Cpu, Self::CpuTime];

    /// The kernel's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Pids => "pids",
            Self::Cpu => "cpu",
            Self::CpuTime => "cpuacct",
        }
    }
}

impl fmt::Display for Controller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a controller, or all of them, cannot be used. The operator's machine decides that.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// The process cannot find out in which cgroup it is.
    #[error("cannot read {path}: {source}")]
    Proc {
        /// The file.
        path: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// No tree has the controller.
    #[error("no mounted cgroup tree has the {0} controller")]
    NotMounted(Controller),
    /// The tree is there, and does not belong to this user.
    #[error("may not make a group in {path}: {source}")]
    NotDelegated {
        /// The group of this process.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// In version 2 a group with processes has no groups with limits below it, and this process
    /// cannot clear its own because others share it.
    #[error("{path} cannot hand the {controller} controller on: {source}")]
    Shared {
        /// The group of this process.
        path: PathBuf,
        /// The controller.
        controller: Controller,
        /// What the system said.
        source: io::Error,
    },
}

impl Unavailable {
    /// What an operator can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Proc { .. } => "mount /proc",
            Self::NotMounted(_) => "mount cgroup v2 at /sys/fs/cgroup with all its controllers",
            Self::NotDelegated { .. } | Self::Shared { .. } => {
                "run insula as a systemd service with Delegate=yes, or with \
                 `systemd-run --user --scope -p Delegate=yes`, or as root"
            }
        }
    }
}

/// A group that does not do what it should.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GroupError {
    /// The group could not be made.
    #[error("cannot make the cgroup {path}: {source}")]
    Create {
        /// The group.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A limit could not be set, or a process not put into the group.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The group could not be removed: a process lives in it.
    #[error("cannot remove the cgroup {path}: {source}")]
    Remove {
        /// The group.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
