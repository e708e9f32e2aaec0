use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use rustix::io::Errno;
use rustix::net::{RecvFlags, Shutdown};
use tokio::sync::OwnedSemaphorePermit;

use crate::Deployment;
use crate::cordon::{Cordon, Fault};
use crate::fleet::Sharing;
use crate::link::Link;
use crate::sync::lock;

/// An isolate's place in its cordon, as the host holds it, with the isolate's end of the socket.
///
/// What an isolate has not read when it dies would go with the last handle on its end. With this
/// one it can still be counted, and that tells which requests the isolate never saw. The price is
/// that the end of the isolate is not the end of the socket: whoever learns that the isolate has
/// ended calls [`release`](Self::release).
pub(crate) struct Berth {
    cordon: Weak<Cordon>,
    /// Who lives here, and the conversation with it; set once, when the isolate stops being blank.
    resident: OnceLock<(Arc<Deployment>, Weak<Link>)>,
    /// `None` once it is released, or when the host has no descriptor to spare for it.
    far_end: Mutex<Option<Handle>>,
    /// Bytes that were never read; 0 until it is released.
    unread: AtomicU64,
}

/// A handle on the isolate's end, and the right to have one.
type Handle = (OwnedFd, OwnedSemaphorePermit);

impl Berth {
    /// Without a `far_end` nobody can tell what a dead isolate has not read: then it counts as read.
    pub(crate) fn new(cordon: Weak<Cordon>, far_end: Option<Handle>) -> Self {
        let (resident, unread) = (OnceLock::new(), AtomicU64::new(0));
        Self { cordon, resident, far_end: Mutex::new(far_end), unread }
    }

    /// `link` lives here from now on.
    pub(crate) fn occupy(&self, link: &Arc<Link>) {
        let occupied = self.resident.set((Arc::clone(&link.deployment), Arc::downgrade(link)));
        debug_assert!(occupied.is_ok(), "an isolate has one link");
    }

    /// The conversation with who lives here, if there is one still.
    pub(crate) fn link(&self) -> Option<Arc<Link>> {
        self.resident.get().and_then(|(_, link)| link.upgrade())
    }

    /// The deployment that lives here.
    pub(crate) fn resident(&self) -> Option<&Arc<Deployment>> {
        self.resident.get().map(|(deployment, _)| deployment)
    }

    /// Who else may live in the cordon; `None` when it is gone.
    pub(crate) fn sharing(&self) -> Option<Sharing> {
        self.cordon.upgrade().map(|cordon| cordon.sharing())
    }

    /// Whether code of a tenant may be running here.
    pub(crate) fn is_busy(&self) -> bool {
        self.link().is_some_and(|link| link.is_busy())
    }

    /// The isolate has said what no isolate says: its process is not what it was.
    pub(crate) fn condemn(&self) {
        if let (Some(cordon), Some(resident)) = (self.cordon.upgrade(), self.resident()) {
            cordon.condemn(Fault::Breach(Arc::clone(resident)));
        }
    }

    /// Lets go of a dead isolate's end: nothing can be written to it any more, and who reads from
    /// the host's end finds what the isolate has said, and then the end.
    pub(crate) fn release(&self) {
        let mut far_end = lock(&self.far_end);
        let Some((end, _permit)) = far_end.take() else { return };
        // Nothing may be added between the count and the close,
        if let Err(error) = rustix::net::shutdown(&end, Shutdown::Read) {
            tracing::debug!(%error, "an isolate's end was shut down already");
        }
        // and what is counted is taken away: the isolate may live still, and what it read after the count would be
        // carried out twice.
        let unread = drain(&end);
        // Before the close, which wakes the reader.
        self.unread.store(unread, Ordering::Release);
    }

    /// Whether the isolate has not read all that was sent to it; `None` when that cannot be told.
    pub(crate) fn is_behind(&self) -> Option<bool> {
        let far_end = lock(&self.far_end);
        let (end, _) = far_end.as_ref()?;
        Some(rustix::io::ioctl_fionread(end).ok()? > 0)
    }

    /// Bytes that the isolate had not read when its end was released.
    pub(crate) fn unread(&self) -> u64 {
        self.unread.load(Ordering::Acquire)
    }
}

/// Takes what was not read from `end`, and counts it.
fn drain(end: &OwnedFd) -> u64 {
    let mut waste = vec![0; 64 << 10];
    let mut bytes = 0;
    loop {
        match rustix::net::recv(end, &mut waste[..], RecvFlags::DONTWAIT) {
            Ok((0, _)) => return bytes,
            Ok((taken, _)) => bytes += taken as u64,
            Err(Errno::INTR) => {}
            // What was not counted counts as seen.
            Err(_) => return bytes,
        }
    }
}
