//! Server processes: started, waited for, measured, and ended when dropped.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::error::BenchError;

const READY_WITHIN: Duration = Duration::from_secs(120);
const GONE_WITHIN: Duration = Duration::from_secs(15);
const GLANCE: Duration = Duration::from_millis(5);

/// A running server; dropping it ends the process and waits until it is gone.
#[derive(Debug)]
pub struct Server {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts `command` with its output in the file `log`.
    pub fn start(
        name: &'static str,
        command: &mut Command,
        log: PathBuf,
    ) -> Result<Self, BenchError> {
        let starting = |source| BenchError::io(format!("start {name}"), source);
        let output = File::create(&log).map_err(starting)?;
        let errors = output.try_clone().map_err(starting)?;
        let child =
            command.stdin(Stdio::null()).stdout(output).stderr(errors).spawn().map_err(starting)?;
        Ok(Self { name, child, log })
    }

    /// Asks `ready` again and again until it has an answer; fails when the process ends first.
    pub fn wait_until<T>(&mut self, mut ready: impl FnMut() -> Option<T>) -> Result<T, BenchError> {
        let began = Instant::now();
        loop {
            if let Some(found) = ready() {
                return Ok(found);
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(self.not_ready(format!("because it ended with {status}")));
            }
            if began.elapsed() > READY_WITHIN {
                return Err(self.not_ready(format!("after {READY_WITHIN:?}")));
            }
            pause(GLANCE);
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What the server has printed so far.
    pub fn output(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn not_ready(&self, why: String) -> BenchError {
        let output = self.output();
        let lines: Vec<&str> = output.lines().collect();
        let log = lines[lines.len().saturating_sub(20)..].join("\n");
        BenchError::NotReady { name: self.name, why, log }
    }

    fn ends_by_itself(&mut self) -> bool {
        let began = Instant::now();
        while began.elapsed() < GONE_WITHIN {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return true;
            }
            pause(GLANCE);
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Politely first, so that what it started ends with it.
        let asked = kill_process(Pid::from_child(&self.child), Signal::TERM);
        if asked.is_err() || !self.ends_by_itself() {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

/// Waits for something outside this program that announces nothing.
#[expect(clippy::disallowed_methods, reason = "between two looks at another process")]
pub fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// What a process and everything that it started occupy.
#[derive(Debug, Clone, Copy)]
pub struct Occupation {
    /// Bytes.
    pub memory: u64,
    /// Whether `memory` is proportional everywhere (PSS): a page that several processes share counts
    /// once in all. Otherwise it is resident memory for the processes that hide more.
    pub is_proportional: bool,
    pub threads: u64,
}

/// Adds up the process `root` and all its descendants.
pub fn occupation(root: u32) -> Result<Occupation, BenchError> {
    let mut total = Occupation { memory: 0, is_proportional: true, threads: 0 };
    for pid in family(root)? {
        let status = format!("/proc/{pid}/status");
        // A process that ended meanwhile occupies nothing.
        let Some(resident) = field(&status, "VmRSS:") else { continue };
        let proportional = field(&format!("/proc/{pid}/smaps_rollup"), "Pss:");
        total.is_proportional &= proportional.is_some();
        total.memory += proportional.unwrap_or(resident) * 1024;
        total.threads += field(&status, "Threads:").unwrap_or(0);
    }
    Ok(total)
}

/// A thread of a process.
#[derive(Debug, Clone, Copy)]
pub struct Thread {
    pub process: u32,
    pub id: u32,
    /// The processor time that it has used, in nanoseconds.
    pub ran: u64,
}

/// The threads of this name in the process `root` and all its descendants.
pub fn threads_named(root: u32, name: &str) -> Result<Vec<Thread>, BenchError> {
    let mut threads = Vec::new();
    for process in family(root)? {
        // A process that ended meanwhile has none.
        let Ok(entries) = fs::read_dir(format!("/proc/{process}/task")) else { continue };
        for entry in entries.flatten() {
            let is_named = fs::read_to_string(entry.path().join("comm"))
                .is_ok_and(|text| text.trim_end() == name);
            let id = entry.file_name().to_str().and_then(|text| text.parse().ok());
            if let (true, Some(id)) = (is_named, id) {
                let text = fs::read_to_string(entry.path().join("schedstat")).unwrap_or_default();
                let ran = text.split_whitespace().next().and_then(|ran| ran.parse().ok());
                threads.push(Thread { process, id, ran: ran.unwrap_or(0) });
            }
        }
    }
    Ok(threads)
}

/// The process `root` and all its descendants.
fn family(root: u32) -> Result<Vec<u32>, BenchError> {
    let parents = parents()?;
    let mut family = vec![root];
    let mut at = 0;
    while at < family.len() {
        let parent = family[at];
        family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    Ok(family)
}

/// Every process with its parent.
fn parents() -> Result<Vec<(u32, u32)>, BenchError> {
    let entries = fs::read_dir("/proc").map_err(|source| BenchError::io("list /proc", source))?;
    Ok(entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter_map(|pid| Some((pid, field(&format!("/proc/{pid}/status"), "PPid:")? as u32)))
        .collect())
}

/// The number after `name` in a file of `name value` lines.
fn field(path: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
