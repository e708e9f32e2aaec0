//! One request through a link: out, and the answer back.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::HeaderMap;
use insula_wire::{BodyHead, HostFrame, caps};

use super::body::Outbox;
use super::effects::Effects;
use super::output::EncodeTo;
use super::state::{Answer, Chance, Failure, Head, HeadBody, Phase, Request};
use super::{Lease, Link};
use crate::body::IncomingBody;
use crate::sync::lock;
use crate::{Limit, RequestError, ResponseBody, Socket, TenantEvent, fields};

/// A request that has been handed over. Dropping it before it is ready aborts the request.
pub(crate) struct Exchange {
    link: Arc<Link>,
    stream: u32,
    over: bool,
}

impl Exchange {
    /// Hands a request over. `body` must fit into a head frame.
    ///
    /// # Errors
    ///
    /// [`Failure::Untouched`] when the isolate is gone, and nothing was sent.
    pub(crate) fn begin(
        lease: Lease,
        method: &str,
        url: &str,
        headers: &HeaderMap,
        body: BodyHead<'_>,
        chance: Chance,
        upgrade: bool,
    ) -> Result<Self, Failure> {
        let too_large = |what: &str| Failure::Final(RequestError::HeadTooLarge(what.to_owned()));
        if method.len() > caps::METHOD {
            return Err(too_large("method"));
        }
        if url.len() > caps::URL {
            return Err(too_large("url"));
        }
        let line = format!("{method} {url}");
        let begun = fields::with_block(headers, |headers| {
            let link = Arc::clone(lease.link().ok_or(Failure::Untouched)?);
            let mut state = lock(&link.state);
            if matches!(state.phase, Phase::Closed(_)) {
                return Err(Failure::Untouched);
            }
            let stream = state.next_stream;
            state.next_stream += 2;
            state.stray_log = Some(link.deployment.limits.log_bytes);
            let at = state.out.position();
            HostFrame::Request { stream, method, url, headers, body }.encode_to(&mut state.out);
            let streams = matches!(body, BodyHead::Stream { .. });
            let mut request = link.new_request(line, at, chance, streams, upgrade);
            request.asked = lease.asked.unwrap_or(request.opened);
            state.requests.insert(stream, request);
            lease.pass_on();
            link.flush(state);
            Ok(Self { link, stream, over: false })
        });
        begun.map_err(|error| too_large(&error.to_string()))?
    }

    pub(crate) fn stream(&self) -> u32 {
        self.stream
    }

    pub(crate) fn link(&self) -> &Arc<Link> {
        &self.link
    }
}

impl Future for Exchange {
    type Output = Result<http::Response<ResponseBody>, Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = lock(&self.link.state);
        let Some(request) = state.requests.get_mut(&self.stream) else {
            drop(state);
            self.over = true;
            return Poll::Ready(Err(Failure::Untouched));
        };
        let answer = match &mut request.answer {
            Answer::Awaited(waker) => {
                match waker {
                    Some(waker) => waker.clone_from(cx.waker()),
                    None => *waker = Some(cx.waker().clone()),
                }
                return Poll::Pending;
            }
            answer => std::mem::replace(answer, Answer::Taken),
        };
        let lasts = matches!(
            &answer,
            Answer::Here(Ok(Head { body: HeadBody::Stream { .. } | HeadBody::Socket, .. }))
        );
        if !lasts {
            state.release(self.stream);
        }
        drop(state);
        self.over = true;
        Poll::Ready(match answer {
            Answer::Here(Ok(head)) => Ok(self.response(head)),
            Answer::Here(Err(failure)) => Err(failure),
            Answer::Awaited(_) | Answer::Taken => Err(Failure::Final(RequestError::Cancelled)),
        })
    }
}

impl Exchange {
    fn response(&self, head: Head) -> http::Response<ResponseBody> {
        let body = match head.body {
            HeadBody::None => ResponseBody::default(),
            HeadBody::Full(bytes) => ResponseBody::full(bytes),
            HeadBody::Socket => {
                ResponseBody::socket(Socket::new(Arc::clone(&self.link), self.stream))
            }
            HeadBody::Stream { length } => {
                let link = Arc::clone(&self.link);
                ResponseBody::streamed(IncomingBody::new(link, self.stream, length))
            }
        };
        let mut response = http::Response::new(body);
        *response.status_mut() = head.status;
        *response.headers_mut() = head.headers;
        response
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if !self.over {
            self.link.give_up(self.stream);
        }
    }
}

impl Link {
    /// The host has no more use for a request, or for the rest of its response.
    pub(crate) fn give_up(self: &Arc<Self>, stream: u32) {
        let mut effects = Effects::default();
        let mut state = lock(&self.state);
        let Some(request) = state.requests.get_mut(&stream) else { return };
        if matches!(request.answer, Answer::Here(_)) {
            request.answer = Answer::Taken;
        }
        let complete = request.ended.is_some();
        if request.result.is_none() && near(request.asked.elapsed(), self.deployment.limits.wall())
        {
            let error = RequestError::WallLimit(self.deployment.limits.wall_ms);
            request.result = Some(Err(error));
            let (request, limit) = (Some(request.number), Limit::Wall);
            effects.events.push(TenantEvent::Breach { request, limit });
        }
        if !complete {
            state.abort(stream, &mut effects);
            self.linger(&mut state);
        }
        state.release(stream);
        self.flush(state);
        effects.run(self);
    }

    /// Gives a request up because of its own body.
    pub(crate) fn refuse(self: &Arc<Self>, stream: u32, error: RequestError) {
        let mut effects = Effects::default();
        let mut state = lock(&self.state);
        let Some(request) = state.requests.get_mut(&stream) else { return };
        if let Answer::Awaited(waker) = &mut request.answer {
            effects.wakers.extend(waker.take());
            request.result = Some(Err(error.clone()));
            request.answer = Answer::Here(Err(Failure::Final(error)));
            state.abort(stream, &mut effects);
            self.linger(&mut state);
        }
        self.flush(state);
        effects.run(self);
    }

    fn new_request(
        &self,
        line: String,
        at: u64,
        chance: Chance,
        streams: bool,
        upgrade: bool,
    ) -> Request {
        let opened = Instant::now();
        Request {
            number: self.tally.numbered.fetch_add(1, Ordering::Relaxed) + 1,
            line,
            at,
            chance,
            moves_on: false,
            opened,
            asked: opened,
            answer: Answer::Awaited(None),
            result: None,
            inbox: None,
            outbox: streams.then(Outbox::new),
            upgrade,
            socket: None,
            fetches: 0,
            open_fetches: 0,
            log: Some(self.deployment.limits.log_bytes),
            ended: None,
            answered: false,
            aborted: false,
            done: false,
            released: false,
            counted: true,
            has_place: true,
            cpu_us: 0,
            soft: false,
        }
    }
}

/// Whether a request that is given up after `elapsed` was given up because of its wall time. The
/// clock that says so is the caller's, and started a little earlier.
pub(crate) fn near(elapsed: Duration, wall: Duration) -> bool {
    elapsed >= wall - wall / 8
}
