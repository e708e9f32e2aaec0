use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Waker;

use insula_wire::Farewell;
use tokio::task::AbortHandle;

use super::Link;
use crate::TenantEvent;
use crate::sync::lock;

/// What a change of a link's state leads to, gathered under the lock and done after it: nothing
/// foreign runs while the lock is held.
#[derive(Default)]
pub(super) struct Effects {
    pub(super) wakers: Vec<Waker>,
    pub(super) events: Vec<TenantEvent>,
    /// Tasks whose subrequest nobody wants any more.
    pub(super) cancelled: Vec<AbortHandle>,
    /// Streams whose response has ended and whose last word is still to come.
    pub(super) ended: Vec<u32>,
    /// Places that have become free.
    pub(super) freed: usize,
    /// A WebSocket that held none is over.
    pub(super) parted: bool,
    /// CPU time that the isolate has told of, in microseconds.
    pub(super) spent_us: u64,
    /// How much of it was none of a request that holds a place.
    pub(super) aside_us: u64,
    /// The isolate shall take no more requests.
    pub(super) retire: Option<Farewell>,
    /// No request is in flight any more: buffers may shrink.
    pub(super) resting: bool,
    /// The last request of a leaving isolate is over.
    pub(super) leaving: bool,
}

impl Effects {
    /// Does what was gathered, and is empty again.
    pub(super) fn run(&mut self, link: &Arc<Link>) {
        // Before anybody hears of an end, so that who asks then finds it counted.
        let spent = std::mem::take(&mut self.spent_us);
        if spent > 0 {
            link.spent_us.fetch_add(spent, Ordering::Relaxed);
            link.aside_us.fetch_add(std::mem::take(&mut self.aside_us), Ordering::Relaxed);
            link.stats.spend(spent);
        }
        // First of what others hear, so that who has a response in hand finds its log lines told.
        for event in self.events.drain(..) {
            link.tell(event);
        }
        for waker in self.wakers.drain(..) {
            waker.wake();
        }
        for task in self.cancelled.drain(..) {
            task.abort();
        }
        let parting = std::mem::take(&mut self.leaving).then_some(Farewell::Done);
        let retire = self.retire.take().filter(|_| link.may_be_replaced());
        // Why it leaves has been said before, if it is leaving already.
        if let Some(reason) = retire.or(parting) {
            link.leave(reason);
        }
        let freed = std::mem::take(&mut self.freed);
        if freed > 0 || std::mem::take(&mut self.parted) {
            link.count_load(&lock(&link.state));
            link.tally.requests.fetch_sub(freed, Ordering::Relaxed);
            link.freed();
        }
    }
}
