//! `insula dev`: one application, reloaded on save.

mod page;
mod session;
mod watch;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use futures_util::future::BoxFuture;
use insula_control::{Control, ControlConfig, SecretsKeySource};
use insula_gateway::{
    CacheConfig, Caches, Egress, EgressConfig, GatewayConfig, Routes, WebSockets,
};
use insula_launcher::Launcher;
use insula_supervisor::{
    Capacity, Deployment, Limits, Policy, RequestError, Supervisor, SupervisorConfig,
};

use crate::args::DevArgs;
use crate::client::say;
use crate::config::LogSection;
use crate::failure::Failure;
use crate::server::{self, HostServices, Shutdown};
use session::Session;
use tokio::runtime::Handle;
use watch::Watch;

/// The only tenant of this server.
const TENANT: &str = "app";

/// `insula dev`: until SIGTERM or SIGINT.
///
/// # Errors
///
/// [`Failure`] when the server cannot start. Errors of the application are shown, not returned.
pub fn dev(args: &DevArgs) -> Result<(), Failure> {
    server::log::start(&LogSection { format: None, level: "warn".to_owned() })?;
    server::cordon_binary()?;
    server::raise_open_files();
    // The author's own code on the author's own machine: what the machine allows is enough.
    let launcher = server::start_launcher(server::terms(true, false))?;
    server::runtime()?.block_on(run(args, launcher))
}

async fn run(args: &DevArgs, launcher: Launcher) -> Result<(), Failure> {
    let shutdown = Shutdown::listen().map_err(server::cannot("catch signals"))?;
    let listener = server::adopt(server::bind("listen", args.listen)?)?;
    let address = listener.local_addr().map_err(server::cannot("read the listen address"))?;
    let data = tempfile::tempdir().map_err(server::cannot("create a temporary folder"))?;
    let egress = EgressConfig { allow: args.allow_egress.clone(), ..EgressConfig::default() };
    let egress = Egress::new(egress).map_err(|error| server::operator(error.to_string()))?;
    let control = Control::open(control_config(data.path().to_owned(), address.port()))
        .await
        .map_err(|error| server::operator(error.to_string()))?;
    let ear = server::Ear::new(Arc::clone(&control));
    let supervisor = Supervisor::new(
        SupervisorConfig { launcher, handles: 1000, capacity: Capacity::default() },
        HostServices::new(
            Arc::clone(&control),
            egress,
            Caches::new(CacheConfig::default()),
            Arc::clone(&ear),
            server::Errands { light: Handle::current(), heavy: Handle::current() },
        ),
    )
    .map_err(server::cannot("talk to the launcher"))?;
    ear.attach(&supervisor);
    let stage = Arc::new(Stage { control: Arc::clone(&control), page: RwLock::default() });

    let mut watch = Watch::start();
    let mut session = Session::new(args, Arc::clone(&stage), Arc::clone(&supervisor));
    watch.cover(&session.reload().await?);
    say(&format!("http://localhost:{}/ runs {}\n", address.port(), args.path.display()))?;
    let gateway = tokio::spawn(insula_gateway::serve(
        listener,
        GatewayConfig::default(),
        Arc::clone(&stage) as Arc<dyn Routes>,
        Arc::clone(&supervisor),
        WebSockets::default(),
        shutdown.clone().wished(),
    ));
    let wished = shutdown.wished();
    tokio::pin!(wished);
    loop {
        tokio::select! {
            () = &mut wished => break,
            () = supervisor.launcher_gone() => {
                return Err(server::operator("the launcher has ended, and every cordon with it").into());
            }
            () = watch.changed() => watch.cover(&session.reload().await?),
        }
    }
    // Nothing here is worth waiting for: the author wants the prompt back.
    gateway.abort();
    control.close().await;
    Ok(())
}

fn control_config(data_dir: PathBuf, port: u16) -> ControlConfig {
    ControlConfig {
        data_dir,
        base_domain: "localhost".to_owned(),
        defaults: Limits::default(),
        policy: Policy::default(),
        public_url_port: port,
        secrets_key: SecretsKeySource::DataFolder,
    }
}

/// What answers requests: the application, or a page that says why it cannot.
struct Stage {
    control: Arc<Control>,
    page: RwLock<Option<Arc<Deployment>>>,
}

impl Stage {
    fn show(&self, page: Option<Arc<Deployment>>) -> Option<Arc<Deployment>> {
        std::mem::replace(&mut *self.page.write().unwrap_or_else(PoisonError::into_inner), page)
    }
}

/// Every host name leads to the application.
impl Routes for Stage {
    fn route(&self, _host: &str) -> Option<Arc<Deployment>> {
        let page = self.page.read().unwrap_or_else(PoisonError::into_inner).clone();
        page.or_else(|| self.control.directory().active(TENANT))
    }

    fn error_page(
        &self,
        deployment: Arc<Deployment>,
        error: &RequestError,
    ) -> Option<BoxFuture<'static, String>> {
        let (control, mut error) = (Arc::clone(&self.control), error.clone());
        Some(Box::pin(async move {
            if let Some(detail) = error.detail_mut() {
                control.explain(&deployment, detail).await;
                if !detail.mapped
                    && let Ok(bundle) = deployment.code.read().await
                {
                    detail.find_source_line(&bundle);
                }
            }
            page::of_request(error)
        }))
    }
}
