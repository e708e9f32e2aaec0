use std::fmt;
use std::io;
use std::os::fd::RawFd;

use caps::errors::CapsError;
use landlock::RulesetError;
use rustix::io::Errno;
use thiserror::Error;

/// Which step failed.
///
/// The first six are a mistake of who started the process; all others mean that the operator's
/// machine does not allow the step, and [`advice`](Self::advice) says what helps.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JailError {
    /// Standard input is not what a supervisor gives: somebody started the binary by hand.
    #[error("standard input is not a control link; insula-cordon is started by `insula serve`")]
    NoControlLink,
    /// There are threads already, which most steps would not hold for.
    #[error("there are {0} threads; a jail is entered with one")]
    Threads(usize),
    /// The environment holds something, perhaps a secret.
    #[error("the environment is not empty")]
    Environment,
    /// This process has opened something that would reach through the walls.
    #[error("descriptor {0} was opened before the walls stand")]
    Opened(RawFd),
    /// The standard streams could not be arranged.
    #[error("cannot arrange the standard streams: {0}")]
    StandardStreams(Errno),
    /// The supervisor ended before the walls stood.
    #[error("the supervisor is gone")]
    SupervisorGone,
    /// The process could not look at itself.
    #[error("cannot read {path}: {source}")]
    Proc {
        /// The file.
        path: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The first word of the supervisor could not be waited for.
    #[error("cannot wait for the supervisor: {0}")]
    FirstWord(Errno),
    /// The process could not be tied to its supervisor's life.
    #[error("cannot ask to be ended with the supervisor: {0}")]
    ParentDeathSignal(Errno),
    /// A namespace could not be made.
    #[error("cannot make a new {which} namespace: {source}")]
    Namespace {
        /// Which one.
        which: Namespace,
        /// What the kernel said.
        source: Errno,
    },
    /// The user namespace got no users.
    #[error("cannot write {path}: {source}")]
    UserMap {
        /// The file.
        path: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The host's name could not be hidden.
    #[error("cannot change the host name: {0}")]
    HostName(Errno),
    /// Mounts of the host would still appear inside.
    #[error("cannot separate mounts from the host's: {0}")]
    PrivateMounts(Errno),
    /// The empty root could not be mounted.
    #[error("cannot mount an empty root: {0}")]
    MountRoot(Errno),
    /// The empty root could not become the root.
    #[error("cannot change to the empty root: {0}")]
    PivotRoot(Errno),
    /// The host's files could not be let go.
    #[error("cannot let go of the host's root: {0}")]
    DetachHost(Errno),
    /// The empty root is not read-only.
    #[error("cannot make the root read-only: {0}")]
    ReadOnlyRoot(Errno),
    /// The process that lives in the process namespace could not be made.
    #[error("cannot fork: {0}")]
    Fork(io::Error),
    /// A resource limit could not be set.
    #[error("cannot limit {what}: {source}")]
    Limit {
        /// The resource.
        what: &'static str,
        /// What the kernel said.
        source: Errno,
    },
    /// Groups of the host's user could not be left.
    #[error("cannot leave the groups: {0}")]
    Groups(Errno),
    /// The process is still root.
    #[error("cannot become an unprivileged user: {0}")]
    User(Errno),
    /// Privileges could still be gained by executing a file.
    #[error("cannot give up new privileges: {0}")]
    NoNewPrivileges(Errno),
    /// Capabilities are left.
    #[error("cannot drop {set} capabilities: {source}")]
    Capabilities {
        /// Which set.
        set: &'static str,
        /// What the kernel said.
        source: CapsError,
    },
    /// The process could still be traced or dumped.
    #[error("cannot become non-dumpable: {0}")]
    NotDumpable(Errno),
    /// Landlock is there and refused its rules.
    #[error("cannot restrict file access by Landlock: {0}")]
    Landlock(RulesetError),
    /// The system call filter is not for this processor.
    #[error("cannot build the system call filter: {0}")]
    FilterBuild(seccompiler::BackendError),
    /// The kernel refused the system call filter.
    #[error("cannot install the system call filter: {0}")]
    FilterInstall(seccompiler::Error),
}

/// A kind of namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespace {
    /// Users and capabilities.
    User,
    /// Mounts.
    Mount,
    /// Network interfaces, ports and abstract sockets.
    Network,
    /// System V and POSIX queues.
    Ipc,
    /// Host name.
    HostName,
    /// The view of cgroups.
    Cgroup,
    /// Processes.
    Process,
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Mount => "mount",
            Self::Network => "network",
            Self::Ipc => "IPC",
            Self::HostName => "host name",
            Self::Cgroup => "cgroup",
            Self::Process => "process",
        })
    }
}

impl JailError {
    /// What an operator can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Namespace { which: Namespace::User, .. } | Self::UserMap { .. } => {
                "allow user namespaces (sysctl user.max_user_namespaces, \
                 kernel.unprivileged_userns_clone=1, \
                 kernel.apparmor_restrict_unprivileged_userns=0), or start as root"
            }
            Self::Namespace { .. } => {
                "start as root or allow user namespaces with all rights in them \
                 (kernel.apparmor_restrict_unprivileged_userns=0); in a container, allow unshare"
            }
            Self::PrivateMounts(_)
            | Self::MountRoot(_)
            | Self::DetachHost(_)
            | Self::ReadOnlyRoot(_)
            | Self::HostName(_) => {
                "start as root or allow user namespaces; in a container, allow \
                 mount and let /proc be covered"
            }
            Self::PivotRoot(_) => {
                "in a container, allow pivot_root; a root in an initramfs cannot be left"
            }
            Self::User(_) | Self::Groups(_) | Self::Capabilities { .. } => {
                "grant CAP_SETUID, CAP_SETGID and CAP_SETPCAP, or start as an unprivileged user"
            }
            Self::Landlock(_) => "run Linux 5.13 or later with landlock in lsm=",
            Self::FilterBuild(_) | Self::FilterInstall(_) => {
                "run a kernel with CONFIG_SECCOMP_FILTER, on x86-64 or 64-bit ARM"
            }
            Self::Proc { .. } => "mount /proc",
            Self::Fork(_) => "allow more processes (ulimit -u, TasksMax=, pids.max)",
            _ => "run only code that you trust, as an unprivileged user",
        }
    }
}
