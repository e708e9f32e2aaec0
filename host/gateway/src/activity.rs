//! Whether a connection still does something: slow heads, stalled readers, idle clients.
//!
//! The request path only sets flags; a slow tick per connection looks at them. So a request costs
//! no timer, and a limit is kept to within a tick.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize};
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::reply::Reader;

/// Bytes that a frame of HTTP/2 has at the most, unless both sides agree on more.
const FRAME: usize = 16 << 10;

/// What happened on a connection. Written by its input and output and by its requests.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    requests: AtomicU64,
    in_flight: AtomicU32,
    /// Bytes have arrived that belong to no request yet.
    head_begun: AtomicBool,
    written: AtomicU64,
    write_blocked: AtomicBool,
    /// Response bodies whose last piece is not written yet, and pieces that were.
    unwritten: AtomicU32,
    pieces: AtomicU64,
    /// The last body that a request had may not have been read to its end.
    body_left: AtomicBool,
    /// HTTP/2: frames arrive that are no request's head.
    multiplexed: AtomicBool,
}

impl Activity {
    pub(crate) fn read(&self) {
        self.head_begun.store(true, Relaxed);
    }

    pub(crate) fn wrote(&self) {
        self.written.store(self.written.load(Relaxed).wrapping_add(1), Relaxed);
        self.write_blocked.store(false, Relaxed);
    }

    pub(crate) fn write_blocked(&self) {
        self.write_blocked.store(true, Relaxed);
    }

    pub(crate) fn body_begins(&self) {
        self.body_left.store(true, Relaxed);
    }

    pub(crate) fn body_ends(&self) {
        self.body_left.store(false, Relaxed);
    }

    pub(crate) fn body_left(&self) -> bool {
        self.body_left.load(Relaxed)
    }

    fn snapshot(&self) -> Snapshot {
        let multiplexed = self.multiplexed.load(Relaxed);
        Snapshot {
            requests: self.requests.load(Relaxed),
            in_flight: self.in_flight.load(Relaxed) > 0,
            head_begun: self.head_begun.load(Relaxed) && !multiplexed,
            written: self.written.load(Relaxed),
            write_blocked: self.write_blocked.load(Relaxed),
            unwritten: self.unwritten.load(Relaxed) > 0,
            pieces: self.pieces.load(Relaxed),
        }
    }
}

/// A request that is not answered to its last byte yet.
pub(crate) struct InFlight {
    connection: Arc<Connection>,
    /// Bytes that are held for it.
    held: AtomicUsize,
}

impl InFlight {
    pub(crate) fn begin(connection: Arc<Connection>, version: http::Version) -> Self {
        let activity = &connection.activity;
        activity.requests.fetch_add(1, Relaxed);
        activity.in_flight.fetch_add(1, Relaxed);
        activity.head_begun.store(false, Relaxed);
        if version == http::Version::HTTP_2 {
            activity.multiplexed.store(true, Relaxed);
        }
        Self { connection, held: AtomicUsize::new(0) }
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Holds `bytes` for it, and what was held before no more. Returns whether there is room.
    pub(crate) fn hold(&self, bytes: usize) -> bool {
        let room = &self.connection.room;
        room.give_back(self.held.swap(bytes, Relaxed));
        bytes == 0 || room.hold(bytes)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.hold(0);
        let activity = &self.connection.activity;
        if activity.in_flight.fetch_sub(1, Relaxed) == 1 {
            // What arrived in the meantime was this request's body.
            activity.head_begun.store(false, Relaxed);
        }
    }
}

impl Reader for InFlight {
    fn most(&self) -> usize {
        // HTTP/2 takes a piece whole as soon as its stream's window has a single byte, and nobody counts it then.
        if self.connection.activity.multiplexed.load(Relaxed) { FRAME } else { usize::MAX }
    }

    fn has_piece(&self, bytes: usize) -> bool {
        self.connection.activity.unwritten.fetch_add(1, Relaxed);
        self.hold(bytes)
    }

    fn wants_piece(&self) {
        self.hold(0);
        self.connection.activity.unwritten.fetch_sub(1, Relaxed);
        self.connection.activity.pieces.fetch_add(1, Relaxed);
    }
}

/// [`Activity`] at one moment.
#[derive(Debug, Clone, Copy, Default)]
struct Snapshot {
    requests: u64,
    in_flight: bool,
    head_begun: bool,
    written: u64,
    write_blocked: bool,
    unwritten: bool,
    pieces: u64,
}

/// What is to become of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Keep,
    /// It is idle: say goodbye.
    Finish,
    /// It is stuck: close it.
    Close,
}

/// Judges a connection, tick by tick.
#[derive(Debug)]
pub(crate) struct Watch {
    header_timeout: Duration,
    idle_timeout: Duration,
    last: Snapshot,
    /// Since when there has been no request.
    quiet_since: Instant,
    /// Since when a head has been on its way.
    head_since: Instant,
    /// Since when the client has read nothing of what waits for it.
    stalled_since: Instant,
    finishing: bool,
}

impl Watch {
    pub(crate) fn new(header_timeout: Duration, idle_timeout: Duration, now: Instant) -> Self {
        Self {
            header_timeout,
            idle_timeout,
            last: Snapshot::default(),
            quiet_since: now,
            head_since: now,
            stalled_since: now,
            finishing: false,
        }
    }

    /// How long to wait between two ticks.
    pub(crate) fn interval(&self) -> Duration {
        (self.header_timeout.min(self.idle_timeout) / 2).max(Duration::from_millis(1))
    }

    pub(crate) fn tick(&mut self, activity: &Activity, now: Instant) -> Verdict {
        let current = activity.snapshot();
        let last = std::mem::replace(&mut self.last, current);
        let busy = current.in_flight || current.requests != last.requests;
        if busy {
            self.quiet_since = now;
            self.finishing = false;
        }
        if busy || !current.head_begun {
            self.head_since = now;
        }
        // The socket is full, or HTTP/2's windows are.
        let is_read = (!current.write_blocked || current.written != last.written)
            && (!current.unwritten || current.pieces != last.pieces);
        if is_read {
            self.stalled_since = now;
        }
        self.verdict(now)
    }

    fn verdict(&mut self, now: Instant) -> Verdict {
        if now.duration_since(self.stalled_since) >= self.idle_timeout
            || now.duration_since(self.head_since) >= self.header_timeout
        {
            return Verdict::Close;
        }
        if now.duration_since(self.quiet_since) < self.idle_timeout {
            return Verdict::Keep;
        }
        if std::mem::replace(&mut self.finishing, true) { Verdict::Close } else { Verdict::Finish }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Duration = Duration::from_secs(10);
    const IDLE: Duration = Duration::from_secs(60);

    /// Ticks once a second for `seconds`; the first verdict that is not `Keep`, and its second.
    fn run(activity: &Activity, seconds: u64, mut each: impl FnMut(&Activity)) -> (u64, Verdict) {
        let start = Instant::now();
        let mut watch = Watch::new(HEADER, IDLE, start);
        for second in 1..=seconds {
            each(activity);
            let verdict = watch.tick(activity, start + Duration::from_secs(second));
            if verdict != Verdict::Keep {
                return (second, verdict);
            }
        }
        (seconds, Verdict::Keep)
    }

    #[test]
    fn a_silent_connection_finishes_when_idle() {
        assert_eq!(run(&Activity::default(), 100, |_| {}), (60, Verdict::Finish));
    }

    #[test]
    fn a_trickled_head_is_closed_however_often_bytes_come() {
        // The first tick sees the head begun; the tick before it is where the time counts from.
        assert_eq!(run(&Activity::default(), 100, Activity::read), (10, Verdict::Close));
    }

    #[test]
    fn requests_keep_a_connection() {
        let activity = Activity::default();
        let kept = run(&activity, 1000, |activity| {
            activity.read();
            activity.requests.fetch_add(1, Relaxed);
        });
        assert_eq!(kept, (1000, Verdict::Keep));
    }

    #[test]
    fn a_long_response_keeps_a_connection_unless_its_reader_stalls() {
        let activity = Activity::default();
        activity.in_flight.store(1, Relaxed);
        assert_eq!(run(&activity, 1000, |_| {}), (1000, Verdict::Keep));
        let slow = |activity: &Activity| {
            activity.wrote();
            activity.write_blocked();
        };
        assert_eq!(run(&activity, 1000, slow), (1000, Verdict::Keep));
        assert_eq!(run(&activity, 1000, Activity::write_blocked), (61, Verdict::Close));
    }

    #[test]
    fn a_reader_that_grants_no_window_stalls_though_the_socket_is_free() {
        let activity = Activity::default();
        activity.in_flight.store(1, Relaxed);
        activity.unwritten.store(1, Relaxed);
        assert_eq!(run(&activity, 1000, Activity::wrote), (60, Verdict::Close));
        let slow = |activity: &Activity| {
            activity.pieces.fetch_add(1, Relaxed);
        };
        assert_eq!(run(&activity, 1000, slow), (1000, Verdict::Keep));
    }

    #[test]
    fn frames_that_are_no_request_do_not_count_as_a_slow_head() {
        let activity = Activity::default();
        activity.multiplexed.store(true, Relaxed);
        assert_eq!(run(&activity, 100, Activity::read), (60, Verdict::Finish));
    }

    #[test]
    fn a_connection_that_does_not_say_goodbye_is_closed() {
        let (activity, start) = (Activity::default(), Instant::now());
        let mut watch = Watch::new(HEADER, IDLE, start);
        assert_eq!(watch.tick(&activity, start + IDLE), Verdict::Finish);
        assert_eq!(watch.tick(&activity, start + IDLE + HEADER), Verdict::Close);
    }
}
