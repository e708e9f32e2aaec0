//! The way to the isolate: whoever has something to say appends it; one of them writes.

use std::io::ErrorKind;
use std::sync::{Arc, MutexGuard};

use insula_wire::{Frame, HostFrame};

use super::breach::Breach;
use super::state::{Phase, State};
use super::{Ending, Link};
use crate::sync::lock;

/// Bytes that may wait for an isolate that does not read.
const LONGEST: usize = 64 << 20;
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
            if state.out.pending.len() > LONGEST {
                // In a task: the caller may hold locks that the end of the link needs.
                let link = Arc::clone(self);
                self.runtime.spawn(async move { link.break_off(&Breach::NotReading) });
            }
            return;
        }
        state.out.writing = true;
        for _ in 0..TURNS {
            let batch = state.out.take();
            drop(state);
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
                state.out.writing = false;
                return;
            }
        }
        let batch = state.out.take();
        drop(state);
        self.finish_later(batch, 0);
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
            if state.out.pending.is_empty() || matches!(state.phase, Phase::Closed(_)) {
                state.out.writing = false;
                return;
            }
            batch = state.out.take();
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

    fn take(&mut self) -> Vec<u8> {
        let next = std::mem::take(&mut self.spare);
        let batch = std::mem::replace(&mut self.pending, next);
        self.taken += batch.len() as u64;
        batch
    }

    fn give_back(&mut self, mut batch: Vec<u8>) {
        batch.clear();
        batch.shrink_to(ROOM);
        self.spare = batch;
    }
}
