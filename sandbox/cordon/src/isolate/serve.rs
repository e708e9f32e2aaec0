//! The event loop of an isolate that serves a deployment.

use std::time::{Duration, Instant};

use insula_platform::{Incoming, Platform};
use insula_spidermonkey::{Isolate, Scope, Throw};
use insula_wire::{BodyHead, Decoder, ExitReason, Farewell, HostFrame, IsolateFrame, RetireReason};

use crate::caretaker::Caretaker;
use crate::isolate::link::{Closed, Received};
use crate::isolate::requests::IsolateHost;

/// Bytes that a collection frees at the least, of blocks too small to be counted.
const LITTER: u64 = 512 << 10;

/// Timers fire for so long before what has arrived has its turn: a request, or the end of the isolate.
const ROUND: Duration = Duration::from_millis(5);

/// Why the loop ends.
enum End {
    /// The host is gone.
    Closed,
    /// The host broke the protocol.
    Protocol,
    /// The host asked for it and nothing is in flight.
    Finished,
    /// A limit was broken by the request on this stream.
    Limit(RetireReason, u32),
}

impl From<Closed> for End {
    fn from(_: Closed) -> Self {
        Self::Closed
    }
}

/// Serves until the host goes, says stop, or a limit is broken. `decoder` holds what has come already.
pub(crate) fn serve(
    isolate: &mut Isolate,
    platform: &Platform,
    host: &IsolateHost,
    caretaker: &Caretaker,
    decoder: Decoder,
) -> ExitReason {
    let (stopping, compact) = (None, false);
    let mut server = Server { caretaker, isolate, platform, host, decoder, stopping, compact };
    match server.run() {
        End::Closed | End::Finished => ExitReason::Closed,
        End::Protocol => ExitReason::Protocol,
        End::Limit(reason, stream) => {
            host.tell_last();
            host.link.queue(&IsolateFrame::Retiring { reason, stream });
            ExitReason::Limit
        }
    }
}

struct Server<'a> {
    caretaker: &'a Caretaker,
    isolate: &'a mut Isolate,
    platform: &'a Platform,
    host: &'a IsolateHost,
    decoder: Decoder,
    /// Set by `Shutdown`: the loop ends when nothing is in flight.
    stopping: Option<Farewell>,
    /// Whether nothing has happened since the heap was compacted.
    compact: bool,
}

impl Server<'_> {
    fn run(&mut self) -> End {
        loop {
            if let Err(end) = self.step() {
                return end;
            }
        }
    }

    /// Everything that has arrived, timers that are due, then one wait.
    fn step(&mut self) -> Result<(), End> {
        self.isolate.set_time(self.host.advance_clock());
        self.handle_frames()?;
        self.fire_timers()?;
        self.fail_what_cannot_settle()?;
        self.host.link.flush()?;
        if self.is_finished() {
            return Err(End::Finished);
        }
        let now = Instant::now();
        let timeout = self.host.timers.borrow().next(now, self.host.allowance_in(now));
        self.decoder.shrink();
        match self.host.link.receive(&mut self.decoder, timeout, self.compact)? {
            Received::Something => self.compact = false,
            Received::Nothing => {}
            Received::LongNothing => self.compact(),
        }
        Ok(())
    }

    fn is_finished(&self) -> bool {
        self.stopping.is_some() && !self.host.has_open() && !self.waits_to_part()
    }

    /// Whether `beforeunload` waits for something that can still come.
    fn waits_to_part(&self) -> bool {
        let can_come = !self.host.timers.borrow().is_empty() || !self.platform.is_idle();
        self.host.is_parting() && can_come
    }

    /// Nothing has come for long: gives back what the last requests have left behind.
    fn compact(&mut self) {
        if self.host.has_open() || self.compact {
            return;
        }
        let before = self.host.memory();
        self.isolate.shrink_to_idle();
        self.host.tell_memory();
        self.caretaker.leave(before.saturating_sub(self.host.memory()).max(LITTER));
        self.compact = true;
    }

    fn handle_frames(&mut self) -> Result<(), End> {
        let Self { isolate, platform, host, decoder, stopping, .. } = self;
        while let Some(frame) = decoder.next().map_err(|_| End::Protocol)? {
            if let HostFrame::Shutdown { reason } = frame {
                if stopping.replace(reason).is_none() {
                    turn(isolate, platform, host, 0, |scope| {
                        host.set_parting(platform.farewell(scope, reason.name())?);
                        Ok(())
                    })?;
                }
                continue;
            }
            if let HostFrame::Request { stream, .. } = frame {
                if host.is_open(stream) {
                    return Err(End::Protocol);
                }
                host.open(stream);
            }
            let stream = charged_stream(platform, host, &frame);
            if let HostFrame::Message { last: true, .. } | HostFrame::Closed { .. } = frame {
                host.renew(stream);
            }
            turn(isolate, platform, host, stream, |scope| dispatch(platform, scope, frame))?;
        }
        Ok(())
    }

    fn fire_timers(&mut self) -> Result<(), End> {
        let began = Instant::now();
        let mut now = began;
        while now - began < ROUND && !self.is_finished() {
            let Self { isolate, platform, host, .. } = self;
            let may_be_late = host.allowance_in(now).is_zero();
            let is_open = |stream| host.is_open(stream);
            let due = host.timers.borrow_mut().take_due(began, may_be_late, is_open);
            let Some((id, stream)) = due else { break };
            turn(isolate, platform, host, stream, |scope| platform.timer(scope, id))?;
            now = Instant::now();
        }
        Ok(())
    }

    /// With nothing to wait for but new requests, those in flight will never be answered.
    fn fail_what_cannot_settle(&mut self) -> Result<(), End> {
        let Self { isolate, platform, host, .. } = self;
        if !host.has_open() || !host.timers.borrow().is_empty() || !platform.is_idle() {
            return Ok(());
        }
        turn(isolate, platform, host, 0, |scope| platform.fail_unsettled(scope))
    }
}

/// One turn of JavaScript with the promise jobs that follow, charged to the request on `stream`.
fn turn(
    isolate: &mut Isolate,
    platform: &Platform,
    host: &IsolateHost,
    stream: u32,
    work: impl FnOnce(&mut Scope<'_>) -> Result<(), Throw>,
) -> Result<(), End> {
    host.begin_turn(stream);
    isolate.enter(|scope| {
        if let Err(throw) = work(scope) {
            // The platform answers what tenant code throws; this is memory or termination.
            let _ = scope.take_exception(throw);
        }
        let _ = platform.settle(scope);
    });
    isolate.relieve();
    host.end_turn(stream);
    if host.meter.is_exceeded() {
        return Err(End::Limit(RetireReason::CpuLimit, stream));
    }
    if isolate.is_out_of_memory() || host.meter.is_thrashing() {
        return Err(End::Limit(RetireReason::MemoryLimit, stream));
    }
    if isolate.is_terminated() {
        return Err(End::Closed);
    }
    Ok(())
}

/// The request that a frame's work is for: the one that it names, or the one whose subrequest it
/// names. 0 when that is over.
fn charged_stream(platform: &Platform, host: &IsolateHost, frame: &HostFrame<'_>) -> u32 {
    let (HostFrame::Request { stream, .. }
    | HostFrame::FetchResponse { stream, .. }
    | HostFrame::FetchFailed { stream, .. }
    | HostFrame::Chunk { stream, .. }
    | HostFrame::End { stream }
    | HostFrame::Error { stream, .. }
    | HostFrame::Credit { stream, .. }
    | HostFrame::Abort { stream }
    | HostFrame::Message { stream, .. }
    | HostFrame::Closed { stream, .. }) = *frame
    else {
        return 0;
    };
    let request = if stream.is_multiple_of(2) { stream } else { platform.parent_of(stream) };
    if host.is_open(request) { request } else { 0 }
}

fn dispatch(platform: &Platform, scope: &mut Scope<'_>, frame: HostFrame<'_>) -> Result<(), Throw> {
    match frame {
        HostFrame::Request { stream, method, url, headers, body } => {
            platform.request(scope, stream, method, url, headers, incoming(body))
        }
        HostFrame::FetchResponse {
            stream,
            status,
            redirected,
            status_text,
            url,
            headers,
            body,
        } => platform.fetch_response(
            scope,
            stream,
            status,
            redirected,
            status_text,
            url,
            headers,
            incoming(body),
        ),
        HostFrame::FetchFailed { stream, message } => platform.fetch_failed(scope, stream, message),
        HostFrame::Chunk { stream, bytes } => platform.chunk(scope, stream, bytes),
        HostFrame::End { stream } => platform.end(scope, stream),
        HostFrame::Error { stream, message } => platform.error(scope, stream, message),
        HostFrame::Credit { stream, bytes } => platform.credit(scope, stream, bytes),
        HostFrame::Abort { stream } => platform.abort(scope, stream),
        HostFrame::Message { stream, last, part } => platform.message(scope, stream, last, part),
        HostFrame::Closed { stream, end, code, reason } => {
            platform.closed(scope, stream, end, code, reason)
        }
        // Frames of the boot have no meaning any more; the host sends none.
        _ => Ok(()),
    }
}

fn incoming(body: BodyHead<'_>) -> Incoming<'_> {
    match body {
        BodyHead::None => Incoming::None,
        BodyHead::Inline(bytes) => Incoming::Whole(bytes),
        BodyHead::Stream { .. } => Incoming::Follows,
    }
}
