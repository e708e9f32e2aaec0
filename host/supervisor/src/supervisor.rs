use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Instant;

use bytes::Bytes;
use http::HeaderMap;
use http_body_util::{BodyExt, Full};
use insula_launcher::Launcher;
use insula_wire::{BodyHead, BootFailure, Farewell, caps};

use crate::body::send_request_body;
use crate::fleets::Fleets;
use crate::host::Host;
use crate::housekeeping::keep_house;
use crate::link::{Chance, Exchange, Failure, Lease, LinkContext, near};
use crate::placements::Placements;
use crate::quarantine::Quarantine;
use crate::stats::Stats;
use crate::walls::Walls;
use crate::{
    BoxBody, Capacity, CordonUsage, Deployment, RequestError, ResponseBody, Services, StartError,
    TenantUsage, boot, drain,
};

/// How often a request goes to another isolate because one did not touch it: its cordon may have died in the
/// start, and the next one's before the request was read.
const RETRIES: u32 = 2;

/// How the supervisor runs cordons.
#[derive(Debug)]
pub struct SupervisorConfig {
    /// Who starts cordons.
    pub launcher: Launcher,
    /// What all isolates may take together.
    pub capacity: Capacity,
    /// Descriptors that the host may spend on a second handle for isolates, one each. Those without
    /// one answer 502 to requests that they had not read when they died; others do not lose them.
    pub handles: usize,
}

/// A request for a tenant's isolate.
#[derive(Debug)]
pub struct IsolateRequest<'a> {
    /// When its wall time began, which is the caller's to watch.
    pub asked: Instant,
    /// The method.
    pub method: &'a str,
    /// The absolute URL as the tenant shall see it.
    pub url: &'a str,
    /// The header fields as the tenant shall see them.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: RequestBody,
    /// Whether the client asks for a WebSocket: then a response may have status 101 and
    /// [one](ResponseBody::into_socket).
    pub upgrade: bool,
}

/// A request's body.
#[derive(Debug)]
pub enum RequestBody {
    /// There is none.
    None,
    /// It is here, whole.
    Full(Bytes),
    /// It is on its way.
    Stream {
        /// The body.
        body: BoxBody,
        /// Its length in bytes, when the client announced it.
        length: Option<u64>,
    },
}

/// What is known of a deployment that has started once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BootReport {
    /// CPU time of top-level evaluation, in microseconds.
    pub cpu_us: u64,
    /// Wall time of the whole start, in microseconds.
    pub wall_us: u64,
}

/// Counts of what lives now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Cordon processes.
    pub cordons: usize,
    /// Isolates that hold a deployment.
    pub isolates: usize,
    /// Requests in flight.
    pub requests: usize,
}

/// Cordons and the isolates in them.
pub struct Supervisor {
    host: Arc<Host>,
    walls: Arc<Walls>,
    placements: Arc<Placements>,
    draining: AtomicBool,
}

impl Supervisor {
    /// A supervisor whose first cordon is on its way. Must be called inside a tokio runtime.
    ///
    /// # Errors
    ///
    /// When the system does not take the launcher's link into the event loop.
    pub fn new(config: SupervisorConfig, services: Arc<dyn Services>) -> io::Result<Arc<Self>> {
        let quarantine = Quarantine::new(Arc::clone(&services));
        let walls = Arc::new(Walls::new(config.launcher, config.handles)?);
        let SupervisorConfig { capacity, .. } = config;
        let fleets = Fleets::new(Arc::clone(&walls), capacity.isolates_per_cordon, quarantine);
        fleets.warm_up();
        let host = Arc::new(Host::new(fleets, services, capacity));
        let (placements, draining) = (Arc::<Placements>::default(), AtomicBool::new(false));
        tokio::spawn(keep_house(Arc::downgrade(&host), Arc::downgrade(&placements)));
        Ok(Arc::new(Self { host, walls, placements, draining }))
    }

    /// Boots `deployment` in an isolate of its own, then throws the isolate away. Who takes too much CPU time
    /// does so twice: a thread's clock also runs on while a hypervisor stops the machine, and a
    /// version should not be rejected for that.
    ///
    /// # Errors
    ///
    /// [`StartError`], with file, line and column when the tenant's code is at fault.
    pub async fn check(&self, deployment: &Arc<Deployment>) -> Result<BootReport, StartError> {
        if self.is_draining() {
            return Err(StartError::ShuttingDown);
        }
        let context = LinkContext {
            deployment: Arc::clone(deployment),
            services: Arc::clone(&self.host.services),
            placement: Weak::new(),
            tally: Arc::clone(&self.host.tally),
            stats: self.host.stats.of_guest(&deployment.tenant),
            concurrency: 0,
            permit: None,
        };
        let start = async || boot::start(&self.host.fleets, context.clone(), |_| {}).await;
        let (link, report) = match start().await {
            Err(StartError::Boot { failure: BootFailure::CpuLimit, .. }) => start().await?,
            started => started?,
        };
        link.leave(Farewell::Done);
        Ok(report)
    }

    /// Hands a request to an isolate of `deployment`, starting one if there is none, and returns
    /// when the response's head is there. Dropping the future, or the response's body before its
    /// end, aborts the request inside the isolate.
    ///
    /// # Errors
    ///
    /// [`RequestError`]; the wall time is the caller's to watch.
    pub async fn handle(
        &self,
        deployment: &Arc<Deployment>,
        request: IsolateRequest<'_>,
    ) -> Result<http::Response<ResponseBody>, RequestError> {
        if self.is_draining() {
            return Err(StartError::ShuttingDown.into());
        }
        let IsolateRequest { asked, method, url, headers, body, upgrade } = request;

        // Placement: the deployment's isolate, and a place in it.
        let mut placement = self.placements.of(deployment, &self.host);
        let mut asked = Asked::new(Arc::clone(&placement.stats), deployment, asked);
        let mut lease = placement.lease().await;
        if placement.is_forgotten() {
            // It had been idle for so long that it went just now.
            placement.retire();
            placement = self.placements.of(deployment, &self.host);
            lease = placement.lease_again().await;
        }
        let is_whole = match &body {
            RequestBody::None => true,
            RequestBody::Full(bytes) => bytes.len() <= caps::INLINE_BODY,
            RequestBody::Stream { .. } => false,
        };
        if !is_whole {
            // It can be sent once: not to an isolate that may turn out not to start.
            lease = placement.started(lease).await;
        }
        let mut lease = asked.told(lease)?;

        // WebSockets: so many may be open, and whoever asks for one may get it.
        let most = deployment.limits.websockets;
        let permit = match upgrade.then(|| placement.stats.take_socket(most)) {
            Some(None) => {
                placement.stats.count_failure(&RequestError::TooManySockets(most));
                return Err(RequestError::TooManySockets(most));
            }
            permit => permit.flatten(),
        };

        // A body that is not here whole is read once: such a request has one chance.
        let full = match body {
            RequestBody::None => None,
            RequestBody::Full(bytes) if bytes.len() <= caps::INLINE_BODY => Some(bytes),
            RequestBody::Full(bytes) => {
                let length = Some(bytes.len() as u64);
                let body = Full::new(bytes).map_err(|never| match never {}).boxed_unsync();
                let head = BodyHead::Stream { length };
                let exchange =
                    Exchange::begin(lease, method, url, headers, head, Chance::Last, false);
                return stream(exchange, body).await;
            }
            RequestBody::Stream { body, length } => {
                let head = BodyHead::Stream { length };
                let exchange =
                    Exchange::begin(lease, method, url, headers, head, Chance::Last, false);
                return stream(exchange, body).await;
            }
        };
        let head = full.as_deref().map_or(BodyHead::None, BodyHead::Inline);

        // Exchange: one frame out, one back. What an isolate left untouched, another one may have.
        let mut untouched = 0;
        let mut response = loop {
            let chance = if untouched < RETRIES { Chance::More } else { Chance::Last };
            let exchange = Exchange::begin(lease, method, url, headers, head, chance, upgrade);
            let answered = match exchange {
                Ok(exchange) => exchange.await,
                Err(failure) => Err(failure),
            };
            match answered {
                Ok(response) => break response,
                Err(Failure::Untouched) if chance == Chance::More => untouched += 1,
                Err(failure) => return Err(failure.for_caller()),
            }
            lease = asked.told(placement.lease_again().await)?;
        };
        if let Some(socket) = response.body_mut().as_socket() {
            socket.hold(permit);
        }
        Ok(response)
    }

    /// Takes note that `new` is live instead of `old`. The isolates of `old` finish what they have and go, unless they
    /// can do what comes for `new`.
    pub fn replace(&self, old: &Arc<Deployment>, new: &Arc<Deployment>) {
        if let Some(placement) = self.placements.replace(old, new) {
            placement.retire();
        }
    }

    /// Takes note that `deployment` is live no more. Its isolates finish what they have and go.
    pub fn retire(&self, deployment: &Arc<Deployment>) {
        if let Some(placement) = self.placements.remove(deployment) {
            placement.retire();
        }
    }

    /// Starts the cordons that the first requests of live deployments will want to find, if there are none.
    pub fn warm_up(&self) {
        self.host.fleets.keep_warm(&*self.host.services);
    }

    /// What `tenant` has done since the server started, and what it holds; `None` if nothing.
    pub fn usage(&self, tenant: &str) -> Option<TenantUsage> {
        Some(self.host.stats.find(tenant)?.snapshot())
    }

    /// The same for all tenants that have done something, by name.
    pub fn usages(&self) -> Vec<(Arc<str>, TenantUsage)> {
        let all = self.host.stats.all().into_iter();
        all.map(|(tenant, stats)| (tenant, stats.snapshot())).collect()
    }

    /// What each live cordon uses. Asks the kernel, by some files for each: not on a thread that
    /// others wait for.
    pub fn cordon_usages(&self) -> Vec<CordonUsage> {
        let cordons = self.host.fleets.cordons();
        // The process id of a dead one may be another's by now.
        let live = cordons.iter().filter(|cordon| !cordon.is_dead());
        live.map(|cordon| cordon.usage()).collect()
    }

    /// How many cordons have ended because the kernel had no memory for them; `None` where their
    /// control groups do not count that.
    pub fn cordons_out_of_memory(&self) -> Option<u64> {
        self.walls.out_of_memory()
    }

    /// Forgets what a tenant that is no more has done, and that it was in quarantine: who gets the name next is
    /// somebody else.
    pub fn forget(&self, tenant: &str) {
        self.host.stats.forget(tenant);
        self.host.fleets.quarantine.forget(tenant);
        self.host.services.forget(tenant);
    }

    /// Whether `tenant` is in quarantine.
    pub fn is_quarantined(&self, tenant: &str) -> bool {
        self.host.fleets.quarantine.holds(tenant)
    }

    /// Lets a tenant live with others again. Its isolates move with its next deployment: one whose
    /// wall is another than the present one's. Returns whether it had to live alone.
    pub fn release(&self, tenant: &str) -> bool {
        self.host.fleets.quarantine.release(tenant)
    }

    /// Takes no more requests, waits until those in flight are over, ends all cordons and the
    /// launcher.
    pub async fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
        drain::drain(&self.host, &self.placements).await;
        self.walls.close().await;
    }

    /// Returns when the launcher has ended without being asked to: all cordons have ended with it,
    /// and there will be none any more.
    pub async fn launcher_gone(&self) {
        self.walls.fallen().await;
    }

    /// What lives now.
    pub fn counts(&self) -> Counts {
        Counts {
            cordons: self.host.fleets.cordons().len(),
            isolates: self.host.tally.isolates.load(Ordering::Relaxed),
            requests: self.host.requests(),
        }
    }

    fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}

/// A request that has no place yet. What becomes of it until it has one is counted here, also when
/// nobody waits for it any more.
struct Asked<'a> {
    stats: Arc<Stats>,
    deployment: &'a Deployment,
    since: Instant,
    is_told: bool,
}

impl<'a> Asked<'a> {
    fn new(stats: Arc<Stats>, deployment: &'a Deployment, since: Instant) -> Self {
        Self { stats, deployment, since, is_told: false }
    }

    fn told(&mut self, lease: Result<Lease, RequestError>) -> Result<Lease, RequestError> {
        self.is_told = true;
        lease
            .map(|lease| lease.asked(self.since))
            .inspect_err(|error| self.stats.count_failure(error))
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if self.is_told {
            return;
        }
        let limits = &self.deployment.limits;
        self.stats.count_failure(&match near(self.since.elapsed(), limits.wall()) {
            true => RequestError::WallLimit(limits.wall_ms),
            false => RequestError::Cancelled,
        });
    }
}

/// An exchange whose body follows its head.
async fn stream(
    exchange: Result<Exchange, Failure>,
    body: BoxBody,
) -> Result<http::Response<ResponseBody>, RequestError> {
    let exchange = exchange.map_err(Failure::for_caller)?;
    tokio::spawn(send_request_body(Arc::clone(exchange.link()), exchange.stream(), body));
    exchange.await.map_err(Failure::for_caller)
}
