use std::collections::{HashMap, VecDeque};
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use insula_supervisor::SubrequestError;
use tokio::sync::oneshot;

use super::origin::Origin;

/// Look-ups at once: each holds a thread until the operating system's resolver gives up.
const LOOKUPS: usize = 128;

/// Look-ups at once for one tenant, with those that wait for their turn.
const TENANT_LOOKUPS: usize = 16;

/// Addresses of one name that are tried.
const ADDRESSES: usize = 16;

/// Looks up names with the operating system's resolver.
#[derive(Clone)]
pub(crate) struct Resolver {
    slots: Arc<Slots>,
}

impl Resolver {
    pub(crate) fn new() -> Self {
        let (tenants, waiting) = Default::default();
        Self { slots: Arc::new(Slots(Mutex::new(Inner { free: LOOKUPS, tenants, waiting }))) }
    }

    /// The addresses of `origin`, in the order in which to try them; at least one.
    pub(crate) async fn resolve(
        &self,
        tenant: &Arc<str>,
        origin: &Origin,
    ) -> Result<Vec<SocketAddr>, SubrequestError> {
        if let Some(address) = origin.address() {
            return Ok(vec![SocketAddr::new(address, origin.port)]);
        }
        let failed =
            |why: &str| SubrequestError::Network(format!("cannot resolve {}: {why}", origin.host));
        let share =
            Share::take(&self.slots, tenant).ok_or_else(|| failed("too many look-ups at once"))?;
        let slot = Slot::take(&self.slots, tenant).await;
        let question = (origin.host.clone(), origin.port);
        let looked_up = tokio::task::spawn_blocking(move || {
            // Both are held as long as the thread is, even if nobody waits any more.
            let _held = (share, slot);
            question.to_socket_addrs().map(|found| found.take(ADDRESSES).collect::<Vec<_>>())
        });
        let addresses =
            looked_up.await.ok().and_then(Result::ok).ok_or_else(|| failed("no such host"))?;
        if addresses.is_empty() { Err(failed("no such host")) } else { Ok(addresses) }
    }
}

/// Who looks up, and who waits.
///
/// A tenant may begin one more look-up only while more slots are free than it has. So those whose
/// name servers do not answer, however many they are, have at most as much each as they leave
/// to whoever comes next, and the first look-up of a tenant waits for nobody's second one.
struct Slots(Mutex<Inner>);

struct Inner {
    free: usize,
    /// Those that have asked for something.
    tenants: HashMap<Arc<str>, Use>,
    /// In the order in which they came. None of them may begin.
    waiting: VecDeque<Waiter>,
}

#[derive(Default)]
struct Use {
    /// Look-ups that run or wait.
    asked: usize,
    /// Look-ups that run, also for callers that gave up.
    running: usize,
}

struct Waiter {
    tenant: Arc<str>,
    turn: oneshot::Sender<Slot>,
}

impl Slots {
    // Counts are whole at every moment, so poisoning is of no interest.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn running(&self, tenant: &str) -> usize {
        self.tenants.get(tenant).map_or(0, |used| used.running)
    }

    /// Begins a look-up, if the tenant may.
    fn begin(&mut self, tenant: &Arc<str>) -> bool {
        let may = self.running(tenant) < self.free;
        if may {
            self.free -= 1;
            self.tenants.entry(Arc::clone(tenant)).or_default().running += 1;
        }
        may
    }

    /// The next one that waits, if it may begin: of who has least, the one that came first.
    fn next(&mut self) -> Option<Waiter> {
        self.waiting.retain(|waiter| !waiter.turn.is_closed());
        let least = |at: &usize| self.waiting.get(*at).map(|next| self.running(&next.tenant));
        let at = (0..self.waiting.len()).min_by_key(least)?;
        let tenant = Arc::clone(&self.waiting.get(at)?.tenant);
        if self.begin(&tenant) { self.waiting.remove(at) } else { None }
    }

    fn change(&mut self, tenant: &Arc<str>, change: impl FnOnce(&mut Use)) {
        if let Some(used) = self.tenants.get_mut(tenant) {
            change(used);
            if used.asked == 0 && used.running == 0 {
                self.tenants.remove(tenant);
            }
        }
    }
}

/// One of a tenant's look-ups.
struct Share {
    slots: Arc<Slots>,
    tenant: Arc<str>,
}

impl Share {
    fn take(slots: &Arc<Slots>, tenant: &Arc<str>) -> Option<Self> {
        let mut inner = slots.lock();
        let used = inner.tenants.entry(Arc::clone(tenant)).or_default();
        if used.asked >= TENANT_LOOKUPS {
            return None;
        }
        used.asked += 1;
        Some(Self { slots: Arc::clone(slots), tenant: Arc::clone(tenant) })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.slots.lock().change(&self.tenant, |used| used.asked -= 1);
    }
}

/// The right to a thread.
struct Slot {
    slots: Arc<Slots>,
    tenant: Arc<str>,
}

impl Slot {
    /// Waits for the tenant's turn.
    async fn take(slots: &Arc<Slots>, tenant: &Arc<str>) -> Self {
        loop {
            let turn = {
                let mut inner = slots.lock();
                if inner.begin(tenant) {
                    return Self { slots: Arc::clone(slots), tenant: Arc::clone(tenant) };
                }
                inner.waiting.retain(|waiter| !waiter.turn.is_closed());
                let (turn, comes) = oneshot::channel();
                inner.waiting.push_back(Waiter { tenant: Arc::clone(tenant), turn });
                comes
            };
            if let Ok(slot) = turn.await {
                return slot;
            }
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut inner = self.slots.lock();
        inner.free += 1;
        inner.change(&self.tenant, |used| used.running -= 1);
        let next: Vec<Waiter> = std::iter::from_fn(|| inner.next()).collect();
        drop(inner);
        for Waiter { tenant, turn } in next {
            // Who has just given up gives it back: the slot that was not taken is dropped.
            let _ = turn.send(Self { slots: Arc::clone(&self.slots), tenant });
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn tenant(number: usize) -> Arc<str> {
        Arc::from(format!("tenant{number}"))
    }

    /// A slot, if the tenant need not wait for it.
    fn at_once(slots: &Arc<Slots>, tenant: &Arc<str>) -> Option<Slot> {
        Slot::take(slots, tenant).now_or_never()
    }

    #[test]
    fn a_tenant_has_its_share_and_gets_it_back() {
        let slots = Resolver::new().slots;
        let (alice, bob) = (Arc::from("alice"), Arc::from("bob"));
        let shares: Vec<_> =
            (0..TENANT_LOOKUPS).map(|_| Share::take(&slots, &alice).expect("a share")).collect();
        assert!(Share::take(&slots, &alice).is_none());
        assert!(Share::take(&slots, &bob).is_some());
        drop(shares);
        assert!(Share::take(&slots, &alice).is_some());
        assert!(slots.lock().tenants.is_empty());
    }

    #[test]
    fn many_tenants_that_wait_for_name_servers_leave_room_for_others() {
        for many in [1, 8, 20, 100] {
            let slots = Resolver::new().slots;
            let mut hanging = Vec::new();
            for _ in 0..TENANT_LOOKUPS {
                hanging.extend((0..many).filter_map(|number| at_once(&slots, &tenant(number))));
            }
            // Each has something, and the next one does not wait.
            assert!((0..many).all(|number| slots.lock().running(&tenant(number)) > 0), "{many}");
            assert!(at_once(&slots, &tenant(many)).is_some(), "{many}");
        }
    }

    #[tokio::test]
    async fn who_has_least_is_next() {
        let slots = Resolver::new().slots;
        let (greedy, other, fickle) = (tenant(0), tenant(1), tenant(1001));
        let mut held: Vec<Slot> =
            (1..=LOOKUPS - 2).filter_map(|n| at_once(&slots, &tenant(n + 1))).collect();
        held.extend(at_once(&slots, &greedy));
        held.extend(at_once(&slots, &tenant(1000)));
        assert_eq!(held.len(), LOOKUPS);
        let mut again = Box::pin(Slot::take(&slots, &greedy));
        let mut given_up = Box::pin(Slot::take(&slots, &fickle));
        let mut first = Box::pin(Slot::take(&slots, &other));
        assert!((&mut again).now_or_never().is_none());
        assert!((&mut given_up).now_or_never().is_none());
        assert!((&mut first).now_or_never().is_none());
        drop(given_up);
        held.remove(0);
        assert!((&mut again).now_or_never().is_none());
        let first = first.now_or_never().expect("the turn of who has nothing");
        // One free slot is not more than it has.
        held.remove(0);
        assert!((&mut again).now_or_never().is_none());
        held.remove(0);
        let again = again.now_or_never().expect("its turn");
        drop((held, first, again));
        let inner = slots.lock();
        assert!(inner.tenants.is_empty() && inner.waiting.is_empty());
        assert_eq!(inner.free, LOOKUPS);
    }

    #[test]
    fn a_turn_that_nobody_takes_is_the_next_one_s() {
        let slots = Resolver::new().slots;
        let mut held: Vec<Slot> =
            (0..LOOKUPS).filter_map(|n| at_once(&slots, &tenant(n))).collect();
        let (fickle, other) = (tenant(1000), tenant(1001));
        let mut late = Box::pin(Slot::take(&slots, &fickle));
        let mut next = Box::pin(Slot::take(&slots, &other));
        assert!((&mut late).now_or_never().is_none() && (&mut next).now_or_never().is_none());
        held.pop();
        // Its turn has come, and it has not seen it.
        drop(late);
        assert!(next.now_or_never().is_some());
    }
}
