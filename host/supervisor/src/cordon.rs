//! One cordon process: started, greeted, watched, and given isolates to start.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use insula_jail::Place;
use insula_launcher::{Class, Share};
use insula_wire::{CordonMessage, Farewell, SupervisorMessage, VERSION};
use rustc_hash::FxHashMap;
use tokio::net::UnixStream;
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;

use crate::berth::Berth;
use crate::blank::{Blank, NoBlank};
use crate::capacity::cores;
use crate::control_link::ControlLink;
use crate::cordon_log;
use crate::deployment::CordonClass;
use crate::fleet::Sharing;
use crate::link::Link;
use crate::quarantine::{Quarantine, Verdict};
use crate::sync::lock;
use crate::walls::{Process, Walls};
use crate::{CordonUsage, Deployment, Offence, TrustLevel};

/// How long a cordon may take until its engine runs.
const GREETING: Duration = Duration::from_secs(30);
/// How long a blank isolate may take until it is there.
const BLANK: Duration = Duration::from_secs(10);
/// Blank isolates that a cordon keeps, at the least and at the most: as many as are taken in [`POOL_TIME`].
const POOL: usize = 4;
const LARGEST_POOL: usize = 48;
/// While one blank isolate is made, several may be taken, so the pool holds what this time takes.
const POOL_TIME: Duration = Duration::from_millis(100);
/// Blank isolates that are made at once, for each processor: more would share the processors, and each of them
/// come as late as the last.
const AT_ONCE: usize = 2;
/// What is made for later waits so long while there are blank isolates: making one takes the
/// processor for milliseconds, and the one that was just taken has somebody waiting for it.
const HEAD_START: Duration = Duration::from_millis(5);
/// Blank isolates that a cordon of one tenant keeps.
const OWN_POOL: usize = 1;
/// The longest that a request, and what it waits for afterwards, may be configured to take, and some time more.
const LONGEST_REQUEST: Duration = Duration::from_secs(2 * 900 + 60);
/// After so long without a request an isolate compacts its heap.
const SILENCE: Duration = Duration::from_secs(10);
/// How long a tenant's own cordon outlives its last isolate: the next one may come soon.
const LINGER: Duration = Duration::from_secs(10);
/// Signals by which a process ends that did nothing wrong.
const KILLED: i32 = 9;
const TERMINATED: i32 = 15;
/// The signal by which the system call filter ends a process.
const FORBIDDEN_CALL: i32 = 31;
/// How long a process that is ending may take, and its last handle on the control link after it.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A live cordon.
pub(crate) struct Cordon {
    pid: u32,
    /// The folders of its control group.
    group: Vec<Place>,
    /// Who may live here, and how far they are trusted.
    sharing: Sharing,
    level: TrustLevel,
    /// The one tenant that lives here, once it has moved in; never set in a shared cordon.
    owner: OnceLock<Arc<str>>,
    control: ControlLink,
    /// How many isolates' ends the host may hold.
    handles: Arc<Semaphore>,
    /// Isolates whose thread lives, blank ones included.
    isolates: AtomicUsize,
    /// The last number that was given to an isolate.
    numbered: AtomicU64,
    /// The oldest first.
    blanks: Mutex<VecDeque<Blank>>,
    /// The right to be made.
    making: Semaphore,
    /// Where the isolates live, by their numbers, until the cordon says that they have ended.
    berths: Mutex<FxHashMap<u64, Arc<Berth>>>,
    refilling: AtomicBool,
    born: Instant,
    /// Blank isolates taken since the pool was last adapted.
    taken: AtomicUsize,
    /// Blank isolates that the pool shall hold.
    pool: AtomicUsize,
    /// Since when it is being replaced.
    recycled: OnceLock<Instant>,
    /// Looks in a row that found it too large.
    grown: AtomicU32,
    /// It has been told to end: no blank isolate may keep it from that.
    draining: AtomicBool,
    dead: AtomicBool,
    kill: Notify,
    /// What it did, when it did something.
    fault: OnceLock<Fault>,
}

/// What a cordon has to die of, or dies of.
#[derive(Debug)]
pub(crate) enum Fault {
    /// This isolate does not react to interrupts.
    Stuck(u64),
    /// There was a fault on the thread of this isolate; 0 for another thread.
    Crashed(u64),
    /// The isolate of this deployment broke the protocol.
    Breach(Arc<Deployment>),
    /// The cordon itself broke the protocol.
    Nonsense,
}

impl Cordon {
    /// Starts a cordon, and returns when its engine runs. It is killed when the process goes.
    ///
    /// # Errors
    ///
    /// What failed, for the operator.
    pub(crate) async fn start(
        walls: &Walls,
        class: &CordonClass,
        sharing: Sharing,
    ) -> Result<(Arc<Self>, Process), String> {
        let (control, theirs) = ControlLink::new().map_err(|e| format!("control link: {e}"))?;
        let share = match sharing {
            Sharing::Level => Share::None,
            Sharing::Tenant => Share::Own,
            Sharing::Heavy => Share::Low,
        };
        let engine = if class.jit { Class::Usual } else { Class::NoJit };
        let (process, log) = walls.spawn(theirs, engine, share).await?;
        let (pid, group) = (process.pid(), process.group().to_vec());
        tokio::spawn(cordon_log::pass_on(log, pid));
        match timeout(GREETING, greet(&control)).await {
            Ok(greeted) => greeted?,
            Err(_) => return Err(format!("no greeting within {} s", GREETING.as_secs())),
        }
        let cordon = Self {
            pid,
            group,
            sharing,
            level: class.level.clone(),
            owner: OnceLock::new(),
            control,
            handles: walls.handles(),
            isolates: AtomicUsize::new(0),
            numbered: AtomicU64::new(0),
            blanks: Mutex::default(),
            making: Semaphore::new(AT_ONCE * cores() as usize),
            berths: Mutex::default(),
            refilling: AtomicBool::new(false),
            born: Instant::now(),
            taken: AtomicUsize::new(0),
            pool: AtomicUsize::new(POOL),
            grown: AtomicU32::new(0),
            recycled: OnceLock::new(),
            draining: AtomicBool::new(false),
            dead: AtomicBool::new(false),
            kill: Notify::new(),
            fault: OnceLock::new(),
        };
        tracing::info!(cordon = pid, ?sharing, "cordon started");
        Ok((Arc::new(cordon), process))
    }

    /// Watches the cordon until its process has ended, and says who is to blame, if anybody is.
    pub(crate) async fn watch(self: &Arc<Self>, mut process: Process, judge: &Quarantine) {
        let (why, told) = tokio::select! {
            why = self.listen() => (why, false),
            () = self.kill.notified() => ("it was told to".to_owned(), true),
        };
        self.dead.store(true, Ordering::Release);
        lock(&self.blanks).clear();
        // One that dies by itself says by its status what it died of.
        let dying = !told && matches!(self.fault.get(), None | Some(Fault::Crashed(_)));
        let status = end(&mut process, dying).await;
        match &status {
            Ok(status) => tracing::info!(cordon = self.pid, %status, why, "cordon ended"),
            Err(error) => tracing::error!(cordon = self.pid, error, "cordon not reaped"),
        }
        let berths = std::mem::take(&mut *lock(&self.berths));
        // First, so that nobody who is to blame finds a place among others meanwhile.
        if let Some(verdict) = self.verdict(status.ok(), &berths) {
            judge.judge(&verdict);
        }
        self.fall_silent().await;
        // What the isolates have said is all there is, and what they have not read, they never saw.
        berths.values().for_each(|berth| berth.release());
    }

    /// Ends the process for what it did.
    pub(crate) fn condemn(&self, fault: Fault) {
        // The first fault counts: what follows may be its consequence.
        let _ = self.fault.set(fault);
        self.kill();
    }

    /// Who brought the cordon down, by what is known: its own last word, or who was there.
    fn verdict(
        &self,
        status: Option<ExitStatus>,
        berths: &FxHashMap<u64, Arc<Berth>>,
    ) -> Option<Verdict> {
        let resident = |isolate| berths.get(isolate).and_then(|berth| berth.resident()).cloned();
        let (offence, named) = match self.fault.get() {
            Some(Fault::Stuck(isolate)) => (Offence::IgnoredInterrupt, resident(isolate)),
            Some(Fault::Breach(deployment)) => {
                (Offence::BrokeProtocol, Some(Arc::clone(deployment)))
            }
            Some(Fault::Crashed(isolate)) => (Offence::Crash, resident(isolate)),
            Some(Fault::Nonsense) => (Offence::BrokeProtocol, None),
            None => match status?.signal()? {
                // By the operator, the system, or this server.
                KILLED | TERMINATED => return None,
                FORBIDDEN_CALL => (Offence::ForbiddenCall, None),
                _ => (Offence::Crash, None),
            },
        };
        let certain = named.is_some();
        let suspects = match named {
            Some(deployment) => vec![deployment],
            None => {
                let busy = berths.values().filter(|berth| berth.is_busy());
                busy.filter_map(|berth| berth.resident().cloned()).collect()
            }
        };
        tracing::warn!(
            cordon = self.pid,
            ?offence,
            certain,
            suspects = suspects.len(),
            "a cordon was brought down"
        );
        Some(Verdict { offence, certain, suspects })
    }

    /// Returns when the cordon can read no more: what was reaped is the relay, and the cordon,
    /// which dies with it, may take a moment longer.
    async fn fall_silent(&self) {
        let silence = async { while let Ok(Some(_)) = self.control.receive().await {} };
        if timeout(LAST_WORDS, silence).await.is_err() {
            tracing::error!(cordon = self.pid, "the control link outlives the cordon");
        }
    }

    /// A blank isolate: from the pool, or a new one. Whoever takes it sees to the pool when there is time.
    ///
    /// # Errors
    ///
    /// [`NoBlank`]; a breach has ended the cordon.
    pub(crate) async fn blank(self: &Arc<Self>) -> Result<Blank, NoBlank> {
        let pooled = loop {
            match lock(&self.blanks).pop_front() {
                Some(blank) if !blank.is_alive() => {}
                pooled => break pooled,
            }
        };
        self.taken.fetch_add(1, Ordering::Relaxed);
        if pooled.is_none() {
            // Too small: who comes next should not find it empty again.
            let double = |pool: usize| Some((pool * 2).min(LARGEST_POOL));
            let _ = self.pool.fetch_update(Ordering::Relaxed, Ordering::Relaxed, double);
        }
        match pooled {
            Some(blank) => Ok(blank),
            None => self.new_blank().await,
        }
    }

    /// Whether whoever comes next waits for an isolate to be made.
    pub(crate) fn is_bare(&self) -> bool {
        lock(&self.blanks).is_empty()
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

    /// Who may live here.
    pub(crate) fn sharing(&self) -> Sharing {
        self.sharing
    }

    /// Sees to it that the pool is full again, soon.
    pub(crate) fn refill(self: &Arc<Self>) {
        if self.is_ending() || self.refilling.swap(true, Ordering::AcqRel) {
            return;
        }
        let cordon = Arc::clone(self);
        tokio::spawn(async move {
            if lock(&cordon.blanks).len() >= cordon.pool() / 2 {
                tokio::time::sleep(HEAD_START).await;
            }
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

    /// Lets the pool follow the rate at which blank isolates were taken in the last `time`, down slowly.
    pub(crate) fn adapt_pool(self: &Arc<Self>, time: Duration) {
        let taken = self.taken.swap(0, Ordering::Relaxed) as u128;
        let wanted = taken * POOL_TIME.as_millis() / time.as_millis().max(1);
        let before = self.pool.load(Ordering::Relaxed);
        let pool = usize::try_from(wanted).unwrap_or(LARGEST_POOL).max(before - before.div_ceil(8));
        self.pool.store(pool.clamp(POOL, LARGEST_POOL), Ordering::Relaxed);
        let surplus = {
            let mut blanks = lock(&self.blanks);
            let kept = self.pool().min(blanks.len());
            blanks.split_off(kept)
        };
        drop(surplus);
        if before < pool {
            self.refill();
        }
    }

    fn pool(&self) -> usize {
        let pool = self.pool.load(Ordering::Relaxed);
        if self.owner.get().is_some() { pool - POOL + OWN_POOL } else { pool }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// What it uses now. Reads several files.
    pub(crate) fn usage(&self) -> CordonUsage {
        CordonUsage::of(self.pid, self.sharing, &self.level, &self.group)
    }

    pub(crate) fn age(&self) -> Duration {
        self.born.elapsed()
    }

    /// Isolates that were ever started here.
    pub(crate) fn starts(&self) -> u64 {
        self.numbered.load(Ordering::Relaxed)
    }

    /// Bytes that may be charged to its isolates: what they last said, and as much as they may have for
    /// those that are at work, since they say so only after it.
    pub(crate) fn memory(&self) -> u64 {
        let most = |link: &Arc<Link>| match link.is_busy() {
            true => link.deployment.limits.memory_mb << 20,
            false => link.memory(),
        };
        self.links().iter().map(most).sum()
    }

    /// The conversations with its isolates. Collected, so that no link's lock is taken under this one's.
    fn links(&self) -> Vec<Arc<Link>> {
        lock(&self.berths).values().filter_map(|berth| berth.link()).collect()
    }

    /// How many times in a row, this one included, it was found to have grown too large.
    pub(crate) fn grown_for(&self, has_grown: bool) -> u32 {
        match has_grown {
            true => self.grown.fetch_add(1, Ordering::Relaxed) + 1,
            false => {
                self.grown.store(0, Ordering::Relaxed);
                0
            }
        }
    }

    /// Lets all isolates finish what they have, and the process end after them. Whoever lived here
    /// starts elsewhere with its next request.
    pub(crate) async fn recycle(&self) {
        let _ = self.recycled.set(Instant::now());
        // It may not even take the word; that must not keep its isolates.
        self.draining.store(true, Ordering::Release);
        self.keep_recycling();
        if timeout(BLANK, self.drain()).await.is_err() {
            self.kill();
        }
    }

    /// Tells the isolates of a cordon that is being replaced to go, those too that were on their way when
    /// it began; ends it when all that they may have had in flight is over.
    pub(crate) fn keep_recycling(&self) {
        let Some(since) = self.recycled.get() else { return };
        if since.elapsed() > LONGEST_REQUEST {
            return self.kill();
        }
        for link in self.links().iter().filter(|link| link.is_booted()) {
            link.leave(Farewell::Recycled);
        }
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
    pub(crate) fn has_tenants(&self) -> bool {
        self.isolates() > lock(&self.blanks).len()
    }

    fn keep(&self, blank: Blank) {
        let mut blanks = lock(&self.blanks);
        // Looked at under the lock: whoever ends the cordon empties the pool after saying so.
        if !self.is_ending() {
            blanks.push_back(blank);
        }
    }

    async fn new_blank(self: &Arc<Self>) -> Result<Blank, NoBlank> {
        // Counted while it waits: there is no room for more than so many.
        let room = Room::take(&self.isolates);
        // Never closed.
        let _right = self.making.acquire().await;
        let late = |_| NoBlank::Unable(format!("no isolate within {} s", BLANK.as_secs()));
        let made = timeout(BLANK, self.start_isolate(room)).await.map_err(late)?;
        if let Err(NoBlank::Breach(breach)) = &made {
            tracing::error!(cordon = self.pid, breach, "a cordon broke the protocol");
            self.condemn(Fault::Nonsense);
        }
        made
    }

    async fn start_isolate(self: &Arc<Self>, room: Room<'_>) -> Result<Blank, NoBlank> {
        let text = |error: io::Error| NoBlank::Unable(format!("isolate socket: {error}"));
        let (ours, theirs) = StdUnixStream::pair().map_err(text)?;
        ours.set_nonblocking(true).map_err(text)?;
        let socket = UnixStream::from_std(ours).map_err(text)?;
        let isolate = self.numbered.fetch_add(1, Ordering::Relaxed) + 1;
        // The isolate notices by this that it has nothing to do, at no cost for those that have.
        theirs.set_read_timeout(Some(SILENCE)).map_err(text)?;
        let theirs = OwnedFd::from(theirs);
        let permit = Arc::clone(&self.handles).try_acquire_owned().ok();
        let far_end = permit.map(|permit| theirs.try_clone().map(|end| (end, permit)));
        let far_end = far_end.transpose().map_err(text)?;
        let berth = Arc::new(Berth::new(Arc::downgrade(self), far_end));
        lock(&self.berths).insert(isolate, Arc::clone(&berth));
        let message = SupervisorMessage::Start { isolate };
        let sent = self.control.send(message, Some(theirs)).await;
        sent.map_err(|error| NoBlank::Unable(format!("control link: {error}")))?;
        room.keep();
        if self.is_dead() {
            // It may have died before the end was noted; then nobody else releases it.
            berth.release();
        }
        Blank::greet(socket, berth).await
    }

    /// Takes note of what the cordon says; returns why there is no more to hear.
    async fn listen(self: &Arc<Self>) -> String {
        loop {
            match self.control.receive().await {
                Ok(Some(CordonMessage::Exited { isolate, reason })) => {
                    tracing::debug!(cordon = self.pid, isolate, ?reason, "isolate ended");
                    let berth = lock(&self.berths).remove(&isolate);
                    if let Some(berth) = berth {
                        berth.release();
                    }
                    let one_less = |n: usize| n.checked_sub(1);
                    if self
                        .isolates
                        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
                        .is_err()
                    {
                        let _ = self.fault.set(Fault::Nonsense);
                        return "it ended an isolate that it did not have".to_owned();
                    }
                    self.end_if_left();
                }
                Ok(Some(CordonMessage::Long { isolate, cpu_us })) => {
                    let berth = lock(&self.berths).get(&isolate).cloned();
                    if let Some(link) = berth.and_then(|berth| berth.link()) {
                        link.note_long(cpu_us);
                    }
                }
                Ok(Some(CordonMessage::Stuck { isolate })) => {
                    let _ = self.fault.set(Fault::Stuck(isolate));
                    return format!("isolate {isolate} does not stop");
                }
                Ok(Some(CordonMessage::Crashed { isolate, signal })) => {
                    let _ = self.fault.set(Fault::Crashed(isolate));
                    return format!("a fault (signal {signal}) on the thread of isolate {isolate}");
                }
                Ok(Some(CordonMessage::Hello { .. })) => {
                    let _ = self.fault.set(Fault::Nonsense);
                    return "it greeted twice".to_owned();
                }
                Ok(None) => return "it closed the control link".to_owned(),
                Err(error) => {
                    if error.kind() == io::ErrorKind::InvalidData {
                        let _ = self.fault.set(Fault::Nonsense);
                    }
                    return format!("control link: {error}");
                }
            }
        }
    }
}

/// The room of an isolate that is not there yet, given back if it does not come.
struct Room<'a>(Option<&'a AtomicUsize>);

impl<'a> Room<'a> {
    fn take(isolates: &'a AtomicUsize) -> Self {
        isolates.fetch_add(1, Ordering::Relaxed);
        Self(Some(isolates))
    }

    /// The isolate is on its way: its cordon will say when it has ended.
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        if let Some(isolates) = self.0 {
            isolates.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// Waits for a process that is dying, for a moment; kills it if it does not end, or is not.
async fn end(process: &mut Process, dying: bool) -> Result<ExitStatus, &'static str> {
    if dying && let Ok(status) = timeout(LAST_WORDS, process.wait()).await {
        return status;
    }
    process.kill();
    process.wait().await
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
