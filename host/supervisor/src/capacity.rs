use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use serde::{Deserialize, Serialize};

/// Isolates in one cordon at the most: each takes about 17 memory mappings, and the kernel grants a process
/// 65,530 of them.
pub const MOST_ISOLATES_PER_CORDON: usize = 2000;

/// What all isolates of this machine may take together, and how long cordons live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Capacity {
    /// Memory for isolates, in MiB: beyond it the longest idle ones go. 0 for three fifths of the machine's.
    pub memory_mb: u64,
    /// Isolates: beyond so many the longest idle ones go.
    pub isolates: usize,
    /// Requests in the host at once: as they become many, tenants with more than their part are refused.
    pub requests: usize,
    /// Isolates in one cordon.
    pub isolates_per_cordon: usize,
    /// Hours after which a cordon is replaced; 0 for never.
    pub cordon_hours: u64,
    /// Isolates started in a cordon after which it is replaced; 0 for never.
    pub cordon_starts: u64,
    /// MiB that a cordon holds beyond what its isolates account for, after which it is replaced; 0
    /// for never.
    pub cordon_growth_mb: u64,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            memory_mb: 0,
            isolates: 20_000,
            requests: 20_000,
            isolates_per_cordon: MOST_ISOLATES_PER_CORDON,
            cordon_hours: 24,
            cordon_starts: 100_000,
            cordon_growth_mb: 1024,
        }
    }
}

impl Capacity {
    /// Whether Insula can keep to this.
    ///
    /// # Errors
    ///
    /// A text that names the key, the value and the range.
    pub fn check(&self) -> Result<(), String> {
        for (key, asked, min, max) in [
            ("memory_mb", self.memory_mb, 0, 1 << 30),
            ("isolates", self.isolates as u64, 1, 1_000_000),
            ("requests", self.requests as u64, 1, 10_000_000),
            (
                "isolates_per_cordon",
                self.isolates_per_cordon as u64,
                // More than a pool of blank ones takes.
                64,
                MOST_ISOLATES_PER_CORDON as u64,
            ),
            ("cordon_hours", self.cordon_hours, 0, 100_000),
            ("cordon_starts", self.cordon_starts, 0, u64::MAX),
            ("cordon_growth_mb", self.cordon_growth_mb, 0, 1 << 30),
        ] {
            if !(min..=max).contains(&asked) {
                return Err(format!("{key} is {asked}; it can be {min} to {max}"));
            }
        }
        Ok(())
    }

    /// Bytes for isolates.
    pub(crate) fn memory(&self) -> u64 {
        match self.memory_mb {
            0 => machine_memory() / 5 * 3,
            mb => mb.saturating_mul(1 << 20),
        }
    }
}

/// Processors that this process may use.
pub(crate) fn cores() -> u32 {
    let cores = available_parallelism().map_or(1, NonZeroUsize::get);
    u32::try_from(cores).unwrap_or(u32::MAX)
}

fn machine_memory() -> u64 {
    let info = rustix::system::sysinfo();
    u64::from(info.mem_unit).saturating_mul(info.totalram)
}
