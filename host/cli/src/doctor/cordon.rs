use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use insula_launcher::Launcher;
use insula_supervisor::{
    BootReport, BoxBody, Bundle, Capacity, Deployment, Generation, Limits, Module, ModuleKind,
    Services, Subrequest, SubrequestError, Supervisor, SupervisorConfig, TenantEvent,
};

use super::{Measure, State};
use crate::server::{cordon_binary, runtime};
use crate::text::duration;

/// How long the engine may take to start: far more than it needs on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The engine's binary: there, of this build, and able to run code when `launcher` starts it.
pub fn measures(launcher: Option<Launcher>) -> Vec<Measure> {
    let binary = match cordon_binary() {
        Ok(binary) => binary,
        Err(error) => {
            let missing = Measure::new("cordon binary", State::Missing, error.message).required();
            return vec![missing.advice(error.help.unwrap_or_default())];
        }
    };
    let found = Measure::new("cordon binary", State::InForce, binary.display().to_string());
    std::iter::once(found.required()).chain(launcher.map(engine)).collect()
}

/// Runs a line of JavaScript in a cordon. The two greet each other by version first.
fn engine(launcher: Launcher) -> Measure {
    let booted = runtime()
        .map_err(|error| error.message)
        .and_then(|runtime| runtime.block_on(boot(launcher)));
    match booted {
        Ok(report) => {
            let why = format!("a cordon runs JavaScript after {}", duration(report.wall_us));
            Measure::new("engine", State::InForce, why).required()
        }
        Err(reason) => {
            let why = format!("a cordon does not run JavaScript: {reason}");
            Measure::new("engine", State::Missing, why)
                .required()
                .advice("install insula and insula-cordon from the same build")
        }
    }
}

async fn boot(launcher: Launcher) -> Result<BootReport, String> {
    let config = SupervisorConfig { launcher, handles: 1000, capacity: Capacity::default() };
    let supervisor = Supervisor::new(config, Arc::new(Alone)).map_err(|error| error.to_string())?;
    let deployment = Arc::new(probe());
    let checked = tokio::time::timeout(PATIENCE, supervisor.check(&deployment)).await;
    // Without requests in flight this only ends the cordon.
    let _ = tokio::time::timeout(PATIENCE, supervisor.drain()).await;
    match checked {
        Ok(Ok(report)) => Ok(report),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

fn probe() -> Deployment {
    let module = Module {
        name: "probe.js".to_owned(),
        kind: ModuleKind::JavaScript,
        source: "export default { fetch() { return new Response('ok'); } };\n".into(),
    };
    Deployment {
        wall: insula_supervisor::Wall::Shared,
        policy: Default::default(),
        tenant: "doctor".into(),
        id: "doctor-1".into(),
        code: Bundle { entry: module.name.clone(), modules: vec![module] }.into(),
        generation: Generation::next(),
        variables: Vec::new(),
        limits: Limits::default(),
    }
}

/// No network and no ear: the probe needs neither.
struct Alone;

impl Services for Alone {
    fn fetch(
        &self,
        _deployment: Arc<Deployment>,
        request: Subrequest,
    ) -> BoxFuture<'static, Result<http::Response<BoxBody>, SubrequestError>> {
        let target = request.request.uri().to_string();
        let reason = "the doctor's probe has no network".to_owned();
        Box::pin(std::future::ready(Err(SubrequestError::Refused { target, reason })))
    }

    fn event(&self, _deployment: &Arc<Deployment>, _event: TenantEvent) {}
}
