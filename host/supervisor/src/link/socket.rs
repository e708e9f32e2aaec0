//! WebSockets on a link: messages in parts, with credit as bodies have it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use bytes::Bytes;
use insula_wire::close_code::GOING_AWAY;
use insula_wire::{HostFrame, MessagePart, SocketEnd, caps};

use super::Link;
use super::body::{Held, Outbox};
use super::breach::Breach;
use super::credit::Credit;
use super::effects::Effects;
use super::output::EncodeTo;
use super::state::{Phase, State, Subrequest};
use crate::Said;
use crate::sync::lock;

/// Room for fewer bytes is not worth a part, and the isolate will grant more.
const LEAST: u32 = 1 << 10;

/// A stream that is a WebSocket.
#[derive(Debug)]
pub(super) struct Channel {
    /// Received and not yet read; at most the credit, of which each part takes some.
    parts: VecDeque<Part>,
    /// Has what `parts` take in it.
    held: Held,
    credit: Credit,
    /// Whether the message that is not complete is a text.
    unfinished: Option<bool>,
    /// The isolate has asked for the end, which waits for its reader.
    closing: Option<(u16, String)>,
    /// It has, whether or not anybody has read it.
    closed: bool,
    /// Nothing comes from the isolate any more; what the other side is told.
    left: Option<u16>,
    waker: Option<Waker>,
    /// What the host sends.
    pub(super) out: Outbox,
    /// The host has said its last word: what still comes is counted and dropped.
    over: bool,
}

#[derive(Debug)]
struct Part {
    is_text: bool,
    last: bool,
    bytes: Bytes,
}

impl Channel {
    pub(super) fn new(held: &Held) -> Self {
        Self {
            parts: VecDeque::new(),
            held: held.clone(),
            credit: Credit::default(),
            unfinished: None,
            closing: None,
            closed: false,
            left: None,
            waker: None,
            out: Outbox::new(),
            over: false,
        }
    }

    pub(super) fn message(
        &mut self,
        last: bool,
        part: MessagePart<'_>,
    ) -> Result<Option<Waker>, Breach> {
        if self.closed {
            return Err(Breach::AfterEnd);
        }
        let is_text = matches!(part, MessagePart::Text(_));
        if self.unfinished.is_some_and(|unfinished| unfinished != is_text) {
            return Err(Breach::OutOfTurn("a part of another message"));
        }
        self.unfinished = (!last).then_some(is_text);
        self.credit.spend(part.cost())?;
        if self.over {
            return Ok(None);
        }
        self.held.add(part.cost().into());
        let bytes = Bytes::copy_from_slice(part.bytes());
        self.parts.push_back(Part { is_text, last, bytes });
        Ok(self.waker.take())
    }

    pub(super) fn close(&mut self, code: u16, reason: &str) -> Result<Option<Waker>, Breach> {
        if std::mem::replace(&mut self.closed, true) {
            return Err(Breach::AfterEnd);
        }
        self.closing = Some((code, reason.to_owned()));
        Ok(self.waker.take())
    }

    /// Nothing comes from the isolate any more: its reader tells the other side so, after what has
    /// come.
    pub(super) fn leave(&mut self, code: u16) -> impl Iterator<Item = Waker> + use<> {
        self.left.get_or_insert(code);
        self.waker.take().into_iter().chain(self.out.cancel())
    }

    /// Nobody reads or writes it.
    pub(super) fn abandon(&mut self) {
        self.over = true;
        self.drop_parts();
    }

    fn drop_parts(&mut self) {
        self.held.subtract(self.parts.drain(..).map(|part| u64::from(part.cost())).sum());
    }

    /// Whether the isolate hears what it is sent.
    fn takes(&self) -> bool {
        !self.over && self.left.is_none()
    }

    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// What the isolate says next, and how much credit to grant for it; 0 for none yet.
    fn poll_said(&mut self, cx: &Context<'_>) -> Poll<(Said, u32)> {
        if let Some(part) = self.parts.pop_front() {
            self.held.subtract(part.cost().into());
            self.credit.consume(part.cost());
            let grant = match self.closed || self.left.is_some() {
                true => 0,
                false => self.credit.grant(),
            };
            let Part { is_text, last, bytes } = part;
            return Poll::Ready((Said::Part { is_text, last, bytes }, grant));
        }
        if let Some((code, reason)) = self.closing.take() {
            return Poll::Ready((Said::Close { code, reason }, 0));
        }
        if let Some(code) = self.left {
            return Poll::Ready((Said::Gone(code), 0));
        }
        self.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Part {
    fn cost(&self) -> u32 {
        caps::part_cost(self.bytes.len())
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.drop_parts();
    }
}

impl Link {
    /// A subrequest has become a WebSocket, as `response` says to the isolate. Returns whether
    /// anybody wants it.
    pub(crate) fn socket_opened(self: &Arc<Self>, stream: u32, response: &HostFrame<'_>) -> bool {
        let mut guard = lock(&self.state);
        let state = &mut *guard;
        let Some(sub) = state.subrequests.get_mut(&stream) else { return false };
        sub.socket = Some(Box::new(Channel::new(&state.held)));
        // It says goodbye to the other side when its request is over.
        sub.task = None;
        response.encode_to(&mut state.out);
        self.flush(guard);
        true
    }

    /// What the isolate says on the WebSocket on `stream`.
    pub(crate) fn poll_said(self: &Arc<Self>, stream: u32, cx: &Context<'_>) -> Poll<Said> {
        let mut state = lock(&self.state);
        let Some(channel) = state.channel(stream) else {
            return Poll::Ready(Said::Gone(GOING_AWAY));
        };
        let Poll::Ready((said, bytes)) = channel.poll_said(cx) else { return Poll::Pending };
        if bytes > 0 {
            HostFrame::Credit { stream, bytes }.encode_to(&mut state.out);
            self.flush(state);
        }
        Poll::Ready(said)
    }

    /// How many bytes of a message may be sent to the isolate now, when it is worth it; not later, since
    /// the room is not kept. `None` when nobody has a use for them.
    pub(crate) fn poll_room(&self, stream: u32, cx: &Context<'_>) -> Poll<Option<usize>> {
        let mut state = lock(&self.state);
        let Some(channel) = state.channel(stream).filter(|channel| channel.takes()) else {
            return Poll::Ready(None);
        };
        let Some(credit) = channel.out.credit(cx) else { return Poll::Ready(None) };
        let Some(room @ LEAST..) = credit.checked_sub(caps::PART_OVERHEAD) else {
            return Poll::Pending;
        };
        state.out.poll_room(stream, cx).map(|most| Some(most.min(room as usize).min(caps::CHUNK)))
    }

    /// Whether the isolate has asked for the end, perhaps after messages that nobody has read.
    pub(crate) fn is_closing(&self, stream: u32) -> bool {
        lock(&self.state).channel(stream).is_none_or(|channel| channel.closed)
    }

    /// Sends a part of a message, within what there is room for.
    pub(crate) fn send_part(self: &Arc<Self>, stream: u32, last: bool, part: MessagePart<'_>) {
        let mut state = lock(&self.state);
        let Some(channel) = state.channel(stream).filter(|channel| channel.takes()) else { return };
        channel.out.spend(part.cost());
        if last {
            state.renew(stream, &self.deployment.limits);
        }
        HostFrame::Message { stream, last, part }.encode_to(&mut state.out);
        self.flush(state);
    }

    /// The WebSocket on `stream` is no more.
    pub(crate) fn end_socket(
        self: &Arc<Self>,
        stream: u32,
        end: SocketEnd,
        code: u16,
        reason: &str,
    ) {
        let mut effects = Effects::default();
        let mut state = lock(&self.state);
        let Some(channel) = state.channel(stream).filter(|channel| !channel.over) else { return };
        channel.abandon();
        if !matches!(state.phase, Phase::Closed(_)) {
            state.renew(stream, &self.deployment.limits);
            HostFrame::Closed { stream, end, code, reason }.encode_to(&mut state.out);
        }
        state.out.part(stream);
        if stream % 2 == 1 {
            state.remove_subrequest(stream);
        } else if let Some(request) = state.requests.get_mut(&stream) {
            request.ended = Some(Instant::now());
            self.linger(&mut state);
        }
        state.release(stream);
        self.flush(state);
        effects.run(self);
    }

    pub(super) fn on_socket(
        &self,
        stream: u32,
        what: &'static str,
        effects: &mut Effects,
        receive: impl FnOnce(&mut Channel) -> Result<Option<Waker>, Breach>,
    ) -> Result<(), Breach> {
        let mut state = lock(&self.state);
        state.check_opened(stream, what)?;
        let is_known = match stream % 2 {
            0 => state.requests.get(&stream).is_some_and(|request| !request.done),
            _ => state.subrequests.contains_key(&stream),
        };
        match state.channel(stream) {
            Some(channel) if is_known => effects.wakers.extend(receive(channel)?),
            // A subrequest that is over on this side may still have messages on the way.
            None if !is_known && stream % 2 == 1 => {}
            None if is_known => return Err(Breach::NoSocket { what, stream }),
            _ => return Err(Breach::NoSuchStream { what, stream }),
        }
        Ok(())
    }
}

impl State {
    pub(super) fn channel(&mut self, stream: u32) -> Option<&mut Channel> {
        match stream % 2 {
            0 => self.requests.get_mut(&stream)?.socket.as_deref_mut(),
            _ => self.subrequests.get_mut(&stream)?.socket.as_deref_mut(),
        }
    }

    /// A request has become a WebSocket. Its place is free for others: it may last for hours.
    pub(super) fn becomes_socket(&mut self, stream: u32, effects: &mut Effects) {
        let Some(request) = self.requests.get_mut(&stream) else { return };
        request.socket = Some(Box::new(Channel::new(&self.held)));
        request.outbox = None;
        if request.counted && std::mem::take(&mut request.has_place) {
            self.in_flight -= 1;
            self.sockets += 1;
            effects.freed += 1;
            effects.leaving |= self.in_flight == 0 && self.phase == Phase::Leaving;
        }
    }

    /// The isolate, or its request, has no use for a subrequest any more.
    pub(super) fn let_go(&mut self, stream: u32, effects: &mut Effects) {
        let Some(sub) = self.subrequests.get_mut(&stream) else { return };
        let parent = std::mem::take(&mut sub.parent);
        if sub.part(effects) {
            self.subrequests.remove(&stream);
        }
        if let Some(parent) = self.requests.get_mut(&parent) {
            parent.open_fetches = parent.open_fetches.saturating_sub(1);
        }
    }

    /// Each message gives a request that is a WebSocket what requests have.
    fn renew(&mut self, stream: u32, limits: &crate::Limits) {
        let parent = match stream % 2 {
            0 => Some(stream),
            _ => self.subrequests.get(&stream).map(|sub| sub.parent),
        };
        let request = parent.and_then(|parent| self.requests.get_mut(&parent));
        let Some(request) = request.filter(|request| request.socket.is_some()) else { return };
        request.fetches = request.open_fetches;
        request.soft = false;
        // The isolate counts anew when it gets the message, a little later.
        let left = request.log.unwrap_or(0).saturating_add(limits.log_bytes);
        request.log = Some(left.min(limits.log_bytes.saturating_mul(2)));
    }
}

impl Subrequest {
    /// Ends what carries it out. A WebSocket says goodbye first, and lasts until then: `false`.
    pub(super) fn part(&mut self, effects: &mut Effects) -> bool {
        effects.cancelled.extend(self.task.take());
        let Some(channel) = &mut self.socket else { return true };
        effects.wakers.extend(channel.leave(GOING_AWAY));
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(channel: &mut Channel) -> Poll<(Said, u32)> {
        channel.poll_said(&Context::from_waker(Waker::noop()))
    }

    #[test]
    fn empty_parts_use_up_credit() {
        let mut channel = Channel::new(&Held::default());
        for _ in 0..caps::INITIAL_CREDIT / caps::PART_OVERHEAD {
            channel.message(true, MessagePart::Text("")).expect("within its credit");
        }
        assert!(matches!(channel.message(true, MessagePart::Text("")), Err(Breach::Credit)));
    }

    #[test]
    fn reading_grants_more() {
        let mut channel = Channel::new(&Held::default());
        let bytes = vec![0; caps::INITIAL_CREDIT as usize / 4];
        channel.message(true, MessagePart::Binary(&bytes)).expect("within its credit");
        let Poll::Ready((_, credit)) = said(&mut channel) else { panic!("it is here") };
        assert_eq!(credit, caps::INITIAL_CREDIT / 4 + caps::PART_OVERHEAD);
        assert!(said(&mut channel).is_pending());
    }

    #[test]
    fn a_message_has_one_kind() {
        let mut channel = Channel::new(&Held::default());
        channel.message(false, MessagePart::Text("a")).expect("a text begins");
        let other = channel.message(true, MessagePart::Binary(b"b"));
        assert!(matches!(other, Err(Breach::OutOfTurn(_))));
    }

    #[test]
    fn nothing_follows_the_end() {
        let mut channel = Channel::new(&Held::default());
        channel.message(true, MessagePart::Text("a")).expect("a message");
        channel.close(1000, "").expect("the first end");
        assert!(matches!(channel.message(true, MessagePart::Text("b")), Err(Breach::AfterEnd)));
        assert!(matches!(channel.close(1000, ""), Err(Breach::AfterEnd)));
        assert!(matches!(said(&mut channel), Poll::Ready((Said::Part { .. }, 0))));
        assert!(matches!(said(&mut channel), Poll::Ready((Said::Close { code: 1000, .. }, 0))));
        assert!(said(&mut channel).is_pending());
    }
}
