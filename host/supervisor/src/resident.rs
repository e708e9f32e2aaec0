//! Memory as the kernel counts it.

use std::fs;

/// Bytes that the cordon behind the relay `pid` has in memory and shares with nobody's file; `None` when
/// the kernel does not tell this process.
pub(crate) fn resident(pid: u32) -> Option<u64> {
    // The relay has one child, which is the cordon.
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    let cordon: u32 = children.split_whitespace().next()?.parse().ok()?;
    of(&cordon.to_string())
}

/// The same of this process.
pub(crate) fn own() -> Option<u64> {
    of("self")
}

fn of(process: &str) -> Option<u64> {
    let sizes = fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    // Pages: all, resident, and of these shared with a file or others (proc(5)).
    let mut pages = sizes.split_whitespace().skip(1).map(str::parse::<u64>);
    let (resident, shared) = (pages.next()?.ok()?, pages.next()?.ok()?);
    Some(resident.saturating_sub(shared) * rustix::param::page_size() as u64)
}
