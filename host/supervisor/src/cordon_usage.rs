//! What a cordon uses as the kernel counts it.

use insula_jail::{Place, Readings};

use crate::resident::resident;

/// What a cordon uses at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CordonUsage {
    /// The process that the server started, which is the cordon's relay.
    pub pid: u32,
    /// Bytes that the cordon has in memory and shares with nobody's file; `None` when the kernel does
    /// not tell this process.
    pub resident_bytes: Option<u64>,
    /// What its control group says; nothing if it has none.
    pub group: Readings,
}

impl CordonUsage {
    /// Of the cordon behind the relay `pid`, whose control group has these folders.
    pub(crate) fn of(pid: u32, group: &[Place]) -> Self {
        Self { pid, resident_bytes: resident(pid), group: Readings::of(group) }
    }
}
