use std::io;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use insula_control::{Control, ControlConfig};
use insula_gateway::{Caches, Egress, EgressConfig, GatewayConfig, Routes, WebSockets};
use insula_jail::{Pace, set_pace};
use insula_supervisor::{Capacity, Deployment, Supervisor, SupervisorConfig};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use super::prepare::{Prepared, prepare};
use super::services::{Ear, Errands, HostServices};
use super::shutdown::Shutdown;
use super::{RunFile, admin, log};
use crate::args::ServeArgs;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::failure::Failure;

/// How long requests in flight may take to finish once the end is wished for.
const GRACE: Duration = Duration::from_secs(30);

/// How long admin calls and connections to the store may take to end after that.
const LAST_GRACE: Duration = Duration::from_secs(5);

/// How long the other sides of WebSockets may take to answer a goodbye.
const GOODBYES: Duration = Duration::from_secs(1);

/// `insula serve`: until SIGTERM or SIGINT.
///
/// # Errors
///
/// [`Failure`] when the server cannot start; the operator is to blame.
pub fn serve(args: &ServeArgs) -> Result<(), Failure> {
    let config = Config::load(args)?;
    config
        .capacity
        .check()
        .map_err(|error| operator(error).help("correct [capacity] in insula.toml"))?;
    config.cache.check().map_err(|error| operator(error).help("correct [cache] in insula.toml"))?;
    log::start(&config.log)?;
    // Threads come after the rights have gone, and have none.
    let prepared = prepare(&config, args.insecure_walls)?;
    let (light, heavy) = (errands(Pace::Patient)?, errands(Pace::Meek)?);
    let errands = Errands { light: light.handle().clone(), heavy: heavy.handle().clone() };
    runtime()?.block_on(run(config, prepared, errands))
}

/// The server's life, in order.
async fn run(config: Config, prepared: Prepared, errands: Errands) -> Result<(), Failure> {
    // 1. What can fail fails before anything is visible.
    let Prepared { launcher, data, listener, admin_listener, secrets_key, warnings } = prepared;
    let shutdown = Shutdown::listen().map_err(cannot("catch signals"))?;
    let listener = adopt(listener)?;
    let admin_listener = adopt(admin_listener)?;
    let run_file = RunFile {
        pid: std::process::id(),
        listen: listener.local_addr().map_err(cannot("read the listen address"))?,
        admin: admin_listener.local_addr().map_err(cannot("read the admin address"))?,
    };

    // 2. The parts: the control plane, what isolates get from the host, the supervisor.
    let files = Files::share(config.capacity);
    let egress = Egress::new(EgressConfig { allow: config.egress.allow, ..files.egress })
        .map_err(|error| operator(error.to_string()).help("correct [egress] in insula.toml"))?;
    let control = Control::open(ControlConfig {
        data_dir: data.path().to_owned(),
        base_domain: config.base_domain,
        defaults: config.limits,
        policy: config.policy,
        public_url_port: run_file.listen.port(),
        secrets_key,
    })
    .await
    .map_err(|error| operator(error.to_string()))?;
    let ear = Ear::new(Arc::clone(&control));
    let caches = Caches::new(config.cache);
    let services =
        HostServices::new(Arc::clone(&control), egress, caches, Arc::clone(&ear), errands);
    let supervisor = Supervisor::new(
        SupervisorConfig { launcher, capacity: files.capacity, handles: files.handles },
        services,
    )
    .map_err(cannot("talk to the launcher"))?;
    ear.attach(&supervisor);
    supervisor.warm_up();

    // 3. The two doors open.
    let websockets = WebSockets::default();
    let mut gateway = tokio::spawn(insula_gateway::serve(
        listener,
        files.gateway,
        Arc::new(ControlRoutes(Arc::clone(&control))),
        Arc::clone(&supervisor),
        websockets.clone(),
        shutdown.clone().wished(),
    ));
    let admin = tokio::spawn(admin::serve(
        admin_listener,
        control.admin_router(Arc::clone(&supervisor)),
        files.admin,
        shutdown.clone(),
    ));
    let written = run_file.write(data.path()).map_err(cannot("write run.json"))?;
    announce(&run_file, &warnings)?;

    // 4. Until the end is wished for; then door by door, so that nothing in flight is lost.
    let broken = tokio::select! {
        biased;
        () = shutdown.clone().wished() => None,
        _ = &mut gateway => Some("the listener broke down"),
        // What was taken away cannot be had again, so there is no other launcher for this process.
        () = supervisor.launcher_gone() => Some("the launcher has ended, and every cordon with it"),
    };
    // The listener also ends because it was told to, and may be seen first.
    let broken = broken.filter(|_| !shutdown.is_wished());
    if let Some(what) = broken {
        tracing::error!(what, "the server cannot go on");
        shutdown.wish();
    }
    let deadline = Instant::now() + GRACE;
    if !gateway.is_finished() && timeout_at(deadline, &mut gateway).await.is_err() {
        tracing::warn!("requests were still in flight after {} s", GRACE.as_secs());
        gateway.abort();
    }
    let deadline = deadline.max(Instant::now() + LAST_GRACE);
    if timeout_at(deadline, supervisor.drain()).await.is_err() {
        tracing::warn!("cordons did not end in time");
    }
    // Their isolates have said goodbye, or are gone; that has yet to reach the other side. Who is polite answers at once.
    if timeout(GOODBYES, websockets.over()).await.is_err() {
        tracing::debug!("some clients do not answer the end of their WebSockets");
    }
    control.close().await;
    finish_admin(admin).await;
    drop(written);
    tracing::info!("ended");
    broken.map_or(Ok(()), |what| Err(operator(what).into()))
}

/// The engine of `serve` and `dev`.
///
/// # Errors
///
/// When the operating system gives no threads.
pub fn runtime() -> Result<Runtime, Diagnostic> {
    Runtime::new().map_err(cannot("start threads"))
}

/// Where the server does what tenants ask for: on threads of its own with this pace, which let those go first that
/// answer clients. Its future must have ended when it is dropped.
fn errands(pace: Pace) -> Result<Runtime, Diagnostic> {
    let threads = std::thread::available_parallelism().map_or(1, |processors| processors.get() / 2);
    Builder::new_multi_thread()
        .worker_threads(threads.max(1))
        .thread_name("errands")
        .on_thread_start(move || {
            if let Err(error) = set_pace(0, pace) {
                tracing::warn!(%error, "subrequests compete with requests for the processors");
            }
        })
        .enable_all()
        .build()
        .map_err(cannot("start threads"))
}

/// The cordon's binary: the one beside the running one.
///
/// # Errors
///
/// When it is not there.
pub fn cordon_binary() -> Result<PathBuf, Diagnostic> {
    let own = std::env::current_exe().map_err(cannot("find the running binary"))?;
    let binary = own.with_file_name("insula-cordon");
    if binary.is_file() {
        return Ok(binary);
    }
    Err(operator(format!("there is no {}", binary.display()))
        .help("install insula-cordon beside insula; cargo build builds both"))
}

/// Raises the limit of open files as far as it goes: each connection takes one, each isolate two. Root may
/// raise the hard one as well.
pub fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let much = Rlimit { current: Some(MANY_FILES), maximum: Some(MANY_FILES) };
    let mut limit = getrlimit(Resource::Nofile);
    if limit.maximum.is_some_and(|files| files < MANY_FILES)
        && setrlimit(Resource::Nofile, much).is_ok()
    {
        return;
    }
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
}

/// Files that are enough for any machine, and no more than kernels allow by default.
const MANY_FILES: u64 = 1 << 20;

/// Descriptors that the server opens for itself: the store, bundles, connections of subrequests that wait for the next
/// one, cordons, and connections to the admin API.
const OWN_FILES: usize = 2000;

/// Descriptors of all tenants' subrequests.
const EGRESS_FILES: usize = 25_000;

/// Connections to the admin API: tails, deploys, and strangers.
const ADMIN_CONNECTIONS: usize = 256;

/// What the files that the server may have open at once are for.
struct Files {
    gateway: GatewayConfig,
    egress: EgressConfig,
    capacity: Capacity,
    handles: usize,
    /// Part of what the server has for itself.
    admin: usize,
}

impl Files {
    /// Where there are enough, everybody has what is configured: a descriptor for each connection, and
    /// two for each isolate. Otherwise connections get a quarter, subrequests an eighth, and second handles what
    /// is left.
    fn share(capacity: Capacity) -> Self {
        use rustix::process::{Resource, getrlimit};
        let most = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let (gateway, defaults) = (GatewayConfig::default(), EgressConfig::default());
        let max_connections = gateway.max_connections.min(most / 4);
        let own = OWN_FILES.min(most / 8);
        let egress = EGRESS_FILES.min(most / 8);
        let rest = most.saturating_sub(max_connections + own + egress);
        let isolates = capacity.isolates.min(rest / 10 * 9).max(1);
        if isolates < capacity.isolates || max_connections < gateway.max_connections {
            tracing::warn!(
                open_files = most,
                isolates,
                connections = max_connections,
                "the limit of open files allows fewer isolates or connections: raise LimitNOFILE"
            );
        }
        Self {
            gateway: GatewayConfig { max_connections, ..gateway },
            egress: EgressConfig {
                // A quarter as many are for addresses that are tried beside others.
                open: u32::try_from(egress / 5 * 4).unwrap_or(u32::MAX).max(1),
                waiting: defaults.waiting.min(own / 2),
                ..defaults
            },
            capacity: Capacity { isolates, ..capacity },
            handles: rest.saturating_sub(isolates),
            admin: ADMIN_CONNECTIONS.min(own / 4).max(1),
        }
    }
}

/// The operator is to blame.
pub fn operator(message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(message).blame(insula_supervisor::Blame::Operator)
}

/// Takes a listener into the event loop. Call it inside of a runtime.
///
/// # Errors
///
/// When the system does not let it.
pub fn adopt(listener: std::net::TcpListener) -> Result<TcpListener, Diagnostic> {
    TcpListener::from_std(listener).map_err(cannot("wait for connections"))
}

/// The operator's machine refused to do `what`.
pub fn cannot(what: &'static str) -> impl Fn(io::Error) -> Diagnostic {
    move |error| operator(format!("cannot {what}: {error}"))
}

async fn finish_admin(admin: JoinHandle<()>) {
    let abort = admin.abort_handle();
    if timeout(LAST_GRACE, admin).await.is_err() {
        tracing::warn!("admin calls were still open");
        abort.abort();
    }
}

fn announce(run: &RunFile, warnings: &[String]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "listen  http://{}", run.listen)?;
    writeln!(out, "admin   http://{}", run.admin)?;
    out.flush()?;
    tracing::info!(listen = %run.listen, admin = %run.admin, "ready");
    warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    Ok(())
}

struct ControlRoutes(Arc<Control>);

impl Routes for ControlRoutes {
    fn route(&self, host: &str) -> Option<Arc<Deployment>> {
        self.0.directory().route(host)
    }
}
