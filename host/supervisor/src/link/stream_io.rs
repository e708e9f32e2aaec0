//! Body bytes in and out of a link, one stream at a time.

use std::sync::Arc;
use std::task::{Context, Poll};

use insula_wire::{HostFrame, caps};

use super::Link;
use super::effects::Effects;
use super::output::EncodeTo;
use super::state::Phase;
use crate::sync::lock;

use super::body::Read;

impl Link {
    /// Reads from the body that the isolate sends on `stream`, and grants credit for it.
    pub(crate) fn poll_read(self: &Arc<Self>, stream: u32, cx: &Context<'_>) -> Poll<Read> {
        let mut state = lock(&self.state);
        let Some(inbox) = state.inbox(stream) else {
            return Poll::Ready(Read::Broken("the stream is over".to_owned()));
        };
        let read = inbox.poll_read(cx);
        if let Poll::Ready(Read::Data(_, bytes @ 1..)) = read {
            HostFrame::Credit { stream, bytes }.encode_to(&mut state.out);
            self.flush(state);
        }
        read
    }

    /// The reader of the body on `stream` has what it wanted.
    pub(crate) fn finish_reading(self: &Arc<Self>, stream: u32, complete: bool) {
        match (stream % 2, complete) {
            (0, true) => lock(&self.state).release(stream),
            (0, false) => self.give_up(stream),
            _ => {
                if let Some(inbox) = lock(&self.state).inbox(stream) {
                    inbox.abandon();
                }
            }
        }
    }

    /// How many bytes of the body that the host sends on `stream` its reader allows now; `None` when
    /// nobody has a use for them. The task is woken when either changes.
    pub(crate) fn credit(&self, stream: u32, cx: &Context<'_>) -> Option<u32> {
        lock(&self.state).outbox(stream)?.credit(cx)
    }

    /// How many bytes the link has room for, which all streams share; at least one. Good for now alone:
    /// the room is not kept.
    pub(crate) fn poll_link_room(&self, stream: u32, cx: &Context<'_>) -> Poll<usize> {
        let mut state = lock(&self.state);
        match state.phase {
            // What is sent goes nowhere, and whoever sends it shall find out.
            Phase::Closed(_) => Poll::Ready(caps::CHUNK),
            _ => state.out.poll_room(stream, cx),
        }
    }

    /// Sends at most as many bytes as [`credit`](Self::credit) allowed, and as there is
    /// [room](Self::poll_link_room) for.
    pub(crate) fn send_bytes(self: &Arc<Self>, stream: u32, bytes: &[u8]) {
        let mut state = lock(&self.state);
        let Some(outbox) = state.outbox(stream) else { return };
        // The caller asked for credit first, which fits into 32 bits.
        outbox.spend(bytes.len() as u32);
        for bytes in bytes.chunks(caps::CHUNK) {
            HostFrame::Chunk { stream, bytes }.encode_to(&mut state.out);
        }
        self.flush(state);
    }

    /// Ends the body that the host sends on `stream`.
    pub(crate) fn end_body(self: &Arc<Self>, stream: u32, how: Result<(), &str>) {
        let mut state = lock(&self.state);
        if state.outbox(stream).is_none() {
            return;
        }
        match how {
            Ok(()) => HostFrame::End { stream }.encode_to(&mut state.out),
            Err(message) => HostFrame::Error { stream, message }.encode_to(&mut state.out),
        }
        if let Some(request) = state.requests.get_mut(&stream) {
            request.outbox = None;
        }
        let mut effects = Effects::default();
        if stream % 2 == 1 {
            state.finish_subrequest(stream, &mut effects);
        }
        self.flush(state);
        effects.run(self);
    }
}
