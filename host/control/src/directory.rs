use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use insula_supervisor::Deployment;

/// Which deployment serves which host name, in memory. Rebuilt from the store at every start.
#[derive(Debug)]
pub struct Directory {
    /// Lower case, without dots at either end.
    base_domain: String,
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The live deployment of each tenant that has one.
    active: HashMap<Arc<str>, Arc<Deployment>>,
    /// Owned host names, in lower case, and their tenants.
    hosts: HashMap<String, Arc<str>>,
}

impl Directory {
    pub(crate) fn new(base_domain: &str) -> Self {
        let base_domain = base_domain.trim_matches('.').to_ascii_lowercase();
        Self { base_domain, state: RwLock::default() }
    }

    /// The deployment that serves `host`: `NAME.<base domain>`, or a host name that a tenant
    /// owns. `host` comes without port; case and one trailing dot do not matter.
    pub fn route(&self, host: &str) -> Option<Arc<Deployment>> {
        let host = host.strip_suffix('.').unwrap_or(host);
        let host = lower(host);
        let state = self.read();
        let tenant = match self.tenant_label(&host) {
            Some(label) => label,
            None => state.hosts.get(host.as_ref())?,
        };
        state.active.get(tenant).cloned()
    }

    /// The live deployment of `tenant`, if it has one that can be served.
    pub fn active(&self, tenant: &str) -> Option<Arc<Deployment>> {
        self.read().active.get(tenant).cloned()
    }

    /// Calls `look` with every live deployment.
    pub fn each_active(&self, look: impl FnMut(&Arc<Deployment>)) {
        self.read().active.values().for_each(look);
    }

    /// Tenants with a live deployment.
    pub fn serving(&self) -> usize {
        self.read().active.len()
    }

    /// Makes `deployment` its tenant's live one; returns the one that was.
    pub(crate) fn activate(&self, deployment: Arc<Deployment>) -> Option<Arc<Deployment>> {
        self.write().active.insert(Arc::clone(&deployment.tenant), deployment)
    }

    /// Forgets a tenant and its host names; returns what was live.
    pub(crate) fn remove(&self, tenant: &str) -> Option<Arc<Deployment>> {
        let mut state = self.write();
        state.hosts.retain(|_, owner| &**owner != tenant);
        state.active.remove(tenant)
    }

    pub(crate) fn add_host(&self, host: &str, tenant: Arc<str>) {
        self.write().hosts.insert(host.to_owned(), tenant);
    }

    /// Forgets a host name, unless it has passed to another tenant meanwhile.
    pub(crate) fn remove_host(&self, host: &str, tenant: &str) {
        let mut state = self.write();
        if state.hosts.get(host).is_some_and(|owner| &**owner == tenant) {
            state.hosts.remove(host);
        }
    }

    pub(crate) fn base_domain(&self) -> &str {
        &self.base_domain
    }

    /// What stands before the base domain, if `host` lies right under it.
    fn tenant_label<'h>(&self, host: &'h str) -> Option<&'h str> {
        let label = host.strip_suffix(self.base_domain.as_str())?.strip_suffix('.')?;
        (!label.contains('.')).then_some(label)
    }

    // A panic elsewhere cannot leave the maps unusable, so poisoning is of no interest.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lower(host: &str) -> Cow<'_, str> {
    if host.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    }
}
