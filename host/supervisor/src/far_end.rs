use std::os::fd::OwnedFd;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::net::Shutdown;

use crate::sync::lock;

/// The isolate's end of its socket, which the host holds too.
///
/// What an isolate has not read when it dies would go with the last handle on its end. With this
/// one it can still be counted, and that tells which requests the isolate never saw. The price is
/// that the end of the isolate is not the end of the socket: whoever learns that the isolate has
/// ended calls [`release`](Self::release).
pub(crate) struct FarEnd {
    /// `None` once it is released.
    socket: Mutex<Option<OwnedFd>>,
    /// Bytes that were never read; 0 until it is released.
    unread: AtomicU64,
}

impl FarEnd {
    pub(crate) fn new(socket: OwnedFd) -> Self {
        Self { socket: Mutex::new(Some(socket)), unread: AtomicU64::new(0) }
    }

    /// Lets go of a dead isolate's end: nothing can be written to it any more, and who reads from
    /// the host's end finds what the isolate has said, and then the end.
    pub(crate) fn release(&self) {
        let mut socket = lock(&self.socket);
        let Some(end) = socket.take() else { return };
        // Nothing may be added between the count and the close.
        if let Err(error) = rustix::net::shutdown(&end, Shutdown::Read) {
            tracing::debug!(%error, "an isolate's end was shut down already");
        }
        // Without a count, every request counts as seen: none is carried out twice.
        let unread = rustix::io::ioctl_fionread(&end).unwrap_or(0);
        // Before the close, which wakes the reader.
        self.unread.store(unread, Ordering::Release);
    }

    /// Bytes that the isolate had not read when its end was released.
    pub(crate) fn unread(&self) -> u64 {
        self.unread.load(Ordering::Acquire)
    }
}
