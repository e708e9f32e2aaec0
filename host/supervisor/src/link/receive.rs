//! What an isolate says, frame by frame.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use bytes::Bytes;
use http::StatusCode;
use insula_wire::{
    BodyHead, BootFailure, FailureCode, Farewell, HeaderBlock, IsolateFrame, LogLevel, RetireReason,
};

use super::body::{Inbox, Outbox};
use super::effects::Effects;
use super::reader::Stop;
use super::state::{Answer, Boot, Chance, Failure, Head, HeadBody, Phase, State, micros};
use super::{Breach, Ending, Link};
use crate::subrequest::Call;
use crate::sync::lock;
use crate::{
    BootReport, ErrorDetail, Exception, Limit, LogLine, RequestError, StartError, TenantEvent,
    fields,
};

impl Link {
    pub(super) fn receive(
        self: &Arc<Self>,
        frame: IsolateFrame<'_>,
        effects: &mut Effects,
    ) -> Result<(), Stop> {
        match frame {
            IsolateFrame::Hello { .. } => return Err(Breach::OutOfTurn("Hello").into()),
            IsolateFrame::Ready { cpu_us, .. } => self.ready(cpu_us, effects)?,
            IsolateFrame::BootFailed { failure, error } => {
                self.boot_failed(failure, ErrorDetail::new(error))?;
                return Err(Stop::Retired(Ending::Gone));
            }
            IsolateFrame::Response { stream, status, headers, body, status_text: _ } => {
                let follows = match body {
                    BodyHead::Stream { .. } => Follows::Body,
                    _ if status == SWITCHING_PROTOCOLS => Follows::Messages,
                    _ => Follows::Nothing,
                };
                let head = response_head(status, headers, body);
                self.answered(stream, head, follows, effects)?;
            }
            IsolateFrame::Failed { stream, code, error } => {
                let error = RequestError::Tenant { code, detail: ErrorDetail::new(error) };
                self.answered(stream, Err(error), Follows::Nothing, effects)?;
            }
            IsolateFrame::Done { stream, cpu_us } => self.done(stream, cpu_us, effects)?,
            IsolateFrame::Log { stream, level, text } => {
                self.pass_on(stream, "Log", text.len(), effects, |request| {
                    TenantEvent::Log(LogLine { request, level, text: text.to_owned() })
                })?;
            }
            IsolateFrame::Exception { stream, error } => {
                let length = error.message.len() + error.stack.len();
                self.pass_on(stream, "Exception", length, effects, |request| {
                    TenantEvent::Exception(Exception { request, detail: ErrorDetail::new(error) })
                })?;
            }
            IsolateFrame::Fetch { stream, parent, redirect, method, url, headers, body } => {
                let streamed = matches!(body, BodyHead::Stream { .. });
                if self.admit_fetch(stream, parent, streamed)? {
                    self.start_fetch(Call::new(stream, redirect, method, url, headers, body));
                }
            }
            IsolateFrame::Connect { stream, parent, url, headers } => {
                if self.admit_fetch(stream, parent, false)? {
                    self.start_fetch(Call::connect(stream, url, headers));
                }
            }
            IsolateFrame::Message { stream, last, part } => {
                self.on_socket(stream, "Message", effects, |channel| channel.message(last, part))?;
            }
            IsolateFrame::Close { stream, code, reason } => {
                self.on_socket(stream, "Close", effects, |channel| channel.close(code, reason))?;
            }
            IsolateFrame::Usage { bytes, peak } => self.take_usage(bytes, peak),
            IsolateFrame::Spent { stream, cpu_us } => {
                let mut state = lock(&self.state);
                state.check_opened(stream, "Spent")?;
                state.spent(stream, cpu_us, effects);
            }
            IsolateFrame::CpuSoft { stream, cpu_us: _ } => {
                let mut state = lock(&self.state);
                state.check_opened(stream, "CpuSoft")?;
                // Once for each request: who says it again has nothing to say.
                if let Some(request) = state.requests.get_mut(&stream)
                    && !std::mem::replace(&mut request.soft, true)
                {
                    let (request, limit) = (Some(request.number), Limit::CpuSoft);
                    effects.events.push(TenantEvent::Breach { request, limit });
                    effects.retire = Some(Farewell::CpuSoft);
                }
            }
            IsolateFrame::Retiring { reason, stream } => {
                let request = lock(&self.state).request_number(stream, "Retiring")?;
                let ending = match reason {
                    RetireReason::CpuLimit => Ending::Limit(FailureCode::CpuLimit, stream),
                    RetireReason::MemoryLimit => Ending::Limit(FailureCode::MemoryLimit, stream),
                    RetireReason::Shutdown => Ending::Left,
                };
                effects
                    .events
                    .extend(ending.limit().map(|limit| TenantEvent::Breach { request, limit }));
                return Err(Stop::Retired(ending));
            }
            IsolateFrame::Chunk { stream, bytes } => {
                self.body(stream, "Chunk", effects, |inbox| inbox.chunk(bytes))?;
            }
            IsolateFrame::End { stream } => {
                self.body(stream, "End", effects, |inbox| inbox.end(Ok(())))?;
            }
            IsolateFrame::Error { stream, message } => {
                self.body(stream, "Error", effects, |inbox| inbox.end(Err(message.to_owned())))?;
            }
            IsolateFrame::Credit { stream, bytes } => {
                let mut state = lock(&self.state);
                state.check_opened(stream, "Credit")?;
                if let Some(outbox) = state.outbox(stream) {
                    effects.wakers.extend(outbox.grant(bytes)?);
                }
            }
            IsolateFrame::Abort { stream } => {
                let mut state = lock(&self.state);
                state.check_opened(stream, "Abort")?;
                state.cancelled_by_isolate(stream, effects);
            }
        }
        Ok(())
    }

    /// After a batch: responses that have ended without the isolate's last word are watched.
    pub(super) fn settle(self: &Arc<Self>, effects: &mut Effects) {
        if effects.ended.is_empty() {
            return;
        }
        let mut state = lock(&self.state);
        let open = |stream: u32| state.requests.get(&stream).is_some_and(|r| !r.done);
        if effects.ended.drain(..).any(open) {
            self.linger(&mut state);
        }
    }

    /// Whether the isolate's going is what the host asked for.
    pub(super) fn was_told_to_go(&self) -> bool {
        lock(&self.state).phase == Phase::Told
    }

    fn take_usage(&self, bytes: u64, peak: u64) {
        // More than it can have is no news, and sums are made of this.
        let most = self.deployment.limits.memory_mb.saturating_mul(2 << 20);
        let (bytes, peak) = (bytes.min(most), peak.min(most));
        let state = lock(&self.state);
        // What a closed link held has been given back.
        if !matches!(state.phase, Phase::Closed(_)) {
            let before = self.memory.swap(bytes, Ordering::Relaxed);
            self.stats.memory_changes(before, bytes, peak);
        }
    }

    fn ready(&self, cpu_us: u64, effects: &mut Effects) -> Result<(), Breach> {
        let mut state = lock(&self.state);
        let Boot { began, .. } = state.boot.as_ref().ok_or(TWICE)?;
        let wall_us = micros(began.elapsed());
        self.start_ends(&mut state, Ok(BootReport { cpu_us, wall_us }));
        // One that takes no requests was only tried.
        if self.placement.strong_count() > 0 {
            effects.events.push(TenantEvent::Started { cpu_us, wall_us });
        }
        Ok(())
    }

    fn boot_failed(&self, failure: BootFailure, mut detail: ErrorDetail) -> Result<(), Breach> {
        let mut state = lock(&self.state);
        let Boot { bundle, .. } = state.boot.as_ref().ok_or(TWICE)?;
        detail.find_source_line(bundle);
        self.start_ends(&mut state, Err(StartError::Boot { failure, detail }));
        Ok(())
    }

    fn answered(
        self: &Arc<Self>,
        stream: u32,
        head: Result<Head, RequestError>,
        follows: Follows,
        effects: &mut Effects,
    ) -> Result<(), Breach> {
        let mut state = lock(&self.state);
        let State { requests, held, .. } = &mut *state;
        let request = match requests.get_mut(&stream) {
            Some(request) if !request.done => request,
            _ => return Err(Breach::NoSuchStream { what: "an answer", stream }),
        };
        if std::mem::replace(&mut request.answered, true) {
            return Err(Breach::AnsweredTwice(stream));
        }
        let head = match head {
            Ok(_) if follows == Follows::Messages && !request.upgrade => Err(nobody_asked()),
            head => head,
        };
        let refused = follows != Follows::Nothing && head.is_err();
        request.inbox = (follows == Follows::Body).then(|| Inbox::new(held));
        if follows == Follows::Messages {
            state.becomes_socket(stream, effects);
        }
        let Some(request) = state.requests.get_mut(&stream) else { return Ok(()) };
        if request.aborted {
            request.inbox.iter_mut().for_each(Inbox::abandon);
            request.socket.iter_mut().for_each(|channel| channel.abandon());
            return Ok(());
        }
        if follows == Follows::Messages {
            request.chance = Chance::Last;
        }
        let Answer::Awaited(waker) = &mut request.answer else {
            return Err(Breach::AnsweredTwice(stream));
        };
        effects.wakers.extend(waker.take());
        request.result = Some(match &head {
            Ok(head) => Ok(head.status.as_u16()),
            Err(error) => Err(error.clone()),
        });
        request.answer = Answer::Here(head.map_err(Failure::Final));
        if follows == Follows::Nothing {
            request.ended = Some(Instant::now());
            effects.ended.push(stream);
        }
        if refused {
            // The host refuses this response, so it has no use for its body.
            state.abort(stream, effects);
            self.linger(&mut state);
            self.flush(state);
        }
        Ok(())
    }

    fn done(&self, stream: u32, cpu_us: u64, effects: &mut Effects) -> Result<(), Breach> {
        let mut state = lock(&self.state);
        let request = match state.requests.get_mut(&stream) {
            Some(request) if !request.done => request,
            _ => return Err(Breach::NoSuchStream { what: "Done", stream }),
        };
        if !request.aborted {
            let complete = request.inbox.as_ref().is_none_or(Inbox::is_over)
                && request.socket.as_ref().is_none_or(|channel| channel.is_over());
            if !request.answered || !complete {
                return Err(Breach::Unanswered(stream));
            }
        }
        request.done = true;
        if effects.ended.last() == Some(&stream) {
            effects.ended.pop();
        }
        effects.wakers.extend(request.outbox.as_mut().and_then(Outbox::cancel));
        state.cancel_subrequests(stream, effects);
        state.over(stream, cpu_us, effects);
        state.forget(stream);
        Ok(())
    }

    /// Tells what the tenant's code has to say, within its budget of log bytes.
    fn pass_on(
        &self,
        stream: u32,
        what: &'static str,
        length: usize,
        effects: &mut Effects,
        event: impl FnOnce(Option<u64>) -> TenantEvent,
    ) -> Result<(), Breach> {
        let mut state = lock(&self.state);
        let request = state.request_number(stream, what)?;
        effects.events.extend(match state.charge_log(stream, length) {
            Some(true) => Some(event(request)),
            Some(false) => {
                let text = "[log truncated]".to_owned();
                Some(TenantEvent::Log(LogLine { request, level: LogLevel::Warn, text }))
            }
            None => None,
        });
        Ok(())
    }

    fn body(
        &self,
        stream: u32,
        what: &'static str,
        effects: &mut Effects,
        receive: impl FnOnce(&mut Inbox) -> Result<Option<std::task::Waker>, Breach>,
    ) -> Result<(), Breach> {
        let mut state = lock(&self.state);
        state.check_opened(stream, what)?;
        if stream % 2 == 1 {
            // A subrequest that is over on this side may still have body bytes on the way.
            if let Some(inbox) = state.inbox(stream) {
                effects.wakers.extend(receive(inbox)?);
            }
            return Ok(());
        }
        let request = match state.requests.get_mut(&stream) {
            Some(request) if !request.done => request,
            _ => return Err(Breach::NoSuchStream { what, stream }),
        };
        let inbox = request.inbox.as_mut().ok_or(Breach::NoBody(stream))?;
        effects.wakers.extend(receive(inbox)?);
        if inbox.is_over() {
            request.ended.get_or_insert_with(Instant::now);
            effects.ended.push(stream);
        }
        Ok(())
    }
}

impl State {
    /// Refuses streams that neither side has opened.
    pub(super) fn check_opened(&self, stream: u32, what: &'static str) -> Result<(), Breach> {
        let opened = match stream % 2 {
            0 => stream < self.next_stream,
            _ => stream <= self.last_fetch,
        };
        if opened { Ok(()) } else { Err(Breach::NoSuchStream { what, stream }) }
    }

    /// The number of the request on `stream`, if it is known still.
    fn request_number(&self, stream: u32, what: &'static str) -> Result<Option<u64>, Breach> {
        self.check_opened(stream, what)?;
        Ok(self.requests.get(&stream).map(|request| request.number))
    }

    /// Charges a log line of `length` bytes. `Some(false)` for the one that is too much, `None`
    /// for those after it.
    fn charge_log(&mut self, stream: u32, length: usize) -> Option<bool> {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        let budget = match self.requests.get_mut(&stream) {
            Some(request) => &mut request.log,
            None => &mut self.stray_log,
        };
        *budget = match *budget {
            None => return None,
            Some(left) => left.checked_sub(length),
        };
        Some(budget.is_some())
    }

    /// The isolate has no use for a subrequest, or for the rest of a request's body.
    fn cancelled_by_isolate(&mut self, stream: u32, effects: &mut Effects) {
        if stream % 2 == 1 {
            self.let_go(stream, effects);
        } else if let Some(outbox) = self.outbox(stream) {
            effects.wakers.extend(outbox.cancel());
        }
    }
}

/// What comes after the head of a response.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    Nothing,
    Body,
    /// It opens a WebSocket.
    Messages,
}

impl Ending {
    fn limit(self) -> Option<Limit> {
        match self {
            Self::Limit(FailureCode::CpuLimit, _) => Some(Limit::Cpu),
            Self::Limit(FailureCode::MemoryLimit, _) => Some(Limit::Memory),
            _ => None,
        }
    }
}

/// What says how the start ended, when that was said before.
const TWICE: Breach = Breach::OutOfTurn("the start's end");

/// The status with which a request becomes a WebSocket.
const SWITCHING_PROTOCOLS: u16 = 101;

fn nobody_asked() -> RequestError {
    let message = "status 101 answers only a request for a WebSocket";
    RequestError::Tenant { code: FailureCode::NotAResponse, detail: ErrorDetail::message(message) }
}

/// What a tenant answered, as far as HTTP can carry it.
fn response_head(
    status: u16,
    headers: HeaderBlock<'_>,
    body: BodyHead<'_>,
) -> Result<Head, RequestError> {
    let illegal = |message: String| RequestError::Tenant {
        code: FailureCode::NotAResponse,
        detail: ErrorDetail::message(message),
    };
    let status = StatusCode::from_u16(status)
        .map_err(|_| illegal(format!("{status} is not a status of a response")))?;
    let headers = fields::to_map(headers)
        .map_err(|name| illegal(format!("the value of header {name} cannot travel over HTTP")))?;
    let body = match body {
        BodyHead::None if status == SWITCHING_PROTOCOLS => HeadBody::Socket,
        _ if status == SWITCHING_PROTOCOLS => {
            return Err(illegal("a response that opens a WebSocket has no body".to_owned()));
        }
        BodyHead::None => HeadBody::None,
        BodyHead::Inline(bytes) => HeadBody::Full(Bytes::copy_from_slice(bytes)),
        BodyHead::Stream { length } => HeadBody::Stream { length },
    };
    Ok(Head { status, headers, body })
}
