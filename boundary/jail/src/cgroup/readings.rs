use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::group::Place;
use super::{Controller, GroupError, Version};

/// What a group uses; `None` where this machine does not count it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Readings {
    /// Bytes in use.
    pub memory: Option<u64>,
    /// The most bytes ever in use; version 2 counts this since Linux 5.19.
    pub memory_peak: Option<u64>,
    /// Processes that the kernel killed because the group had no memory left.
    pub oom_kills: Option<u64>,
    /// Processor time of all processes, those that have ended included.
    pub cpu: Option<Duration>,
    /// Processes and threads.
    pub pids: Option<u64>,
}

impl Readings {
    pub(super) fn of(places: &[Place]) -> Result<Self, GroupError> {
        let mut readings = Self::default();
        for place in places {
            if place.version == Version::Two {
                // Needs no controller.
                readings.cpu =
                    entry(&place.path, "cpu.stat", "usage_usec")?.map(Duration::from_micros);
            }
            for controller in &place.controllers {
                readings.take(*controller, place)?;
            }
        }
        Ok(readings)
    }

    fn take(&mut self, controller: Controller, place: &Place) -> Result<(), GroupError> {
        let path = &place.path;
        match (controller, place.version) {
            (Controller::Memory, Version::Two) => {
                self.memory = number(path, "memory.current")?;
                self.memory_peak = number(path, "memory.peak")?;
                self.oom_kills = entry(path, "memory.events", "oom_kill")?;
            }
            (Controller::Memory, Version::One) => {
                self.memory = number(path, "memory.usage_in_bytes")?;
                self.memory_peak = number(path, "memory.max_usage_in_bytes")?;
                self.oom_kills = entry(path, "memory.oom_control", "oom_kill")?;
            }
            (Controller::Pids, _) => self.pids = number(path, "pids.current")?,
            (Controller::CpuTime, _) => {
                self.cpu = number(path, "cpuacct.usage")?.map(Duration::from_nanos);
            }
            (Controller::Cpu, _) => {}
        }
        Ok(())
    }
}

/// The number that a file consists of.
fn number(group: &Path, file: &str) -> Result<Option<u64>, GroupError> {
    read(group, file, |text| text.trim().parse().ok())
}

/// The number after `key` in a file of keys and numbers.
fn entry(group: &Path, file: &str, key: &str) -> Result<Option<u64>, GroupError> {
    read(group, file, |text| {
        text.lines().find_map(|line| line.strip_prefix(key)?.trim().parse().ok())
    })
}

fn read(
    group: &Path,
    file: &str,
    parse: impl Fn(&str) -> Option<u64>,
) -> Result<Option<u64>, GroupError> {
    let path = group.join(file);
    match fs::read_to_string(&path) {
        Ok(text) => match parse(&text) {
            Some(value) => Ok(Some(value)),
            None => Err(GroupError::Read { path, source: io::ErrorKind::InvalidData.into() }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(GroupError::Read { path, source }),
    }
}
