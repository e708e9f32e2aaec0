//! How cordons come and go: the supervisor has no right to start one, and asks the launcher.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::ExitStatus;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use insula_jail::{Controller, Mode, Place};
use insula_launcher::{Class, Launcher, Server, Share};
use rustix::pipe::{PipeFlags, pipe_with};
use tokio::net::unix::pipe;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{AbortHandle, spawn_blocking};
use tokio::time::timeout;

use crate::launcher_link::LauncherLink;
use crate::sync::lock;

/// Threads of a cordon beside its isolates': the engine's helpers, the watchdog, the relay.
const OTHER_THREADS: u64 = 128;

/// How long the launcher may take to end: it waits for the last processes and removes their groups.
const LAST_MOMENTS: Duration = Duration::from_secs(3);

/// Processes and threads that a cordon with this many isolates may need.
pub fn cordon_pids(isolates_per_cordon: usize) -> u64 {
    isolates_per_cordon as u64 + OTHER_THREADS
}

/// What starts cordons.
pub(crate) struct Walls {
    mode: Mode,
    /// Under each of these, the control group of every cordon with a share of the processor has a folder.
    places: Vec<Place>,
    /// The same for cordons without a share.
    together: Vec<Place>,
    link: Arc<LauncherLink>,
    listening: AbortHandle,
    /// How many isolates' ends the host may hold beside its own.
    handles: Arc<Semaphore>,
    /// Until it has been waited for.
    server: Mutex<Option<Server>>,
}

impl Walls {
    /// Must be called inside a tokio runtime.
    pub(crate) fn new(launcher: Launcher, handles: usize) -> io::Result<Self> {
        if !launcher.no_groups.is_empty() {
            tracing::warn!(reason = launcher.no_groups, "cordons have no control group");
        }
        let link = Arc::new(LauncherLink::new(launcher.link)?);
        let listening = tokio::spawn(Arc::clone(&link).listen()).abort_handle();
        Ok(Self {
            mode: if launcher.terms.lenient { Mode::Lenient } else { Mode::Strict },
            places: launcher.places,
            together: launcher.together,
            link,
            listening,
            handles: Arc::new(Semaphore::new(handles.min(Semaphore::MAX_PERMITS))),
            server: Mutex::new(Some(launcher.server)),
        })
    }

    /// Starts a cordon in a control group of its own, and returns its process and its log. It waits
    /// for the first packet on `control`'s other end before it goes on, so all that it will ever
    /// be is in the group. The process is killed when [`Process`] goes.
    pub(crate) async fn spawn(
        &self,
        control: OwnedFd,
        class: Class,
        share: Share,
    ) -> Result<(Process, pipe::Receiver), String> {
        let text = |error: io::Error| format!("pipe for the log: {error}");
        let (log, theirs) = pipe_with(PipeFlags::CLOEXEC).map_err(|error| text(error.into()))?;
        let log = pipe::Receiver::from_owned_fd(log).map_err(text)?;
        let descriptors = [control.as_fd(), theirs.as_fd()];
        let spawned = self.link.spawn(self.mode, class, share, descriptors).await?;
        // Killed from here on, even if nobody waits for the answer any more.
        let (id, link, ended) = (spawned.id, Arc::clone(&self.link), spawned.ended);
        let mut process = Process { id, pid: 0, group: Vec::new(), link, ended };
        let started = spawned.started.await.map_err(|_| GONE.to_owned())??;
        process.pid = started.pid;
        if !started.group.is_empty() {
            let places = if share == Share::None { &self.together } else { &self.places };
            process.group = places.iter().map(|place| place.below(&started.group)).collect();
        }
        Ok((process, log))
    }

    /// How many isolates' ends the host may hold.
    pub(crate) fn handles(&self) -> Arc<Semaphore> {
        Arc::clone(&self.handles)
    }

    /// How many cordons have ended because there was no memory for them; `None` where nobody counts.
    pub(crate) fn out_of_memory(&self) -> Option<u64> {
        let is_counted = self.places.iter().any(|place| place.has(Controller::Memory));
        is_counted.then(|| self.link.out_of_memory())
    }

    /// Returns when the launcher has ended, and every cordon with it.
    pub(crate) async fn fallen(&self) {
        self.link.gone().await;
    }

    /// Ends the launcher, and waits for it: what it leaves behind nobody would remove.
    pub(crate) async fn close(&self) {
        self.link.close();
        let Some(server) = lock(&self.server).take() else { return };
        if timeout(LAST_MOMENTS, spawn_blocking(|| server.wait())).await.is_err() {
            tracing::error!("the launcher does not end");
        }
    }
}

impl Drop for Walls {
    fn drop(&mut self) {
        // It holds the link, whose end is the launcher's.
        self.listening.abort();
    }
}

/// A cordon's process, which is the launcher's child.
pub(crate) struct Process {
    id: u64,
    pid: u32,
    group: Vec<Place>,
    link: Arc<LauncherLink>,
    ended: oneshot::Receiver<ExitStatus>,
}

impl Process {
    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// The folders of its control group, which goes with it; none if it has no group.
    pub(crate) fn group(&self) -> &[Place] {
        &self.group
    }

    /// Has it killed. It may be gone already; then there is nothing to kill.
    pub(crate) fn kill(&self) {
        self.link.kill(self.id);
    }

    /// Waits for its end.
    ///
    /// # Errors
    ///
    /// The launcher has ended. So has the process, or it does within a moment.
    pub(crate) async fn wait(&mut self) -> Result<ExitStatus, &'static str> {
        (&mut self.ended).await.map_err(|_| GONE)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.link.kill(self.id);
    }
}

pub(crate) const GONE: &str = "the launcher is gone";
