//! The way to the isolate: whoever has something to say appends it; one of them writes.

use std::io::ErrorKind;
use std::sync::{Arc, MutexGuard};
use std::task::{Context, Poll, Waker};

use insula_wire::{FailureCode, Frame, HostFrame, caps};

use super::crowd::Crowd;
use super::state::{Phase, State};
use super::{Ending, Link};
use crate::sync::lock;
use crate::{Limit, TenantEvent};

/// Bytes that may wait to be written before bodies, messages and the answers to subrequests wait where
/// they come from. The credit of all streams together is no bound: it is for the pace of one.
pub(super) const BULK: usize = 1 << 20;
/// Room for fewer bytes is not worth a turn.
const LEAST: usize = 4 << 10;
/// Bytes that may wait before no request is added: they have no other way to be slowed down.
pub(super) const HEADS: usize = 8 << 20;
/// Bytes that may wait, besides a head for each place: what is left is said in answer to the isolate's own
/// frames, which it can make faster than it reads.
const LONGEST: usize = 64 << 20;
/// Bytes of a request's head, with a body inside.
pub(super) const HEAD: usize = caps::METHOD + caps::URL + caps::HEADERS + caps::INLINE_BODY;
/// System calls that one sender makes for the others before it leaves the rest to a task.
const TURNS: usize = 4;
/// Bytes of room that a buffer keeps between two turns.
const ROOM: usize = 64 << 10;
/// Bytes of room that it keeps while no request is in flight; every idle isolate has two.
const RESTING: usize = 1 << 10;

/// Encoded frames on their way out.
#[derive(Default)]
pub(super) struct Output {
    /// Complete frames, in order.
    pub(super) pending: Vec<u8>,
    /// An empty buffer for the next turn.
    spare: Vec<u8>,
    /// Bytes that have left `pending` for the socket, ever.
    taken: u64,
    /// Of those, the bytes that the socket took before it refused the rest; `None` until it does.
    accepted: Option<u64>,
    /// Somebody writes; what is appended meanwhile goes out after it.
    writing: bool,
    /// Streams that wait for room. While there are any, somebody writes, and calls them.
    crowd: Crowd,
    /// A request was not let in because of what waits.
    turned_away: bool,
}

/// Those for whom there is room now; told without the lock.
#[must_use]
struct Relief {
    called: Vec<Waker>,
    /// A request may be waiting, too.
    freed: bool,
}

/// Appends itself to a link's output.
pub(super) trait EncodeTo {
    fn encode_to(&self, out: &mut Output);
}

impl EncodeTo for HostFrame<'_> {
    fn encode_to(&self, out: &mut Output) {
        self.encode(&mut out.pending);
    }
}

impl Link {
    /// Sends what waits, in the calling task: one system call, which takes along what others
    /// append meanwhile. What the socket does not take at once is left to a task.
    pub(super) fn flush<'a>(self: &'a Arc<Self>, mut state: MutexGuard<'a, State>) {
        if state.out.writing || state.out.pending.is_empty() {
            if state.out.pending.len() > LONGEST + self.concurrency as usize * HEAD {
                // In a task: the caller may hold locks that the end of the link needs.
                let link = Arc::clone(self);
                self.runtime.spawn(async move { link.end_overwhelmed() });
            }
            return;
        }
        state.out.writing = true;
        for _ in 0..TURNS {
            let (batch, relief) = state.out.take();
            drop(state);
            self.relieve(relief);
            let written = match self.socket.try_write(&batch) {
                Ok(written) => written,
                Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
                Err(_) => {
                    // The reader learns of it too. `writing` stays set: nothing will ever go out.
                    lock(&self.state).out.refused(batch.len());
                    return;
                }
            };
            if written < batch.len() {
                return self.finish_later(batch, written);
            }
            state = lock(&self.state);
            state.out.give_back(batch);
            if state.out.pending.is_empty() {
                let relief = state.out.stop();
                drop(state);
                return self.relieve(relief);
            }
        }
        let (batch, relief) = state.out.take();
        drop(state);
        self.relieve(relief);
        self.finish_later(batch, 0);
    }

    /// Tells those who wait that there is room.
    fn relieve(self: &Arc<Self>, relief: Relief) {
        relief.called.into_iter().for_each(Waker::wake);
        if relief.freed {
            // In a task: the caller may hold locks that giving a place away needs.
            let link = Arc::clone(self);
            self.runtime.spawn(async move { link.freed() });
        }
    }

    /// Ends an isolate for which the host would have to hold too much. It has broken no rule: it may be kept from
    /// reading, or from ending what was aborted, by the processor, or by its own turn. What it lets others hold
    /// for it is its memory.
    pub(super) fn end_overwhelmed(self: &Arc<Self>) {
        if self.is_closed() {
            return;
        }
        self.tell(TenantEvent::Breach { request: None, limit: Limit::Memory });
        self.close(Ending::Limit(FailureCode::MemoryLimit, 0));
    }

    fn finish_later(self: &Arc<Self>, batch: Vec<u8>, written: usize) {
        let link = Arc::clone(self);
        self.runtime.spawn(async move { link.write_all(batch, written).await });
    }

    /// Writes `batch` from `written` on, and then whatever has been appended meanwhile.
    async fn write_all(self: &Arc<Self>, mut batch: Vec<u8>, mut written: usize) {
        loop {
            while written < batch.len() {
                match self.socket.try_write(&batch[written..]) {
                    Ok(n) => written += n,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        if self.socket.writable().await.is_err() {
                            return;
                        }
                    }
                    Err(_) => {
                        lock(&self.state).out.refused(batch.len() - written);
                        return self.close(Ending::Gone);
                    }
                }
            }
            let mut state = lock(&self.state);
            state.out.give_back(batch);
            let relief;
            if state.out.pending.is_empty() || matches!(state.phase, Phase::Closed(_)) {
                relief = state.out.stop();
                drop(state);
                return self.relieve(relief);
            }
            (batch, relief) = state.out.take();
            drop(state);
            self.relieve(relief);
            written = 0;
        }
    }
}

impl Output {
    /// Gives back the memory that a burst needed.
    pub(super) fn rest(&mut self) {
        if self.pending.is_empty() {
            self.pending.shrink_to(RESTING);
        }
        self.spare.shrink_to(RESTING);
    }

    /// Bytes that nobody has begun to write.
    pub(super) fn waiting(&self) -> u64 {
        self.pending.len() as u64
    }

    /// How many bytes of a body or a message there is room for. If there is none, the task is woken when
    /// that may have changed.
    pub(super) fn poll_room(&mut self, stream: u32, cx: &Context<'_>) -> Poll<usize> {
        match BULK.saturating_sub(self.pending.len()) {
            room @ LEAST.. => Poll::Ready(room),
            _ => {
                self.crowd.join(stream, cx.waker());
                Poll::Pending
            }
        }
    }

    /// Whether there is room for another request; if not, its placement is told when there is.
    pub(super) fn has_room_for_head(&mut self) -> bool {
        self.turned_away |= self.pending.len() > HEADS;
        self.pending.len() <= HEADS
    }

    /// `stream` is over, and waits for nothing.
    pub(super) fn part(&mut self, stream: u32) {
        self.crowd.part(stream);
    }

    /// Nothing goes out any more. Returns those who wait for it to.
    pub(super) fn close(&mut self) -> Vec<Waker> {
        self.pending = Vec::new();
        self.crowd.call(usize::MAX)
    }

    /// Where the next frame begins: the bytes before it, ever.
    pub(super) fn position(&self) -> u64 {
        self.taken + self.pending.len() as u64
    }

    /// How many bytes an isolate may have seen that left `unread` bytes behind. Never too few:
    /// what is being written counts as written.
    pub(super) fn seen(&self, unread: u64) -> u64 {
        self.accepted.unwrap_or(self.taken).saturating_sub(unread)
    }

    /// The socket refuses the last `bytes` that were taken, and takes nothing any more.
    fn refused(&mut self, bytes: usize) {
        self.accepted.get_or_insert(self.taken - bytes as u64);
    }

    fn take(&mut self) -> (Vec<u8>, Relief) {
        let next = std::mem::take(&mut self.spare);
        let batch = std::mem::replace(&mut self.pending, next);
        self.taken += batch.len() as u64;
        // As many as fill the room: the others would come for nothing.
        (batch, self.relief(BULK / caps::CHUNK))
    }

    /// Nobody writes any more. Everybody is called: those who were called before may have had nothing to say,
    /// and nobody would call the rest.
    fn stop(&mut self) -> Relief {
        self.writing = false;
        self.relief(usize::MAX)
    }

    fn relief(&mut self, most: usize) -> Relief {
        let freed = std::mem::take(&mut self.turned_away);
        Relief { called: self.crowd.call(most), freed }
    }

    fn give_back(&mut self, mut batch: Vec<u8>) {
        batch.clear();
        batch.shrink_to(ROOM);
        self.spare = batch;
    }
}
