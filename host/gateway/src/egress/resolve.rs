use std::collections::HashMap;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};

use insula_supervisor::SubrequestError;
use tokio::sync::Semaphore;

use super::origin::Origin;

/// Look-ups at once: each holds a thread until the operating system's resolver gives up.
const LOOKUPS: usize = 128;

/// Look-ups at once for one tenant, so that one with slow name servers leaves room for others.
const TENANT_LOOKUPS: usize = 16;

/// Addresses of one name that are tried.
const ADDRESSES: usize = 16;

/// Looks up names with the operating system's resolver.
#[derive(Clone)]
pub(crate) struct Resolver {
    slots: Arc<Semaphore>,
    tenants: Arc<Mutex<HashMap<Arc<str>, usize>>>,
}

impl Resolver {
    pub(crate) fn new() -> Self {
        Self { slots: Arc::new(Semaphore::new(LOOKUPS)), tenants: Arc::default() }
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
        let share = Share::take(self, tenant).ok_or_else(|| failed("too many look-ups at once"))?;
        let slot = Arc::clone(&self.slots).acquire_owned().await;
        let slot = slot.map_err(|_| failed("the server is shutting down"))?;
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

/// One of a tenant's look-ups.
struct Share {
    tenants: Arc<Mutex<HashMap<Arc<str>, usize>>>,
    tenant: Arc<str>,
}

impl Share {
    fn take(resolver: &Resolver, tenant: &Arc<str>) -> Option<Self> {
        let mut tenants = resolver.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let count = tenants.entry(Arc::clone(tenant)).or_default();
        if *count >= TENANT_LOOKUPS {
            return None;
        }
        *count += 1;
        Some(Self { tenants: Arc::clone(&resolver.tenants), tenant: Arc::clone(tenant) })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = tenants.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                tenants.remove(&self.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_has_its_share_and_gets_it_back() {
        let resolver = Resolver::new();
        let (alice, bob) = (Arc::from("alice"), Arc::from("bob"));
        let shares: Vec<_> =
            (0..TENANT_LOOKUPS).map(|_| Share::take(&resolver, &alice).expect("a share")).collect();
        assert!(Share::take(&resolver, &alice).is_none());
        assert!(Share::take(&resolver, &bob).is_some());
        drop(shares);
        assert!(Share::take(&resolver, &alice).is_some());
        assert!(resolver.tenants.lock().expect("a lock").is_empty());
    }
}
