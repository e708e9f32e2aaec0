//! One cordon process: started, greeted, watched, and given isolates to start.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

use insula_jail::Group;
use insula_wire::{CordonMessage, Decoder, IsolateFrame, SupervisorMessage, VERSION};
use rustc_hash::FxHashMap;
use thiserror::Error;
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::process::Child;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::control_link::ControlLink;
use crate::cordon_log;
use crate::far_end::FarEnd;
use crate::sync::lock;
use crate::walls::Walls;

/// How long a cordon may take until its engine runs.
const GREETING: Duration = Duration::from_secs(30);
/// How long a blank isolate may take until it is there.
const BLANK: Duration = Duration::from_secs(10);
/// Blank isolates that a cordon keeps.
const POOL: usize = 4;
/// Blank isolates that a cordon of one tenant keeps.
const OWN_POOL: usize = 1;
/// How long a tenant's own cordon outlives its last isolate: the next one may come soon.
const LINGER: Duration = Duration::from_secs(10);
/// Why there is no more to hear from a cordon that has ended.
const CLOSED: &str = "it closed the control link";
/// How long the process of a cordon that has closed its control link may take to end by itself.
const OWN_END: Duration = Duration::from_secs(1);
/// How long the last handle on the control link may outlive the process that was seen to end.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A live cordon.
pub(crate) struct Cordon {
    pid: u32,
    /// The one tenant that lives here, once it has moved in; never set in a shared cordon.
    owner: OnceLock<Arc<str>>,
    control: ControlLink,
    /// Isolates whose thread lives, blank ones included.
    isolates: AtomicUsize,
    /// The last number that was given to an isolate.
    numbered: AtomicU64,
    blanks: Mutex<Vec<Blank>>,
    /// The isolates' ends of their sockets, by the isolate's number. Released when the isolate has
    /// ended, however it did; an end that nobody else holds any more is not kept for that.
    far_ends: Mutex<FxHashMap<u64, Weak<FarEnd>>>,
    refilling: AtomicBool,
    /// It has been told to end: no blank isolate may keep it from that.
    draining: AtomicBool,
    dead: AtomicBool,
    kill: Notify,
}

/// A cordon's process, and the control group that it lives in.
pub(crate) struct Inhabited {
    child: Child,
    /// Removed after the process has ended: fields go in order.
    _group: Option<Group>,
}

/// An isolate without a deployment.
pub(crate) struct Blank {
    pub(crate) socket: UnixStream,
    pub(crate) far_end: Arc<FarEnd>,
    /// What was read from the socket and belongs to the link.
    pub(crate) decoder: Decoder,
}

/// Why a cordon gave no isolate.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum NoBlank {
    /// It broke the protocol: it is defective or has been taken over, and ends.
    #[error("an isolate broke the protocol: {0}")]
    Breach(String),
    /// It is dead or dying, has no room for another, or does not answer.
    #[error("{0}")]
    Unable(String),
}

impl Cordon {
    /// Starts a cordon, and returns when its engine runs. The process is killed when `Child` goes.
    ///
    /// # Errors
    ///
    /// What failed, for the operator.
    pub(crate) async fn start(
        binary: &Path,
        walls: &Walls,
    ) -> Result<(Arc<Self>, Inhabited), String> {
        let (control, theirs) = ControlLink::new().map_err(|e| format!("control link: {e}"))?;
        let (mut child, group) = walls
            .spawn(binary, theirs)
            .await
            .map_err(|error| format!("cannot run {}: {error}", binary.display()))?;
        let pid = child.id().unwrap_or_default();
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(cordon_log::pass_on(stderr, pid));
        }
        match timeout(GREETING, greet(&control)).await {
            Ok(greeted) => greeted?,
            Err(_) => return Err(format!("no greeting within {} s", GREETING.as_secs())),
        }
        let cordon = Self {
            pid,
            owner: OnceLock::new(),
            control,
            isolates: AtomicUsize::new(0),
            numbered: AtomicU64::new(0),
            blanks: Mutex::default(),
            far_ends: Mutex::default(),
            refilling: AtomicBool::new(false),
            draining: AtomicBool::new(false),
            dead: AtomicBool::new(false),
            kill: Notify::new(),
        };
        tracing::info!(cordon = pid, "cordon started");
        Ok((Arc::new(cordon), Inhabited { child, _group: group }))
    }

    /// Watches the cordon until its process has ended.
    pub(crate) async fn watch(self: &Arc<Self>, mut inhabited: Inhabited) {
        let child = &mut inhabited.child;
        let why = tokio::select! {
            why = self.listen() => why,
            () = self.kill.notified() => "it was told to".to_owned(),
        };
        self.dead.store(true, Ordering::Release);
        lock(&self.blanks).clear();
        if why == CLOSED {
            // It is about to end by itself, and how it ends says what it did.
            let _ = timeout(OWN_END, child.wait()).await;
        }
        // It may be gone already; then there is nothing to kill.
        let _ = child.start_kill();
        match child.wait().await {
            Ok(status) => tracing::info!(cordon = self.pid, %status, why, "cordon ended"),
            Err(error) => tracing::error!(cordon = self.pid, %error, "cordon not reaped"),
        }
        self.let_go_of_isolates().await;
    }

    /// After the end of the process: what its isolates have said is all there is, and what they
    /// have not read, they never saw.
    async fn let_go_of_isolates(&self) {
        // What was reaped is the relay. The cordon, which dies with it, may take a moment longer,
        // and holds the control link until it cannot read any more.
        let silence = async { while let Ok(Some(_)) = self.control.receive().await {} };
        if timeout(LAST_WORDS, silence).await.is_err() {
            tracing::error!(cordon = self.pid, "the control link outlives the cordon");
        }
        let far_ends = std::mem::take(&mut *lock(&self.far_ends));
        far_ends.values().filter_map(Weak::upgrade).for_each(|end| end.release());
    }

    /// A blank isolate: from the pool, or a new one.
    ///
    /// # Errors
    ///
    /// [`NoBlank`]; a breach has ended the cordon.
    pub(crate) async fn blank(self: &Arc<Self>) -> Result<Blank, NoBlank> {
        let pooled = loop {
            match lock(&self.blanks).pop() {
                Some(blank) if !blank.is_alive() => {}
                pooled => break pooled,
            }
        };
        let blank = match pooled {
            Some(blank) => Ok(blank),
            None => self.new_blank().await,
        };
        self.refill();
        blank
    }

    /// Makes this `tenant`'s own cordon. Called under the fleet's lock, for a cordon that nobody
    /// else owns.
    pub(crate) fn claim(&self, tenant: &Arc<str>) {
        let owner = self.owner.get_or_init(|| Arc::clone(tenant));
        debug_assert_eq!(owner, tenant, "a cordon has one owner");
    }

    /// The tenant that lives here alone, if this is such a cordon.
    pub(crate) fn owner(&self) -> Option<&str> {
        self.owner.get().map(|owner| &**owner)
    }

    /// Sees to it that the pool is full again, soon.
    pub(crate) fn refill(self: &Arc<Self>) {
        if self.is_ending() || self.refilling.swap(true, Ordering::AcqRel) {
            return;
        }
        let cordon = Arc::clone(self);
        tokio::spawn(async move {
            while lock(&cordon.blanks).len() < cordon.pool() && !cordon.is_ending() {
                match cordon.new_blank().await {
                    Ok(blank) => cordon.keep(blank),
                    Err(error) => {
                        tracing::warn!(cordon = cordon.pid, %error, "no blank isolate");
                        break;
                    }
                }
            }
            cordon.refilling.store(false, Ordering::Release);
        });
    }

    /// Asks the cordon to end when its isolates have.
    pub(crate) async fn drain(&self) {
        self.draining.store(true, Ordering::Release);
        lock(&self.blanks).clear();
        if let Err(error) = self.control.send(SupervisorMessage::Drain, None).await {
            tracing::debug!(cordon = self.pid, %error, "not told to drain");
        }
    }

    /// Ends the process now.
    pub(crate) fn kill(&self) {
        self.kill.notify_one();
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Acquire)
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.is_dead() || self.draining.load(Ordering::Acquire)
    }

    /// Isolates whose thread lives, blank ones included.
    pub(crate) fn isolates(&self) -> usize {
        self.isolates.load(Ordering::Relaxed)
    }

    fn pool(&self) -> usize {
        if self.owner.get().is_some() { OWN_POOL } else { POOL }
    }

    /// Ends a tenant's own cordon when no isolate of the tenant's has come back in a while.
    fn end_if_left(self: &Arc<Self>) {
        if self.owner.get().is_none() || self.has_tenants() {
            return;
        }
        let cordon = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(LINGER).await;
            if !cordon.has_tenants() && !cordon.is_ending() {
                cordon.drain().await;
            }
        });
    }

    /// Whether any isolate holds a deployment.
    fn has_tenants(&self) -> bool {
        self.isolates() > lock(&self.blanks).len()
    }

    fn keep(&self, blank: Blank) {
        let mut blanks = lock(&self.blanks);
        // Looked at under the lock: whoever ends the cordon empties the pool after saying so.
        if !self.is_ending() {
            blanks.push(blank);
        }
    }

    async fn new_blank(&self) -> Result<Blank, NoBlank> {
        let late = |_| NoBlank::Unable(format!("no isolate within {} s", BLANK.as_secs()));
        let made = timeout(BLANK, self.start_isolate()).await.map_err(late)?;
        if let Err(NoBlank::Breach(breach)) = &made {
            tracing::error!(cordon = self.pid, breach, "a cordon broke the protocol");
            self.kill();
        }
        made
    }

    async fn start_isolate(&self) -> Result<Blank, NoBlank> {
        let text = |error: io::Error| NoBlank::Unable(format!("isolate socket: {error}"));
        let (ours, theirs) = StdUnixStream::pair().map_err(text)?;
        ours.set_nonblocking(true).map_err(text)?;
        let socket = UnixStream::from_std(ours).map_err(text)?;
        let isolate = self.numbered.fetch_add(1, Ordering::Relaxed) + 1;
        self.isolates.fetch_add(1, Ordering::Relaxed);
        let theirs = OwnedFd::from(theirs);
        let far_end = Arc::new(FarEnd::new(theirs.try_clone().map_err(text)?));
        lock(&self.far_ends).insert(isolate, Arc::downgrade(&far_end));
        let message = SupervisorMessage::Start { isolate };
        let sent = self.control.send(message, Some(theirs)).await;
        sent.map_err(|error| NoBlank::Unable(format!("control link: {error}")))?;
        if self.is_dead() {
            // It may have died before the end was noted; then nobody else releases it.
            far_end.release();
        }
        Blank::greet(socket, far_end).await
    }

    /// Takes note of what the cordon says; returns why there is no more to hear.
    async fn listen(self: &Arc<Self>) -> String {
        loop {
            match self.control.receive().await {
                Ok(Some(CordonMessage::Exited { isolate, reason })) => {
                    tracing::debug!(cordon = self.pid, isolate, ?reason, "isolate ended");
                    let far_end = lock(&self.far_ends).remove(&isolate);
                    if let Some(far_end) = far_end.as_ref().and_then(Weak::upgrade) {
                        far_end.release();
                    }
                    let one_less = |n: usize| n.checked_sub(1);
                    if self
                        .isolates
                        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
                        .is_err()
                    {
                        return "it ended an isolate that it did not have".to_owned();
                    }
                    self.end_if_left();
                }
                Ok(Some(CordonMessage::Stuck { isolate })) => {
                    return format!("isolate {isolate} does not stop");
                }
                Ok(Some(CordonMessage::Hello { .. })) => return "it greeted twice".to_owned(),
                Ok(None) => return CLOSED.to_owned(),
                // So looks the end of a cordon that had not read all.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                    return CLOSED.to_owned();
                }
                Err(error) => return format!("control link: {error}"),
            }
        }
    }
}

impl Blank {
    async fn greet(mut socket: UnixStream, far_end: Arc<FarEnd>) -> Result<Self, NoBlank> {
        let mut decoder = Decoder::for_host();
        loop {
            match decoder.next::<IsolateFrame<'_>>() {
                Ok(Some(IsolateFrame::Hello { version: VERSION })) => break,
                Ok(Some(frame)) => {
                    return Err(NoBlank::Breach(format!("it greets with {frame:?}")));
                }
                Ok(None) => {}
                Err(error) => return Err(NoBlank::Breach(error.to_string())),
            }
            let read = socket.read(decoder.spare()).await;
            match read.map_err(|error| NoBlank::Unable(format!("isolate socket: {error}")))? {
                0 => {
                    return Err(NoBlank::Unable("an isolate ended before it was there".to_owned()));
                }
                n => decoder.filled(n),
            }
        }
        Ok(Self { socket, far_end, decoder })
    }

    /// Whether the isolate is still there. A blank one says nothing and does not hang up.
    fn is_alive(&self) -> bool {
        let nothing = self.socket.try_read(&mut [0]);
        nothing.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }
}

async fn greet(control: &ControlLink) -> Result<(), String> {
    let text = |error: io::Error| format!("control link: {error}");
    control.send(SupervisorMessage::Hello { version: VERSION }, None).await.map_err(text)?;
    match control.receive().await.map_err(text)? {
        Some(CordonMessage::Hello { version: VERSION }) => Ok(()),
        Some(CordonMessage::Hello { version }) => {
            Err(format!("it speaks version {version}, the host speaks {VERSION}"))
        }
        Some(message) => Err(format!("it greets with {message:?}")),
        None => Err("it ended before its engine ran".to_owned()),
    }
}
