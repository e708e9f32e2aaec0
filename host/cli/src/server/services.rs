use std::sync::Arc;

use futures_util::future::BoxFuture;
use insula_gateway::Egress;
use insula_supervisor::{
    BoxBody, Deployment, RequestError, Services, Subrequest, SubrequestError, TenantEvent,
};

/// Who hears of what happens in tenants' isolates.
pub trait Events: Send + Sync + 'static {
    /// Takes note of an event. Must not block.
    fn event(&self, deployment: &Arc<Deployment>, event: TenantEvent);
}

/// What isolates get from this host: the network through [`Egress`], an ear through [`Events`].
pub struct HostServices<E> {
    egress: Egress,
    events: E,
}

impl<E: Events> HostServices<E> {
    /// Services that fetch through `egress` and tell `events`.
    pub fn new(egress: Egress, events: E) -> Arc<Self> {
        Arc::new(Self { egress, events })
    }
}

impl<E: Events> Services for HostServices<E> {
    fn fetch(
        &self,
        deployment: Arc<Deployment>,
        request: Subrequest,
    ) -> BoxFuture<'static, Result<http::Response<BoxBody>, SubrequestError>> {
        let egress = self.egress.clone();
        Box::pin(async move { egress.fetch(deployment, request).await })
    }

    fn event(&self, deployment: &Arc<Deployment>, event: TenantEvent) {
        self.events.event(deployment, event);
    }
}

/// The server's ear: tenants' events go to whoever tails the tenant; what the operator should know
/// goes to the server's log as well. What tenants write never gets into the server's log.
impl Events for Arc<insula_control::Control> {
    fn event(&self, deployment: &Arc<Deployment>, event: TenantEvent) {
        if let TenantEvent::Outcome(outcome) = &event
            && let Err(error) = &outcome.result
        {
            log_failure(deployment, outcome.request, error);
        }
        if let TenantEvent::Quarantined(offence) = &event {
            let tenant = &*deployment.tenant;
            tracing::error!(tenant, %offence, "quarantined: it lives in cordons of its own from now on");
        }
        self.tail().publish(deployment, event);
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
