//! Landlock: the same walls once more, in another part of the kernel.

use landlock::{ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible};
use landlock::{LandlockStatus, RestrictionStatus, Ruleset, RulesetAttr, RulesetStatus, Scope};

use crate::JailError;

/// The newest rules that are asked for; older kernels give what they have.
const NEWEST: ABI = ABI::V7;

/// What Landlock adds on this kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landlock {
    /// Everything that is asked for: files, TCP ports, abstract sockets and signals.
    Full,
    /// What version `abi` of the kernel's Landlock knows.
    Partial {
        /// The kernel's version; 1 knows files only.
        abi: i32,
    },
    /// The kernel has it switched off, or has none. The other walls do not depend on it.
    Missing,
}

/// Forbids this thread, and threads that it starts, every file, port, abstract socket and signal
/// to others.
pub(crate) fn deny_all() -> Result<Landlock, JailError> {
    let restricted = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(NEWEST)))
        .and_then(|rules| rules.scope(Scope::from_all(NEWEST)))
        .and_then(Ruleset::create)
        .and_then(|rules| rules.restrict_self());
    restricted.map(describe).map_err(JailError::Landlock)
}

fn describe(status: RestrictionStatus) -> Landlock {
    match (status.ruleset, status.landlock) {
        (RulesetStatus::FullyEnforced, _) => Landlock::Full,
        (RulesetStatus::PartiallyEnforced, LandlockStatus::Available { effective_abi, .. }) => {
            Landlock::Partial { abi: effective_abi as i32 }
        }
        _ => Landlock::Missing,
    }
}
