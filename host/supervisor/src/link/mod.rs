//! The conversation with one isolate.
//!
//! Requests and subrequests share one stream socket. Whoever has something to say encodes it into
//! the link's output under its lock, and writes; one task reads, and wakes who waits. The isolate
//! is not trusted: what breaks the protocol ends the link.

mod body;
mod breach;
mod credit;
mod crowd;
mod effects;
mod exchange;
mod fetch;
mod output;
mod reader;
mod receive;
mod socket;
mod state;
mod stream_io;
mod sweep;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Instant;

use insula_wire::{BootFailure, Decoder, FailureCode, Farewell, HostFrame, close_code};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::runtime::Handle;
use tokio::sync::{Notify, OwnedSemaphorePermit, SetOnce};

use self::body::{Held, Inbox};
use self::breach::Breach;
use self::effects::Effects;
use self::output::{EncodeTo, Output};
use self::state::{Answer, Phase, State};
use crate::berth::Berth;
use crate::fleet::Sharing;
use crate::placement::Placement;
use crate::stats::Stats;
use crate::sync::lock;
use crate::{
    BootReport, Deployment, ErrorDetail, RequestError, ReuseMode, Services, StartError, TenantEvent,
};

pub(crate) use self::body::Read;
pub(crate) use self::exchange::{Exchange, near};
pub(crate) use self::state::{Boot, Chance, Ending, Failure, micros};

/// Streams of a link end here; the isolate is replaced when it has used them up.
const LAST_STREAM: u32 = 1 << 31;

/// A live isolate, as the host holds it.
pub(crate) struct Link {
    pub(crate) deployment: Arc<Deployment>,
    pub(crate) services: Arc<dyn Services>,
    socket: OwnedWriteHalf,
    berth: Arc<Berth>,
    state: Mutex<State>,
    /// How the start ended, once it has.
    started: SetOnce<Result<BootReport, StartError>>,
    /// Requests that may be in flight at once.
    concurrency: u32,
    placement: Weak<Placement>,
    tally: Arc<Tally>,
    stats: Arc<Stats>,
    /// Requests in flight, for those who compare isolates; the truth is in the state.
    load: AtomicU32,
    /// When it last had a request, on the tally's clock.
    used_ms: AtomicU64,
    /// CPU time that it has told of, in microseconds.
    spent_us: AtomicU64,
    /// How much of that was none of a request that holds a place.
    aside_us: AtomicU64,
    /// Bytes that are charged to the isolate, as it last said. Written under the state's lock.
    memory: AtomicU64,
    runtime: Handle,
    /// For its subrequests.
    errands: Handle,
    /// The right to run an isolate of one's own; given back when the last trace of it is gone.
    _permit: Option<Arc<OwnedSemaphorePermit>>,
}

/// Counts over all links.
#[derive(Debug)]
pub(crate) struct Tally {
    epoch: Instant,
    pub(crate) isolates: AtomicUsize,
    pub(crate) requests: AtomicUsize,
    /// The last number that was given to a request.
    pub(crate) numbered: AtomicU64,
    /// A turn is long.
    pub(crate) long: Notify,
}

/// What a link needs besides its socket.
#[derive(Clone)]
pub(crate) struct LinkContext {
    pub(crate) deployment: Arc<Deployment>,
    pub(crate) services: Arc<dyn Services>,
    /// Who hands out places in the isolate; dangling for an isolate that takes no requests.
    pub(crate) placement: Weak<Placement>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) stats: Arc<Stats>,
    pub(crate) concurrency: u32,
    pub(crate) permit: Option<Arc<OwnedSemaphorePermit>>,
}

/// A place in an isolate, held for one request.
pub(crate) struct Lease {
    link: Option<Arc<Link>>,
    /// When it began to wait for the place, if that is known.
    asked: Option<Instant>,
}

/// What asking for a place gave.
pub(crate) enum Reserved {
    /// A place.
    Lease(Lease),
    /// All places are taken.
    Full,
    /// The isolate takes no more requests.
    Closed,
}

impl Tally {
    pub(crate) fn new(epoch: Instant) -> Self {
        let (isolates, requests, numbered, long) = Default::default();
        Self { epoch, isolates, requests, numbered, long }
    }

    /// Milliseconds since the host began.
    pub(crate) fn now_ms(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Link {
    /// Starts to read from `socket`, whose other end is in `berth`; `decoder` holds what was read
    /// from it before.
    ///
    /// Must be called inside a tokio runtime.
    pub(crate) fn open(
        socket: UnixStream,
        berth: Arc<Berth>,
        decoder: Decoder,
        context: LinkContext,
        boot: Boot,
    ) -> Arc<Self> {
        let (read, write) = socket.into_split();
        let is_heavy = context.stats.appetite.is_heavy();
        let (runtime, errands) = (Handle::current(), context.services.errands(is_heavy));
        let LinkContext { deployment, services, placement, tally, stats, concurrency, permit } =
            context;
        tally.isolates.fetch_add(1, Ordering::Relaxed);
        stats.isolate_begins();
        let used_ms = AtomicU64::new(tally.now_ms());
        let link = Arc::new(Self {
            state: Mutex::new(State {
                out: Output::default(),
                held: Held::default(),
                phase: Phase::Open,
                farewell: Farewell::Shutdown,
                next_stream: 2,
                last_fetch: 0,
                in_flight: 0,
                sockets: 0,
                boot: Some(boot),
                requests: Default::default(),
                subrequests: Default::default(),
                sweeping: false,
                stray_log: Some(deployment.limits.log_bytes),
                stray_us: 0,
                began: Instant::now(),
            }),
            deployment,
            services,
            socket: write,
            berth,
            started: SetOnce::new(),
            concurrency,
            placement,
            tally,
            stats,
            load: AtomicU32::new(0),
            used_ms,
            spent_us: AtomicU64::new(0),
            aside_us: AtomicU64::new(0),
            memory: AtomicU64::new(0),
            runtime,
            errands,
            _permit: permit,
        });
        link.berth.occupy(&link);
        link.runtime.spawn(reader::run(Arc::clone(&link), read, decoder));
        link
    }

    /// Sends frames. For the start: what belongs to streams has methods of its own.
    pub(crate) fn send<'a>(self: &Arc<Self>, frames: impl IntoIterator<Item = HostFrame<'a>>) {
        let mut state = lock(&self.state);
        for frame in frames {
            frame.encode_to(&mut state.out);
        }
        self.flush(state);
    }

    /// Takes a place for a request.
    pub(crate) fn reserve(self: &Arc<Self>) -> Reserved {
        let mut state = lock(&self.state);
        if state.phase != Phase::Open || state.next_stream >= LAST_STREAM {
            return Reserved::Closed;
        }
        // What the host holds for an isolate may be as much as the isolate may hold itself.
        let held = state.held.bytes() + state.out.waiting();
        // Where requests have an isolate for themselves, WebSockets have too.
        let alone =
            if self.deployment.limits.reuse == ReuseMode::Shared { 0 } else { state.sockets };
        let is_full = state.in_flight + alone >= self.concurrency;
        let is_laden = held > self.deployment.limits.memory_mb << 20;
        if is_full || is_laden || !state.out.has_room_for_head() {
            return Reserved::Full;
        }
        state.in_flight += 1;
        self.count_load(&state);
        self.tally.requests.fetch_add(1, Ordering::Relaxed);
        Reserved::Lease(Lease { link: Some(Arc::clone(self)), asked: None })
    }

    /// Takes no more requests; once those in flight are over, the isolate is told to go.
    pub(crate) fn leave(self: &Arc<Self>, reason: Farewell) {
        let mut state = lock(&self.state);
        if state.phase == Phase::Open {
            state.phase = Phase::Leaving;
            state.farewell = reason;
            self.stats.count_farewell(reason);
        } else if state.phase == Phase::Leaving && state.farewell == Farewell::Done {
            // Its last WebSocket need not be waited for any more.
            state.farewell = reason;
        }
        self.tell_if_idle(state);
    }

    /// Whether its start is over.
    pub(crate) fn is_booted(&self) -> bool {
        self.started.initialized()
    }

    /// Waits for the start's end.
    ///
    /// # Errors
    ///
    /// [`StartError`]; the link is closed then, or about to be.
    pub(crate) async fn started(&self) -> Result<BootReport, StartError> {
        self.started.wait().await.clone()
    }

    /// Ends a start that does not come to its end by itself, and the isolate.
    pub(crate) fn fail_start(self: &Arc<Self>, error: StartError) {
        self.start_ends(&mut lock(&self.state), Err(error));
        self.close(Ending::Gone);
    }

    /// Nothing, if it has ended before.
    fn start_ends(&self, state: &mut State, end: Result<BootReport, StartError>) {
        if state.boot.take().is_some() {
            // What was sent need not be kept any more, nor the room for it.
            state.out.rest();
            let first = self.started.set(end).is_ok();
            debug_assert!(first, "a start ends once");
        }
    }

    /// Requests in flight, and WebSockets.
    pub(crate) fn load(&self) -> u32 {
        self.load.load(Ordering::Relaxed)
    }

    /// Whether it may have more requests than it has.
    pub(crate) fn has_place(&self) -> bool {
        self.load() < self.concurrency
    }

    /// Whether what was sent to the isolate waits for it to have time; `None` when that cannot be told.
    pub(crate) fn is_behind(&self) -> Option<bool> {
        self.berth.is_behind()
    }

    /// Who else may live in its cordon; `None` when that is gone.
    pub(crate) fn sharing(&self) -> Option<Sharing> {
        self.berth.sharing()
    }

    /// The cordon says that a turn is long, and has used so much CPU time since it last said so.
    pub(crate) fn note_long(&self, cpu_us: u32) {
        self.stats.appetite.note_long(cpu_us);
        self.tally.long.notify_one();
    }

    /// When it last had a request, in milliseconds on the tally's clock.
    pub(crate) fn used_ms(&self) -> u64 {
        self.used_ms.load(Ordering::Relaxed)
    }

    /// CPU time that it has told of, in microseconds.
    pub(crate) fn spent_us(&self) -> u64 {
        self.spent_us.load(Ordering::Relaxed)
    }

    /// How much of that was none of a request that holds a place.
    pub(crate) fn aside_us(&self) -> u64 {
        self.aside_us.load(Ordering::Relaxed)
    }

    /// Bytes that are charged to the isolate, as it last said.
    pub(crate) fn memory(&self) -> u64 {
        self.memory.load(Ordering::Relaxed)
    }

    /// Tells what happened here, and counts it.
    pub(crate) fn tell(&self, event: TenantEvent) {
        self.stats.count(&event);
        self.services.event(&self.deployment, event);
    }

    /// The number of requests in flight has changed.
    fn count_load(&self, state: &State) {
        let load = state.in_flight + state.sockets;
        self.load.store(load, Ordering::Relaxed);
        if load <= 1 {
            self.used_ms.store(self.tally.now_ms(), Ordering::Relaxed);
        }
    }

    /// Ends the conversation. Requests without an answer fail in the way that `ending` says, but
    /// for those that the isolate has not seen.
    pub(crate) fn close(self: &Arc<Self>, ending: Ending) {
        let mut effects = Effects::default();
        self.berth.release();
        let mut state = lock(&self.state);
        if matches!(state.phase, Phase::Closed(_)) {
            return;
        }
        state.phase = Phase::Closed(ending);
        self.stats.isolate_ends(self.memory.swap(0, Ordering::Relaxed));
        let start = match ending {
            Ending::Limit(code, _) => limit_at_start(code),
            Ending::Gone | Ending::Left => StartError::CordonCrashed,
        };
        self.start_ends(&mut state, Err(start));
        let seen = state.out.seen(self.berth.unread());
        let streams: Vec<u32> = state.requests.keys().copied().collect();
        for stream in streams {
            self.fail(&mut state, stream, ending, seen, &mut effects);
        }
        for (_, mut sub) in state.subrequests.drain() {
            sub.part(&mut effects);
        }
        // What nobody will read goes now: whoever has a WebSocket here holds the link for some seconds more.
        effects.wakers.extend(state.out.close());
        drop(state);
        self.tally.isolates.fetch_sub(1, Ordering::Relaxed);
        // The socket stays open as long as somebody holds the link; the isolate must not.
        let socket: &UnixStream = self.socket.as_ref();
        if let Err(error) = rustix::net::shutdown(socket, rustix::net::Shutdown::Both) {
            tracing::debug!(%error, "an isolate's socket was shut down already");
        }
        effects.run(self);
        if let Some(placement) = self.placement.upgrade() {
            placement.link_gone(self, matches!(ending, Ending::Limit(..)));
        }
    }

    /// Whether code of the tenant may be running.
    pub(crate) fn is_busy(&self) -> bool {
        let state = lock(&self.state);
        state.boot.is_some() || state.in_flight + state.sockets > 0
    }

    /// Whether it takes requests.
    pub(crate) fn is_open(&self) -> bool {
        lock(&self.state).phase == Phase::Open
    }

    /// Whether nothing comes or goes any more.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(lock(&self.state).phase, Phase::Closed(_))
    }

    /// Ends the conversation with an isolate that broke the protocol.
    fn break_off(self: &Arc<Self>, breach: &Breach) {
        if self.is_closed() {
            return;
        }
        let Deployment { tenant, id, .. } = &*self.deployment;
        tracing::error!(%tenant, deployment = %id, %breach, "an isolate broke the protocol");
        self.berth.condemn();
        self.close(Ending::Gone);
    }

    /// Ends one request because the link ends, of which the isolate has seen the first `seen`
    /// bytes. An isolate that has not started has seen none of them, whatever it has read.
    fn fail(
        &self,
        state: &mut State,
        stream: u32,
        ending: Ending,
        seen: u64,
        effects: &mut Effects,
    ) {
        let Some(request) = state.requests.get_mut(&stream) else { return };
        let start = self.started.get().and_then(|started| started.as_ref().err());
        let untouched = match start {
            Some(error) => matches!(error, StartError::CordonCrashed),
            None => ending == Ending::Left || request.at >= seen,
        };
        let failure = match (request.chance, start) {
            (Chance::More, _) if untouched => Failure::Untouched,
            (_, Some(error)) => Failure::Final(error.clone().into()),
            (_, None) => Failure::Final(ending.error(stream)),
        };
        request.moves_on = matches!(failure, Failure::Untouched);
        if let Answer::Awaited(waker) = &mut request.answer {
            effects.wakers.extend(waker.take());
            request.result = Some(Err(failure.clone().for_caller()));
            request.answer = Answer::Here(Err(failure));
        }
        if let Some(inbox) = &mut request.inbox {
            effects.wakers.extend(Inbox::fail(inbox, "the isolate ended"));
        }
        effects.wakers.extend(request.outbox.as_mut().and_then(body::Outbox::cancel));
        if let Some(channel) = &mut request.socket {
            effects.wakers.extend(channel.leave(ending.close_code()));
        }
        request.open_fetches = 0;
        let released = request.released;
        state.over(stream, 0, effects);
        if released {
            state.forget(stream);
        }
    }

    /// Whether another isolate could do what comes next.
    fn may_be_replaced(&self) -> bool {
        self.placement.upgrade().is_none_or(|placement| placement.may_replace())
    }

    /// A place has become free: somebody may wait for it.
    fn freed(&self) {
        if let Some(placement) = self.placement.upgrade() {
            placement.freed();
        }
    }
}

fn limit_at_start(code: FailureCode) -> StartError {
    let failure = match code {
        FailureCode::MemoryLimit => BootFailure::MemoryLimit,
        _ => BootFailure::CpuLimit,
    };
    StartError::Boot { failure, detail: ErrorDetail::message("the isolate was stopped") }
}

impl Ending {
    /// What the other side of a WebSocket is told.
    fn close_code(self) -> u16 {
        match self {
            Self::Left => close_code::GOING_AWAY,
            Self::Gone | Self::Limit(..) => close_code::INTERNAL_ERROR,
        }
    }

    fn error(self, stream: u32) -> RequestError {
        match self {
            Self::Gone | Self::Left => RequestError::CordonCrashed,
            Self::Limit(code, culprit) => {
                let detail = ErrorDetail::message(match culprit == stream {
                    true => "the isolate was stopped at its limit",
                    false => "the isolate was stopped at its limit, because of another request",
                });
                RequestError::Tenant { code, detail }
            }
        }
    }
}

impl Failure {
    /// What the caller is told when there is no other isolate to try.
    pub(crate) fn for_caller(self) -> RequestError {
        match self {
            Self::Final(error) => error,
            Self::Untouched => RequestError::CordonCrashed,
        }
    }
}

impl Lease {
    /// The isolate in which the place is.
    pub(crate) fn link(&self) -> Option<&Arc<Link>> {
        self.link.as_ref()
    }

    /// The same for a request whose wall time began at `asked`.
    pub(crate) fn asked(mut self, asked: Instant) -> Self {
        self.asked = Some(asked);
        self
    }

    /// Waits until the isolate has started.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub(crate) async fn started(&self) -> Result<(), StartError> {
        match &self.link {
            Some(link) => link.started().await.map(drop),
            None => Ok(()),
        }
    }

    /// The place passes to a request, which gives it back when it is over.
    fn pass_on(mut self) {
        self.link = None;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(link) = self.link.take() {
            link.give_back_place();
        }
    }
}
