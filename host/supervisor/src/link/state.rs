//! What one link knows of its streams.

use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use insula_wire::{FailureCode, Farewell, HostFrame};
use rustc_hash::FxHashMap;
use tokio::task::AbortHandle;

use super::body::{Held, Inbox, Outbox};
use super::effects::Effects;
use super::output::{EncodeTo, Output};
use super::socket::Channel;
use crate::{Bundle, Outcome, RequestError, TenantEvent};

/// Everything of a link that its lock guards.
pub(super) struct State {
    pub(super) out: Output,
    /// Bytes of bodies that wait for their readers.
    pub(super) held: Held,
    pub(super) phase: Phase,
    /// Why it leaves, when it does.
    pub(super) farewell: Farewell,
    /// The next stream that the host opens; even, never used before.
    pub(super) next_stream: u32,
    /// The last stream that the isolate opened; odd, or 0 for none.
    pub(super) last_fetch: u32,
    /// Requests that hold a place in the isolate: reserved, or open and not over.
    pub(super) in_flight: u32,
    /// Requests that have become WebSockets and are not over.
    pub(super) sockets: u32,
    /// The start, until it has come to its end.
    pub(super) boot: Option<Boot>,
    /// Open requests, and those that one side has not let go of yet.
    pub(super) requests: FxHashMap<u32, Request>,
    /// Open subrequests.
    pub(super) subrequests: FxHashMap<u32, Subrequest>,
    /// Whether a task watches over requests whose response has ended.
    pub(super) sweeping: bool,
    /// Bytes of log that no request has to answer for, until the next request.
    pub(super) stray_log: Option<u32>,
    /// CPU time that no request has to answer for, in microseconds, as the isolate last said.
    pub(super) stray_us: u64,
    /// When the isolate was sent its deployment.
    pub(super) began: Instant,
}

/// A start under way.
pub(crate) struct Boot {
    pub(crate) began: Instant,
    /// What was sent, to show the line that is at fault.
    pub(crate) bundle: Arc<Bundle>,
}

/// Where a link is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It takes requests.
    Open,
    /// It takes none, and is told to go when those in flight are over.
    Leaving,
    /// It has been told to go.
    Told,
    /// Nothing comes or goes any more.
    Closed(Ending),
}

/// How a link ended: what a request without an answer gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The isolate, or its whole cordon, died or broke the protocol.
    Gone,
    /// The isolate broke a limit, for the request on this stream; 0 when for none.
    Limit(FailureCode, u32),
    /// The isolate went as it was asked to.
    Left,
}

/// Why an exchange has no response.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    /// What the caller is told.
    Final(RequestError),
    /// The isolate left without having touched the request: another one may have it.
    Untouched,
}

/// Whether a request may go to another isolate if this one does not touch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chance {
    /// It may: the caller has all of it and will send it again.
    More,
    /// This is its only or its last one.
    Last,
}

/// A response's head, as it waits for its reader.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: HeadBody,
}

/// A response's body, as far as the head tells.
#[derive(Debug)]
pub(super) enum HeadBody {
    None,
    Full(Bytes),
    Stream {
        length: Option<u64>,
    },
    /// There is none: the stream is a WebSocket.
    Socket,
}

/// The answer to a request, on its way to who waits.
#[derive(Debug)]
pub(super) enum Answer {
    /// There is none yet.
    Awaited(Option<Waker>),
    /// It is here.
    Here(Result<Head, Failure>),
    /// It has been taken, or nobody wants it any more.
    Taken,
}

/// One request.
pub(super) struct Request {
    /// Process-wide number, for logs.
    pub(super) number: u64,
    /// `GET https://…`.
    pub(super) line: String,
    /// Where its frame begins: the bytes that went to the isolate before it.
    pub(super) at: u64,
    pub(super) chance: Chance,
    /// The isolate did not touch it and another one gets it, which tells how it ended.
    pub(super) moves_on: bool,
    pub(super) opened: Instant,
    /// When its wall time began: it may have waited for a place, or for its body.
    pub(super) asked: Instant,
    pub(super) answer: Answer,
    /// What the outcome will say; there from the answer on.
    pub(super) result: Option<Result<u16, RequestError>>,
    /// The response's body, when it is streamed.
    pub(super) inbox: Option<Inbox>,
    /// The request's body, when it is streamed.
    pub(super) outbox: Option<Outbox>,
    /// The client asks for a WebSocket.
    pub(super) upgrade: bool,
    /// It has become one.
    pub(super) socket: Option<Box<Channel>>,
    /// Subrequests that it has made.
    pub(super) fetches: u32,
    /// Those of them that are open.
    pub(super) open_fetches: u32,
    /// Bytes that it may still log; `None` once the cut has been marked.
    pub(super) log: Option<u32>,
    /// When its response ended, or was given up by the host.
    pub(super) ended: Option<Instant>,
    /// The isolate has answered, whether or not anybody listened.
    pub(super) answered: bool,
    /// The host has given it up: what still comes is ignored.
    pub(super) aborted: bool,
    /// The isolate has said the last word.
    pub(super) done: bool,
    /// The host's reader has what it wanted.
    pub(super) released: bool,
    /// It is in flight, or a WebSocket, and its outcome is not told.
    pub(super) counted: bool,
    /// It holds a place in the isolate, as long as it is counted.
    pub(super) has_place: bool,
    /// CPU time as the isolate last said, in microseconds: it is counted.
    pub(super) cpu_us: u64,
    /// It has been told that the request is above its soft CPU limit.
    pub(super) soft: bool,
}

/// One subrequest.
pub(super) struct Subrequest {
    /// The request that it belongs to.
    pub(super) parent: u32,
    /// The subrequest's body, when it is streamed.
    pub(super) inbox: Option<Inbox>,
    /// The response's body, when it is streamed.
    pub(super) outbox: Option<Outbox>,
    /// It has become a WebSocket.
    pub(super) socket: Option<Box<Channel>>,
    /// Who carries it out; `None` until that one has started.
    pub(super) task: Option<AbortHandle>,
}

impl State {
    /// The request on `stream` has taken so much CPU time so far; for 0, what is no request's.
    pub(super) fn spent(&mut self, stream: u32, cpu_us: u64, effects: &mut Effects) {
        // A thread cannot use more than the time that there was.
        let (known, most, has_place) = match self.requests.get_mut(&stream) {
            Some(request) if request.counted => {
                (&mut request.cpu_us, request.opened.elapsed(), request.has_place)
            }
            None if stream == 0 => (&mut self.stray_us, self.began.elapsed(), false),
            _ => return,
        };
        let more = cpu_us.min(micros(most)).saturating_sub(*known);
        *known += more;
        effects.spent_us += more;
        effects.aside_us += if has_place { 0 } else { more };
    }

    /// The place that a request held is free, and its story can be told.
    pub(super) fn over(&mut self, stream: u32, cpu_us: u64, effects: &mut Effects) {
        let Some(request) = self.requests.get_mut(&stream).filter(|request| request.counted) else {
            return;
        };
        request.counted = false;
        // A thread cannot use more than the time that there was.
        let cpu_us = cpu_us.max(request.cpu_us).min(micros(request.opened.elapsed()));
        if request.has_place {
            self.in_flight -= 1;
            effects.freed += 1;
        } else {
            self.sockets -= 1;
            effects.parted = true;
        }
        if self.in_flight + self.sockets == 0 {
            effects.resting = true;
            self.out.rest();
        }
        effects.spent_us += cpu_us.saturating_sub(request.cpu_us);
        effects.leaving |= self.in_flight == 0 && self.phase == Phase::Leaving;
        if request.moves_on {
            return;
        }
        effects.events.push(TenantEvent::Outcome(Outcome {
            request: request.number,
            request_line: std::mem::take(&mut request.line),
            result: request.result.take().unwrap_or(Err(RequestError::Cancelled)),
            cpu_us,
            wall_us: micros(request.opened.elapsed()),
        }));
    }

    /// Gives a request up: tells the isolate, and ends what belongs to it.
    pub(super) fn abort(&mut self, stream: u32, effects: &mut Effects) {
        let Some(request) = self.requests.get_mut(&stream) else { return };
        if request.done || request.aborted {
            return;
        }
        request.aborted = true;
        request.ended.get_or_insert_with(Instant::now);
        HostFrame::Abort { stream }.encode_to(&mut self.out);
        if let Some(inbox) = &mut request.inbox {
            inbox.abandon();
        }
        effects.wakers.extend(request.outbox.as_mut().and_then(Outbox::cancel));
        if let Some(channel) = &mut request.socket {
            channel.abandon();
        }
        self.cancel_subrequests(stream, effects);
    }

    /// Ends the subrequests of a request.
    pub(super) fn cancel_subrequests(&mut self, parent: u32, effects: &mut Effects) {
        let Some(request) = self.requests.get_mut(&parent) else { return };
        if request.open_fetches == 0 {
            return;
        }
        request.open_fetches = 0;
        self.subrequests.retain(|_, sub| {
            let stays = sub.parent != parent || !sub.part(effects);
            sub.parent = if sub.parent == parent { 0 } else { sub.parent };
            stays
        });
    }

    /// A subrequest has come to its end.
    pub(super) fn remove_subrequest(&mut self, stream: u32) -> Option<Subrequest> {
        let sub = self.subrequests.remove(&stream)?;
        self.out.part(stream);
        if let Some(parent) = self.requests.get_mut(&sub.parent) {
            parent.open_fetches = parent.open_fetches.saturating_sub(1);
        }
        Some(sub)
    }

    /// The host's reader has what it wanted of a request.
    pub(super) fn release(&mut self, stream: u32) {
        if let Some(request) = self.requests.get_mut(&stream) {
            request.released = true;
        }
        self.forget(stream);
    }

    /// Forgets a request that both sides have let go of.
    pub(super) fn forget(&mut self, stream: u32) {
        let closed = matches!(self.phase, Phase::Closed(_));
        let gone = |request: &Request| request.released && (request.done || closed);
        if self.requests.get(&stream).is_some_and(gone) {
            self.requests.remove(&stream);
            self.out.part(stream);
        }
    }

    pub(super) fn inbox(&mut self, stream: u32) -> Option<&mut Inbox> {
        match stream % 2 {
            0 => self.requests.get_mut(&stream)?.inbox.as_mut(),
            _ => self.subrequests.get_mut(&stream)?.inbox.as_mut(),
        }
    }

    pub(super) fn outbox(&mut self, stream: u32) -> Option<&mut Outbox> {
        let (socket, outbox) = match stream % 2 {
            0 => {
                let request = self.requests.get_mut(&stream)?;
                (&mut request.socket, &mut request.outbox)
            }
            _ => {
                let sub = self.subrequests.get_mut(&stream)?;
                (&mut sub.socket, &mut sub.outbox)
            }
        };
        socket.as_mut().map(|channel| &mut channel.out).or(outbox.as_mut())
    }
}

/// Whole microseconds of `duration`.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
