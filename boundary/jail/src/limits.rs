use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::JailError;

/// What the process may take, however much the machine has: name, resource, limit.
const LIMITS: [(&str, Resource, u64); 7] = [
    // No memory of a tenant reaches a disk.
    ("core files", Resource::Core, 0),
    // Sockets are no files.
    ("file sizes", Resource::Fsize, 0),
    // Two for each isolate and some for the cordon.
    ("open files", Resource::Nofile, 8192),
    // Threads: one for each isolate, and some. Counted for this cordon alone, because its user is.
    ("processes", Resource::Nproc, 4096),
    // Locked pages cannot be taken back.
    ("locked memory", Resource::Memlock, 0),
    ("message queues", Resource::Msgqueue, 0),
    // Nobody raises priorities inside.
    ("real-time priority", Resource::Rtprio, 0),
];

/// Sets every limit, for good. Where the hard limit is lower it stays: nobody may raise it here, and it is the
/// stricter one.
pub(crate) fn set() -> Result<(), JailError> {
    for (what, resource, limit) in LIMITS {
        let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let limit = limit.min(most);
        let limit = Rlimit { current: Some(limit), maximum: Some(limit) };
        setrlimit(resource, limit).map_err(|source| JailError::Limit { what, source })?;
    }
    Ok(())
}

/// Raises the hard limits that cordons will set, where they are lower: a cordon that has not the
/// right to raise one can only lower it. Without the right to do so they stay, and cordons hold fewer isolates.
pub(crate) fn make_room() {
    for (_, resource, limit) in LIMITS {
        let mut now = getrlimit(resource);
        if now.maximum.is_some_and(|maximum| maximum < limit) {
            now.maximum = Some(limit);
            let _ = setrlimit(resource, now);
        }
    }
}
