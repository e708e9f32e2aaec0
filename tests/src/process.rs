use std::fs;
use std::path::PathBuf;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

/// What a wrong access to memory ends with.
const SIGSEGV: i32 = 11;

/// A process, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

    /// CPU time of all its threads that live, in nanoseconds; 0 when it is gone.
    pub fn cpu_nanos(self) -> u64 {
        self.threads().iter().map(|(_, nanos)| nanos).sum()
    }

    /// Its threads that live, each with its CPU time in nanoseconds.
    pub fn threads(self) -> Vec<(u32, u64)> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.id())).into_iter().flatten();
        let thread = |entry: fs::DirEntry| {
            let text = fs::read_to_string(entry.path().join("schedstat")).ok()?;
            let nanos = text.split_whitespace().next()?.parse().ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, nanos))
        };
        threads.flatten().filter_map(thread).collect()
    }

    /// Those of its threads that run isolates: a cordon that starts has threads that compile.
    pub fn isolate_threads(self) -> Vec<(u32, u64)> {
        let runs_an_isolate = |(id, _): &(u32, u64)| {
            let name = fs::read_to_string(format!("/proc/{}/task/{id}/comm", self.id()));
            name.is_ok_and(|name| name.trim_end() == "isolate")
        };
        self.threads().into_iter().filter(runs_an_isolate).collect()
    }

    /// Makes one of its threads fault, as a null pointer would.
    pub fn fault_in(self, thread: u32) {
        let number = if cfg!(target_arch = "x86_64") { 234 } else { 131 };
        let tgkill = format!("syscall({number}, {}, {thread}, {SIGSEGV})", self.id());
        // A system call that the safe libraries at hand do not have.
        let status = std::process::Command::new("perl").args(["-e", &tgkill]).status();
        assert!(status.expect("perl").success());
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
    offspring(parent).into_iter().filter(|process| process.is_alive()).collect()
}

/// The processes below `ancestor`, without zombies.
pub fn descendants(ancestor: Process) -> Vec<Process> {
    let mut all = children(ancestor);
    let mut at = 0;
    while at < all.len() {
        let more = children(all[at]);
        all.extend(more);
        at += 1;
    }
    all
}

/// The processes below `ancestor` that have ended and that nobody has asked about.
pub fn zombies(ancestor: Process) -> Vec<Process> {
    let parents = descendants(ancestor).into_iter().chain([ancestor]);
    parents.flat_map(offspring).filter(|process| !process.is_alive()).collect()
}

/// The control groups of cordons that `launcher` has started.
pub fn control_groups(launcher: Process) -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from("/sys/fs/cgroup")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.starts_with(&format!("insula-cordon-{}-", launcher.id())) {
                    found.push(entry.path());
                }
                folders.push(entry.path());
            }
        }
    }
    found
}

fn offspring(parent: Process) -> Vec<Process> {
    let entries = fs::read_dir("/proc").expect("/proc");
    let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| parent_of(*id) == Some(parent.id())).map(Process::new).collect()
}

fn parent_of(id: u32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat[stat.rfind(')')?..].split_whitespace().nth(2)?.parse().ok()
}
