use std::fs;
use std::path::PathBuf;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

/// A process, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process(Pid);

impl Process {
    /// The process with this id.
    pub fn new(pid: u32) -> Self {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        Self(pid.expect("a process id"))
    }

    /// Its id.
    pub fn id(self) -> i32 {
        self.0.as_raw_nonzero().get()
    }

    /// Asks it to end.
    pub fn terminate(self) {
        self.signal(Signal::TERM);
    }

    /// Ends it without asking.
    pub fn kill(self) {
        self.signal(Signal::KILL);
    }

    /// Whether it runs: neither gone nor a zombie.
    pub fn is_alive(self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap_or_default();
        // The state follows the name in parentheses, which may contain anything.
        let state = stat.rfind(')').and_then(|at| stat[at..].split_whitespace().nth(1));
        !matches!(state, None | Some("Z" | "X"))
    }

    /// Resident memory in bytes; 0 when it is gone.
    pub fn resident_bytes(self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) << 10
    }

    /// A line of what the kernel says about it, such as `CapEff`.
    ///
    /// # Panics
    ///
    /// When it is gone, or the kernel has no such line.
    pub fn status(self, name: &str) -> String {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_else(|| panic!("no {name} of {self:?} in {status:?}")).trim().to_owned()
    }

    /// What its descriptors lead to.
    pub fn descriptors(self) -> Vec<PathBuf> {
        let entries = fs::read_dir(format!("/proc/{}/fd", self.id())).expect("descriptors");
        entries.flatten().filter_map(|entry| fs::read_link(entry.path()).ok()).collect()
    }

    /// Waits at most `seconds` for its end; for places that cannot wait asynchronously.
    pub(crate) fn wait_blocking(self, seconds: i64) -> bool {
        let Ok(pidfd) = pidfd_open(self.0, PidfdFlags::empty()) else { return true };
        let timeout = Timespec { tv_sec: seconds, tv_nsec: 0 };
        let ready = poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], Some(&timeout));
        ready.is_ok_and(|ready| ready > 0)
    }

    fn signal(self, signal: Signal) {
        // Already gone is as good.
        let _ = kill_process(self.0, signal);
    }
}

/// The processes whose parent is `parent`, without zombies.
pub fn children(parent: Process) -> Vec<Process> {
    let entries = fs::read_dir("/proc").expect("/proc");
    let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| parent_of(*id) == Some(parent.id()))
        .map(Process::new)
        .filter(|process| process.is_alive())
        .collect()
}

fn parent_of(id: u32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat[stat.rfind(')')?..].split_whitespace().nth(2)?.parse().ok()
}
