use std::fs;
use std::time::Duration;

use super::{Controller, Place, Version};

/// What version 1 says when there is no limit: the most that it counts, in whole pages, of which
/// some machines have large ones.
const UNLIMITED: u64 = i64::MAX as u64 - (1 << 20);

/// What a group uses; `None` where this machine does not count it, or the group is no more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Readings {
    /// Bytes in use, the kernel's on behalf of the group included.
    pub memory: Option<u64>,
    /// The most bytes ever in use; version 2 counts this since Linux 5.19.
    pub memory_peak: Option<u64>,
    /// Bytes that may be in use; none where there is no limit.
    pub memory_limit: Option<u64>,
    /// Processes that the kernel killed because there was no memory left.
    pub oom_kills: Option<u64>,
    /// Processor time of all processes, those that have ended included.
    pub cpu: Option<Duration>,
    /// Processes and threads.
    pub pids: Option<u64>,
}

impl Readings {
    /// Reads a group that has a folder in each of some trees, or in none. Needs no right but to see
    /// the folders, and does not wait for anybody but the kernel.
    pub fn of(places: &[Place]) -> Self {
        let mut readings = Self::default();
        for place in places {
            if place.version == Version::Two {
                // Needs no controller.
                let time = read(place, "cpu.stat", |text| entry(text, "usage_usec"));
                readings.cpu = time.map(Duration::from_micros);
            }
            for controller in &place.controllers {
                readings.take(*controller, place);
            }
        }
        readings
    }

    fn take(&mut self, controller: Controller, place: &Place) {
        let kills = |text: &str| entry(text, "oom_kill");
        match (controller, place.version) {
            (Controller::Memory, Version::Two) => {
                self.memory = read(place, "memory.current", number);
                self.memory_peak = read(place, "memory.peak", number);
                self.memory_limit = read(place, "memory.max", number);
                self.oom_kills = read(place, "memory.events", kills);
            }
            (Controller::Memory, Version::One) => {
                self.memory = read(place, "memory.usage_in_bytes", number);
                self.memory_peak = read(place, "memory.max_usage_in_bytes", number);
                let limit = read(place, "memory.limit_in_bytes", number);
                self.memory_limit = limit.filter(|limit| *limit < UNLIMITED);
                self.oom_kills = read(place, "memory.oom_control", kills);
            }
            (Controller::Pids, _) => self.pids = read(place, "pids.current", number),
            (Controller::CpuTime, _) => {
                self.cpu = read(place, "cpuacct.usage", number).map(Duration::from_nanos);
            }
            (Controller::Cpu, _) => {}
        }
    }
}

/// What a file of a group says. That the kernel does not have it and that the group has just gone
/// look alike.
fn read(group: &Place, file: &str, parse: impl Fn(&str) -> Option<u64>) -> Option<u64> {
    parse(&fs::read_to_string(group.path.join(file)).ok()?)
}

/// The number that a file consists of. Version 2 says `max` where there is no limit.
fn number(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}

/// The number after `key` in a file of keys and numbers.
fn entry(text: &str, key: &str) -> Option<u64> {
    let mut entries = text.lines().filter_map(|line| line.split_once(' '));
    number(entries.find(|(name, _)| *name == key)?.1)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The readings of a group that consists of these files.
    fn readings(version: Version, controllers: &[Controller], files: &[(&str, &str)]) -> Readings {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("writes");
        }
        Readings::of(&[place(version, controllers, folder.path())])
    }

    fn place(version: Version, controllers: &[Controller], path: &Path) -> Place {
        Place { version, path: path.to_owned(), controllers: controllers.to_vec() }
    }

    #[test]
    fn version_2_says_it_all() {
        let files = [
            ("memory.current", "7000000\n"),
            ("memory.peak", "9000000\n"),
            ("memory.max", "64000000\n"),
            ("memory.events", "low 0\nhigh 3\nmax 9\noom 4\noom_kill 2\noom_group_kill 1\n"),
            ("cpu.stat", "usage_usec 1500000\nuser_usec 1400000\nsystem_usec 100000\n"),
            ("pids.current", "12\n"),
        ];
        let controllers = [Controller::Memory, Controller::Pids, Controller::Cpu];
        let expected = Readings {
            memory: Some(7_000_000),
            memory_peak: Some(9_000_000),
            memory_limit: Some(64_000_000),
            oom_kills: Some(2),
            cpu: Some(Duration::from_millis(1500)),
            pids: Some(12),
        };
        assert_eq!(readings(Version::Two, &controllers, &files), expected);
    }

    #[test]
    fn version_1_says_it_all() {
        let files = [
            ("memory.usage_in_bytes", "7000000\n"),
            ("memory.max_usage_in_bytes", "9000000\n"),
            ("memory.limit_in_bytes", "64000000\n"),
            ("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"),
            ("cpuacct.usage", "1500000000\n"),
            ("pids.current", "12\n"),
        ];
        let expected = Readings {
            memory: Some(7_000_000),
            memory_peak: Some(9_000_000),
            memory_limit: Some(64_000_000),
            oom_kills: Some(2),
            cpu: Some(Duration::from_millis(1500)),
            pids: Some(12),
        };
        assert_eq!(readings(Version::One, &Controller::ALL, &files), expected);
    }

    #[test]
    fn what_a_kernel_does_not_count_is_no_zero() {
        // Version 2 before Linux 5.19, and version 1 before 4.13.
        let two = [("memory.current", "1\n"), ("memory.max", "2\n"), ("memory.events", "oom 0\n")];
        let read = readings(Version::Two, &[Controller::Memory], &two);
        assert_eq!((read.memory, read.memory_peak, read.oom_kills), (Some(1), None, None));
        let one = [("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\n")];
        assert_eq!(readings(Version::One, &[Controller::Memory], &one).oom_kills, None);
    }

    #[test]
    fn no_limit_is_none() {
        let two = [("memory.max", "max\n")];
        assert_eq!(readings(Version::Two, &[Controller::Memory], &two), Readings::default());
        // With pages of 4 KiB and of 64 KiB.
        for bytes in ["9223372036854771712\n", "9223372036854710272\n"] {
            let one = [("memory.limit_in_bytes", bytes)];
            assert_eq!(readings(Version::One, &[Controller::Memory], &one), Readings::default());
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        let files = [("memory.current", ""), ("memory.peak", "-1\n"), ("pids.current", "many\n")];
        let controllers = [Controller::Memory, Controller::Pids];
        assert_eq!(readings(Version::Two, &controllers, &files), Readings::default());
    }

    #[test]
    fn a_controller_that_is_not_in_use_is_not_read() {
        let files = [("memory.usage_in_bytes", "7\n"), ("cpuacct.usage", "7\n")];
        assert_eq!(readings(Version::One, &[Controller::Pids], &files), Readings::default());
    }

    #[test]
    fn a_group_that_is_gone_says_nothing() {
        let gone = Path::new("/nonexistent/group");
        let places =
            [Version::One, Version::Two].map(|version| place(version, &Controller::ALL, gone));
        assert_eq!(Readings::of(&places), Readings::default());
        assert_eq!(Readings::of(&[]), Readings::default());
    }
}
