//! What a cordon uses as the kernel counts it.

use insula_jail::{Place, Readings};

use crate::TrustLevel;
use crate::fleet::Sharing;
use crate::resident::resident;

/// What a cordon uses at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CordonUsage {
    /// The process that the server started, which is the cordon's relay.
    pub pid: u32,
    /// Who lives in it: tenants that compute little, `light`, or much, `heavy`; or one tenant alone, `own`.
    pub kind: &'static str,
    /// The trust level of all in it; `None` for a tenant alone, whose level is of no interest there.
    pub level: Option<TrustLevel>,
    /// Bytes that the cordon has in memory and shares with nobody's file; `None` when the kernel does
    /// not tell this process.
    pub resident_bytes: Option<u64>,
    /// What its control group says; nothing if it has none.
    pub group: Readings,
}

impl CordonUsage {
    /// Of the cordon behind the relay `pid`, whose control group has these folders.
    pub(crate) fn of(pid: u32, sharing: Sharing, level: &TrustLevel, group: &[Place]) -> Self {
        let (kind, level) = match sharing {
            Sharing::Level => ("light", Some(level.clone())),
            Sharing::Heavy => ("heavy", Some(level.clone())),
            Sharing::Tenant => ("own", None),
        };
        Self { pid, kind, level, resident_bytes: resident(pid), group: Readings::of(group) }
    }
}
