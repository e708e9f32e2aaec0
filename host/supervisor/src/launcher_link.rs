//! The packets between the supervisor and the launcher.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use insula_jail::Mode;
use insula_launcher::{Answer, Class, Request, Share, receive_answer, send_request};
use rustc_hash::FxHashMap;
use rustix::io::Errno;
use rustix::net::Shutdown;
use tokio::io::Interest;
use tokio::net::UnixDatagram;
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};

use crate::sync::lock;
use crate::walls::GONE;

/// The supervisor's end of the link.
pub(crate) struct LauncherLink {
    /// A packet socket; as far as system calls go, one of datagrams is the same.
    socket: UnixDatagram,
    /// The last id. Held while a request to start is sent, because ids must arrive in order.
    last: tokio::sync::Mutex<u64>,
    awaited: Mutex<Awaited>,
    gone: watch::Sender<bool>,
    /// Cordons that have ended because there was no memory for them.
    out_of_memory: AtomicU64,
}

/// Who waits for what, by the cordon's id.
#[derive(Default)]
struct Awaited {
    starts: FxHashMap<u64, oneshot::Sender<Result<Started, String>>>,
    ends: FxHashMap<u64, oneshot::Sender<ExitStatus>>,
}

/// A cordon's process.
pub(crate) struct Started {
    pub(crate) pid: u32,
    /// What its control group is called; empty if it has none.
    pub(crate) group: String,
}

/// A cordon that was asked for.
pub(crate) struct Spawned {
    pub(crate) id: u64,
    /// What there is, or why there is nothing.
    pub(crate) started: oneshot::Receiver<Result<Started, String>>,
    /// How it ended.
    pub(crate) ended: oneshot::Receiver<ExitStatus>,
}

impl LauncherLink {
    /// Must be called inside a tokio runtime.
    pub(crate) fn new(link: OwnedFd) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&link, true)?;
        Ok(Self {
            socket: UnixDatagram::from_std(link.into())?,
            last: tokio::sync::Mutex::default(),
            awaited: Mutex::default(),
            gone: watch::Sender::new(false),
            out_of_memory: AtomicU64::new(0),
        })
    }

    /// Asks for a cordon; its control link and the pipe for its log go along.
    pub(crate) async fn spawn(
        &self,
        mode: Mode,
        class: Class,
        share: Share,
        descriptors: [BorrowedFd<'_>; 2],
    ) -> Result<Spawned, String> {
        let mut last = self.last.lock().await;
        // Counted before it is sent: should nobody wait any more, the id is not used again.
        *last += 1;
        let id = *last;
        let (start, started) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        {
            let mut awaited = lock(&self.awaited);
            awaited.starts.insert(id, start);
            awaited.ends.insert(id, end);
        }
        let sent = self.send(Request::Spawn { id, mode, class, share }, &descriptors).await;
        if sent.is_err() || *self.gone.borrow() {
            self.forget(id);
            return Err(GONE.to_owned());
        }
        Ok(Spawned { id, started, ended })
    }

    /// Has a cordon killed, if it lives.
    pub(crate) fn kill(self: &Arc<Self>, id: u64) {
        if !lock(&self.awaited).ends.contains_key(&id) {
            return;
        }
        let request = Request::Kill { id };
        if send_request(&self.socket, request, &[]) != Err(Errno::AGAIN) {
            return;
        }
        // The launcher has much to read. Outside of a runtime the link is about to close, which
        // ends the cordon too.
        if let Ok(runtime) = Handle::try_current() {
            let link = Arc::clone(self);
            runtime.spawn(async move { link.send(request, &[]).await });
        }
    }

    /// Passes on what the launcher says, until it ends.
    pub(crate) async fn listen(self: Arc<Self>) {
        let why = loop {
            let receive = || Ok(receive_answer(&self.socket)?);
            match self.socket.async_io(Interest::READABLE, receive).await {
                Ok(Some(Answer::Started { id, pid, group })) => {
                    self.started(id, Ok(Started { pid, group }));
                }
                Ok(Some(Answer::Refused { id, why })) => {
                    lock(&self.awaited).ends.remove(&id);
                    self.started(id, Err(why));
                }
                Ok(Some(Answer::Exited { id, status, out_of_memory })) => {
                    self.out_of_memory.fetch_add(u64::from(out_of_memory), Ordering::Relaxed);
                    let waiting = lock(&self.awaited).ends.remove(&id);
                    if let Some(waiting) = waiting {
                        // Nobody needs to wait.
                        let _ = waiting.send(ExitStatus::from_raw(status));
                    }
                }
                Ok(Some(answer)) => break format!("it says {answer:?}"),
                Ok(None) => break "it closed the link".to_owned(),
                Err(error) => break error.to_string(),
            }
        };
        tracing::debug!(why, "the launcher's link has ended");
        self.gone.send_replace(true);
        // Whoever waits learns that there is nothing to wait for.
        *lock(&self.awaited) = Awaited::default();
    }

    /// Returns when the launcher has ended.
    pub(crate) async fn gone(&self) {
        // The sender is this link's own.
        let _ = self.gone.subscribe().wait_for(|&gone| gone).await;
    }

    /// How many cordons have ended because there was no memory for them.
    pub(crate) fn out_of_memory(&self) -> u64 {
        self.out_of_memory.load(Ordering::Relaxed)
    }

    /// Tells the launcher to end.
    pub(crate) fn close(&self) {
        // It may be gone already.
        let _ = rustix::net::shutdown(&self.socket, Shutdown::Both);
    }

    fn started(&self, id: u64, started: Result<Started, String>) {
        let waiting = lock(&self.awaited).starts.remove(&id);
        if let Some(waiting) = waiting {
            // Whoever does not wait any more has it killed.
            let _ = waiting.send(started);
        }
    }

    fn forget(&self, id: u64) {
        let mut awaited = lock(&self.awaited);
        awaited.starts.remove(&id);
        awaited.ends.remove(&id);
    }

    async fn send(&self, request: Request, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        let send = || Ok(send_request(&self.socket, request, descriptors)?);
        self.socket.async_io(Interest::WRITABLE, send).await
    }
}
