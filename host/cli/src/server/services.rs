use std::sync::{Arc, OnceLock, Weak};

use futures_util::future::BoxFuture;
use insula_control::Control;
use insula_gateway::{CACHE_SCHEME, Caches, Egress};
use insula_supervisor::{
    BoxBody, Connected, Deployment, Limit, Offence, Outcome, RequestError, Services, Subrequest,
    SubrequestError, Supervisor, TenantEvent,
};
use tokio::runtime::Handle;

/// Who hears of what happens in tenants' isolates.
pub trait Events: Send + Sync + 'static {
    /// Takes note of an event. Must not block.
    fn event(&self, deployment: &Arc<Deployment>, event: TenantEvent);
}

/// What isolates get from this host: the network through [`Egress`], what they keep in [`Caches`], an ear through [`Events`].
pub struct HostServices<E> {
    control: Arc<Control>,
    egress: Egress,
    caches: Caches,
    events: E,
    errands: Errands,
}

/// Where the server does what tenants ask for, beside answering: on threads of their own.
#[derive(Debug, Clone)]
pub struct Errands {
    /// For tenants that compute little.
    pub light: Handle,
    /// For those that compute much.
    pub heavy: Handle,
}

impl<E: Events> HostServices<E> {
    /// Services for what is live in `control`, which fetch through `egress`, keep in `caches`, tell `events`, and do what
    /// isolates ask for on `errands`.
    pub fn new(
        control: Arc<Control>,
        egress: Egress,
        caches: Caches,
        events: E,
        errands: Errands,
    ) -> Arc<Self> {
        Arc::new(Self { control, egress, caches, events, errands })
    }
}

impl<E: Events> Services for HostServices<E> {
    fn fetch(
        &self,
        deployment: Arc<Deployment>,
        request: Subrequest,
    ) -> BoxFuture<'static, Result<http::Response<BoxBody>, SubrequestError>> {
        if request.request.uri().scheme_str() == Some(CACHE_SCHEME) {
            let caches = self.caches.clone();
            return Box::pin(async move { caches.serve(&deployment, request.request).await });
        }
        let egress = self.egress.clone();
        Box::pin(async move { egress.fetch(deployment, request).await })
    }

    fn connect(
        &self,
        deployment: Arc<Deployment>,
        request: Subrequest,
    ) -> BoxFuture<'static, Result<Connected, SubrequestError>> {
        let egress = self.egress.clone();
        Box::pin(async move { egress.connect(deployment, request).await })
    }

    fn errands(&self, is_heavy: bool) -> Handle {
        let Errands { light, heavy } = &self.errands;
        if is_heavy { heavy.clone() } else { light.clone() }
    }

    fn each_live(&self, look: &mut dyn FnMut(&Deployment)) {
        self.control.directory().each_active(|deployment| look(deployment));
    }

    fn forget(&self, tenant: &str) {
        self.caches.forget(tenant);
    }

    fn event(&self, deployment: &Arc<Deployment>, event: TenantEvent) {
        self.events.event(deployment, event);
    }
}

/// The server's ear: tenants' events go to whoever tails the tenant; what the operator should know
/// goes to the server's log as well. What tenants write never gets into the server's log.
pub struct Ear {
    control: Arc<Control>,
    /// Set once the supervisor is there; it needs the ear first.
    supervisor: OnceLock<Weak<Supervisor>>,
}

impl Ear {
    /// An ear for `control`.
    pub fn new(control: Arc<Control>) -> Arc<Self> {
        Arc::new(Self { control, supervisor: OnceLock::new() })
    }

    /// Says whose isolates are heard. Must be called once, inside a tokio runtime.
    pub fn attach(&self, supervisor: &Arc<Supervisor>) {
        let attached = self.supervisor.set(Arc::downgrade(supervisor));
        debug_assert!(attached.is_ok(), "there is one supervisor");
    }

    /// Makes the supervisor's quarantine, which holds already, last.
    fn quarantine(&self, deployment: &Deployment, offence: Offence) {
        let tenant = Arc::clone(&deployment.tenant);
        tracing::error!(%tenant, %offence, "quarantined: it lives in cordons of its own from now on");
        let Some(supervisor) = self.supervisor.get().and_then(Weak::upgrade) else { return };
        let control = Arc::clone(&self.control);
        tokio::spawn(async move {
            if let Err(error) = control.quarantine(&supervisor, &tenant, offence).await {
                tracing::error!(%tenant, %error, "the quarantine will not outlive this server");
            }
        });
    }
}

const BROKEN: &str = "a limit was broken";

impl Events for Arc<Ear> {
    fn event(&self, deployment: &Arc<Deployment>, event: TenantEvent) {
        match &event {
            TenantEvent::Outcome(Outcome { request, result: Err(error), .. }) => {
                log_failure(deployment, *request, error);
            }
            TenantEvent::Breach { request, limit } => {
                let (tenant, id) = (&*deployment.tenant, &*deployment.id);
                let name = limit.name();
                match limit {
                    // A tenant chooses this limit, and breaches cost it nothing: they could flood the log.
                    Limit::Wall => {
                        tracing::debug!(tenant, deployment = id, request, limit = name, BROKEN);
                    }
                    _ => tracing::info!(tenant, deployment = id, request, limit = name, BROKEN),
                }
            }
            TenantEvent::BackingOff { pause } => {
                let tenant = &*deployment.tenant;
                tracing::warn!(
                    tenant,
                    ?pause,
                    "limits are broken over and over: no isolate for now"
                );
            }
            TenantEvent::Quarantined(offence) => self.quarantine(deployment, *offence),
            _ => {}
        }
        self.control.tail().publish(deployment, event);
    }
}

fn log_failure(deployment: &Deployment, request: u64, error: &RequestError) {
    use insula_supervisor::Blame;
    let (tenant, id) = (&*deployment.tenant, &*deployment.id);
    match error {
        RequestError::CordonCrashed => {
            tracing::error!(tenant, deployment = id, request, "a cordon crashed during a request");
        }
        RequestError::Start(error) if matches!(error.blame(), Blame::Operator | Blame::Insula) => {
            tracing::error!(tenant, deployment = id, request, %error, "no isolate for a request");
        }
        RequestError::Overloaded => {
            tracing::warn!(tenant, deployment = id, request, "too many requests wait");
        }
        _ => tracing::debug!(tenant, deployment = id, request, "a request failed"),
    }
}
