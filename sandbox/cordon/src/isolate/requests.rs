//! What an isolate keeps about the requests in flight, and what the platform's ops reach.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use insula_memory::Account;
use insula_platform::Host;
use insula_wire::{IsolateFrame, IsolateLimits, LogLevel, ReuseMode};
use rustix::io::Errno;

use crate::isolate::allowance::Allowance;
use crate::isolate::link::Link;
use crate::isolate::meter::Meter;
use crate::isolate::timers::Timers;
use crate::watchdog::Watch;

/// Bytes of log per second that an isolate may write in the long run, and at once: writing is cheap, and what
/// is written costs the host more.
const LOG_RATE: u64 = 1 << 20;
const LOG_BURST: u64 = 4 << 20;

/// What stands in the log where lines are missing because there were too many.
const LOG_FLOOD: &str = "[too much log: lines are dropped until it is less than 1 MiB per second]";

/// What stands at the end of a request's log when it has used up its bytes.
const LOG_CUT: &str = "[this request has used up its log bytes: what follows is dropped]";

/// Bytes by which an isolate's memory changes before the host hears of it, at the least; and the part of what
/// was last told.
const TOLD_STEP: u64 = 512 << 10;
const TOLD_PART: u64 = 8;

/// CPU time of a request in flight, or of what no request is charged for, of which the host hears before its end.
const TOLD_CPU: Duration = Duration::from_millis(5);

/// The status with which a request becomes a WebSocket.
const SWITCHING_PROTOCOLS: u16 = 101;

/// One request in flight; stream 0 stands for what no request does.
#[derive(Debug, Default)]
struct Usage {
    cpu: Duration,
    /// How much of that was before the last message, for a request that is a WebSocket.
    before: Duration,
    /// How much of it the host has heard of.
    told: Duration,
    is_socket: bool,
    log_bytes: usize,
    /// The host has heard that it is above its soft CPU limit.
    is_soft: bool,
}

/// The isolate's side of everything that JavaScript causes.
pub(crate) struct IsolateHost {
    pub(crate) link: Link,
    pub(crate) meter: Meter,
    pub(crate) timers: RefCell<Timers>,
    limits: Cell<IsolateLimits>,
    usage: RefCell<HashMap<u32, Usage>>,
    /// Requests that ended in the turn in progress: their time is settled when it is over.
    ended: RefCell<Vec<u32>>,
    account: Arc<Account>,
    log: RefCell<LogBucket>,
    /// What no request is charged for.
    aside: RefCell<Usage>,
    allowance: RefCell<Allowance>,
    /// Bytes of memory that the host has heard of.
    told: Cell<u64>,
    /// Whether a listener of `beforeunload` asked for more time and has not got enough.
    parting: Cell<bool>,
    began: Instant,
    /// The moment that tenant code sees: it stands still while JavaScript runs.
    now: Cell<Instant>,
    time_origin: f64,
}

impl IsolateHost {
    pub(crate) fn new(
        socket: OwnedFd,
        watch: Arc<Watch>,
        account: Arc<Account>,
    ) -> Result<Self, Errno> {
        let began = Instant::now();
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Self {
            link: Link::new(socket)?,
            meter: Meter::new(watch),
            timers: RefCell::default(),
            // Until the host names the tenant's limits, only the platform runs.
            limits: Cell::new(IsolateLimits {
                cpu_request_us: 1_000_000,
                cpu_soft_us: 0,
                cpu_startup_us: 10_000_000,
                memory_bytes: 128 << 20,
                log_bytes: 0,
                reuse: ReuseMode::Shared,
                wasm: false,
            }),
            usage: RefCell::default(),
            ended: RefCell::default(),
            account,
            log: RefCell::new(LogBucket { left: LOG_BURST, at: began, flooded: false }),
            aside: RefCell::default(),
            allowance: RefCell::new(Allowance::new(began)),
            told: Cell::new(0),
            parting: Cell::new(false),
            began,
            now: Cell::new(began),
            time_origin: since_epoch.as_secs_f64() * 1000.0,
        })
    }

    pub(crate) fn limits(&self) -> IsolateLimits {
        self.limits.get()
    }

    pub(crate) fn set_limits(&self, limits: IsolateLimits) {
        self.limits.set(limits);
    }

    /// Lets the moment that tenant code sees catch up, in whole milliseconds: something has
    /// arrived, or a timer is due. Returns it in microseconds since the epoch.
    pub(crate) fn advance_clock(&self) -> f64 {
        let elapsed = Duration::from_millis(self.began.elapsed().as_millis() as u64);
        self.now.set(self.began + elapsed);
        self.time_origin * 1000.0 + elapsed.as_secs_f64() * 1e6
    }

    /// A request arrives on `stream`.
    pub(crate) fn open(&self, stream: u32) {
        let mut usage = self.usage.borrow_mut();
        // As the host counts: nobody's log has its bytes anew with each request.
        usage.remove(&0);
        usage.insert(stream, Usage::default());
    }

    /// Whether `stream` is a request in flight.
    pub(crate) fn is_open(&self, stream: u32) -> bool {
        stream != 0 && self.usage.borrow().contains_key(&stream)
    }

    /// Whether any request is in flight.
    pub(crate) fn has_open(&self) -> bool {
        self.usage.borrow().keys().any(|&stream| stream != 0)
    }

    /// Somebody waits in `beforeunload`, or does not any more.
    pub(crate) fn set_parting(&self, parting: bool) {
        self.parting.set(parting);
    }

    /// Whether somebody waits in `beforeunload`.
    pub(crate) fn is_parting(&self) -> bool {
        self.parting.get()
    }

    /// A message has come for the request on `stream`: if that is a WebSocket, each message has what a
    /// request has.
    pub(crate) fn renew(&self, stream: u32) {
        if let Some(usage) = self.usage.borrow_mut().get_mut(&stream)
            && usage.is_socket
        {
            usage.before = usage.cpu;
            usage.log_bytes = 0;
            usage.is_soft = false;
        }
    }

    /// A turn for the request on `stream` begins (0: for none).
    pub(crate) fn begin_turn(&self, stream: u32) {
        let limit = Duration::from_micros(self.limits.get().cpu_request_us);
        let used = self.usage.borrow().get(&stream).map_or(Duration::ZERO, Usage::since);
        // What is not for a request that counts gets a request's time for each turn.
        let used = if stream == 0 { Duration::ZERO } else { used };
        self.meter.begin(limit.saturating_sub(used));
    }

    /// Charges the log of the request on `stream`. `false` when its bytes are used up; the log says
    /// so once.
    fn may_log(&self, stream: u32, bytes: usize) -> bool {
        let limit = self.limits.get().log_bytes as usize;
        let mut usage = self.usage.borrow_mut();
        // What a request's code says after its end is nobody's: noting it would open it again.
        let account = if usage.contains_key(&stream) { stream } else { 0 };
        let usage = usage.entry(account).or_default();
        if usage.log_bytes > limit {
            return false;
        }
        match self.log.borrow_mut().take(bytes as u64, self.now.get()) {
            Poured::Fits => {}
            Poured::First => {
                let level = LogLevel::Warn;
                self.link.queue(&IsolateFrame::Log { stream, level, text: LOG_FLOOD });
                return false;
            }
            Poured::More => return false,
        }
        usage.log_bytes += bytes;
        let fits = usage.log_bytes <= limit;
        if !fits {
            let level = LogLevel::Warn;
            self.link.queue(&IsolateFrame::Log { stream, level, text: LOG_CUT });
        }
        fits
    }

    /// The turn is over: charges its time and settles requests that ended in it.
    pub(crate) fn end_turn(&self, stream: u32) {
        let took = self.meter.end();
        let mut usage = self.usage.borrow_mut();
        match usage.get_mut(&stream).filter(|_| stream != 0) {
            Some(request) => {
                request.cpu += took;
                let soft = Duration::from_micros(self.limits.get().cpu_soft_us);
                let is_new = !request.is_soft && !self.meter.is_exceeded();
                if is_new && !soft.is_zero() && request.since() >= soft {
                    request.is_soft = true;
                    self.link.queue(&IsolateFrame::CpuSoft { stream, cpu_us: micros(request.cpu) });
                }
            }
            None => {
                self.aside.borrow_mut().cpu += took;
                self.allowance.borrow_mut().spend(took, Instant::now());
            }
        }
        for stream in self.ended.borrow_mut().drain(..) {
            if let Some(request) = usage.remove(&stream) {
                self.link.queue(&IsolateFrame::Done { stream, cpu_us: micros(request.cpu) });
            }
        }
        // What lasts long must count while it lasts.
        match usage.get_mut(&stream).filter(|_| stream != 0) {
            Some(request) => self.tell_cpu(stream, request, TOLD_CPU),
            None => self.tell_cpu(0, &mut self.aside.borrow_mut(), TOLD_CPU),
        }
        drop(usage);
        self.tell_memory();
    }

    fn tell_cpu(&self, stream: u32, usage: &mut Usage, step: Duration) {
        if usage.cpu - usage.told >= step {
            usage.told = usage.cpu;
            self.link.queue(&IsolateFrame::Spent { stream, cpu_us: micros(usage.cpu) });
        }
    }

    /// How long until there is CPU time for what no request is charged for.
    pub(crate) fn allowance_in(&self, now: Instant) -> Duration {
        self.allowance.borrow().wait(now)
    }

    /// Bytes that are charged to the isolate.
    pub(crate) fn memory(&self) -> u64 {
        self.account.usage().bytes
    }

    /// Tells the host what the isolate's memory comes to, if it does not know about.
    pub(crate) fn tell_memory(&self) {
        let (bytes, told) = (self.account.usage().bytes, self.told.get());
        if bytes.abs_diff(told) >= TOLD_STEP.max(told / TOLD_PART) {
            self.told.set(bytes);
            self.link.queue(&IsolateFrame::Usage { bytes, peak: self.account.usage().peak });
        }
    }

    /// The isolate goes with requests in flight: tells what they have taken, and what it took itself.
    pub(crate) fn tell_last(&self) {
        for (&stream, request) in self.usage.borrow().iter().filter(|(stream, _)| **stream != 0) {
            self.link.queue(&IsolateFrame::Spent { stream, cpu_us: micros(request.cpu) });
        }
        self.tell_cpu(0, &mut self.aside.borrow_mut(), Duration::from_micros(1));
        let usage = self.account.usage();
        self.link.queue(&IsolateFrame::Usage { bytes: usage.bytes, peak: usage.peak });
    }
}

impl Usage {
    /// What counts against the limit.
    fn since(&self) -> Duration {
        self.cpu.saturating_sub(self.before)
    }
}

impl Host for IsolateHost {
    fn memory(&self) -> u64 {
        self.account.usage().bytes
    }

    fn send(&self, frame: IsolateFrame<'_>) {
        if let IsolateFrame::Response { stream, status: SWITCHING_PROTOCOLS, .. } = frame
            && let Some(usage) = self.usage.borrow_mut().get_mut(&stream)
        {
            usage.is_socket = true;
        }
        // Nobody asked for it, so there may be any number of them in one turn.
        if let IsolateFrame::Exception { stream, error } = frame
            && !self.may_log(stream, error.message.len() + error.stack.len())
        {
            return;
        }
        self.link.queue(&frame);
    }

    fn log(&self, stream: u32, level: LogLevel, text: &str) {
        if self.may_log(stream, text.len() + 1) {
            self.link.queue(&IsolateFrame::Log { stream, level, text });
        }
    }

    fn start_timer(&self, id: u32, delay: Duration, stream: u32) {
        self.timers.borrow_mut().start(id, delay, stream, Instant::now());
    }

    fn cancel_timer(&self, id: u32) {
        self.timers.borrow_mut().cancel(id);
    }

    fn request_done(&self, stream: u32) {
        if stream == 0 {
            return self.set_parting(false);
        }
        self.ended.borrow_mut().push(stream);
    }

    fn elapsed(&self) -> Duration {
        self.now.get().duration_since(self.began)
    }

    fn time_origin(&self) -> f64 {
        self.time_origin
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// What an isolate may still log, over all its requests.
struct LogBucket {
    left: u64,
    /// When it was filled last.
    at: Instant,
    flooded: bool,
}

/// What became of a line.
enum Poured {
    Fits,
    /// It does not, and it is the first one.
    First,
    More,
}

impl LogBucket {
    fn take(&mut self, bytes: u64, now: Instant) -> Poured {
        let time = now.saturating_duration_since(self.at).as_millis();
        let fresh = u64::try_from(time).unwrap_or(u64::MAX).saturating_mul(LOG_RATE / 1000);
        self.left = self.left.saturating_add(fresh).min(LOG_BURST);
        self.at = now;
        if let Some(left) = self.left.checked_sub(bytes) {
            self.left = left;
            self.flooded = false;
            return Poured::Fits;
        }
        match std::mem::replace(&mut self.flooded, true) {
            false => Poured::First,
            true => Poured::More,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_marked_once_and_ends_with_time() {
        let mut now = Instant::now();
        let mut bucket = LogBucket { left: LOG_BURST, at: now, flooded: false };
        assert!(matches!(bucket.take(LOG_BURST, now), Poured::Fits));
        assert!(matches!(bucket.take(1, now), Poured::First));
        assert!(matches!(bucket.take(1, now), Poured::More));
        now += Duration::from_secs(1);
        assert!(matches!(bucket.take(LOG_RATE / 2, now), Poured::Fits));
    }
}
