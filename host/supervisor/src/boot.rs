//! The start of a deployment in an isolate.

use std::sync::Arc;
use std::time::{Duration, Instant};

use insula_wire::{HostFrame, IsolateLimits, VERSION};
use tokio::time::timeout;

use crate::cordon::Cordon;
use crate::fleet::Fleet;
use crate::fleets::Fleets;
use crate::link::{Boot, Ending, Link, LinkContext};
use crate::{BootReport, Bundle, Deployment, ReuseMode, StartError};

/// Wall time that a start may take beyond its CPU time.
const WALL: Duration = Duration::from_secs(10);

/// Starts the deployment of `context`; once more if the cordon died meanwhile, for that is hardly
/// ever the deployment's doing. Each isolate goes to `sent` when it has been sent the deployment.
///
/// # Errors
///
/// [`StartError`]; the isolate is gone then.
pub(crate) async fn start(
    fleets: &Fleets,
    context: LinkContext,
    sent: impl Fn(&Arc<Link>),
) -> Result<(Arc<Link>, BootReport), StartError> {
    for is_last in [false, true] {
        let start = send(fleets, context.clone()).await?;
        sent(start.link());
        let (fleet, cordon) = (Arc::clone(&start.fleet), Arc::clone(&start.cordon));
        match start.finish().await {
            Err(StartError::CordonCrashed)
                if !is_last && (cordon.is_ending() || fleet.dies(&cordon).await) => {}
            started => return started,
        }
    }
    Err(StartError::CordonCrashed)
}

/// Sends the deployment of `context` to a blank isolate: limits, variables and modules. It evaluates
/// them, and says that it is ready or why not. Requests may follow at once: it finds them when it is
/// ready, and one that never was has not touched them.
///
/// # Errors
///
/// [`StartError`], when there is no isolate, or nothing to send.
pub(crate) async fn send(fleets: &Fleets, context: LinkContext) -> Result<Start, StartError> {
    let began = Instant::now();
    let deployment = Arc::clone(&context.deployment);
    let appetite = &context.stats.appetite;
    let (fleet, is_new) = (fleets.of(&deployment, appetite.is_heavy()), appetite.is_new());
    let code = async { deployment.code.read().await.map_err(StartError::from) };
    // A blank isolate that bad code leaves without a task ends.
    let blank = fleet.blank(&deployment.tenant, is_new);
    let (bundle, (blank, cordon)) = tokio::try_join!(code, blank)?;
    let boot = Boot { began, bundle: Arc::clone(&bundle) };
    let link = Link::open(blank.socket, blank.berth, blank.decoder, context, boot);
    let start = Start { link, fleet, cordon };
    start.link.send(frames(&deployment, &bundle));
    // After it, so that nothing else wakes a thread before the isolate.
    start.cordon.refill();
    Ok(start)
}

/// A start under way. Dropped before its end, it ends the isolate.
pub(crate) struct Start {
    link: Arc<Link>,
    fleet: Arc<Fleet>,
    cordon: Arc<Cordon>,
}

impl Start {
    pub(crate) fn link(&self) -> &Arc<Link> {
        &self.link
    }

    /// Waits for its end, though not for ever.
    ///
    /// # Errors
    ///
    /// [`StartError`]; the isolate is gone then.
    pub(crate) async fn finish(self) -> Result<(Arc<Link>, BootReport), StartError> {
        let limit = WALL + Duration::from_millis(self.link.deployment.limits.startup_cpu_ms);
        if timeout(limit, self.link.started()).await.is_err() {
            let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
            self.link.fail_start(StartError::TimedOut(limit));
        }
        let report = self.link.started().await?;
        Ok((Arc::clone(&self.link), report))
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        if !self.link.is_booted() {
            self.link.close(Ending::Gone);
        }
    }
}

fn frames<'a>(
    deployment: &'a Deployment,
    bundle: &'a Bundle,
) -> impl Iterator<Item = HostFrame<'a>> {
    let variables = &deployment.variables;
    let head = [
        HostFrame::Hello { version: VERSION, limits: isolate_limits(deployment) },
        HostFrame::Boot {
            entry: &bundle.entry,
            // Both are far below 32 bits: a deploy with more is refused.
            modules: bundle.modules.len() as u32,
            variables: variables.len() as u32,
        },
    ];
    let variables = variables.iter().map(|(name, value)| HostFrame::Variable { name, value });
    let modules = bundle.modules.iter().map(|module| HostFrame::Module {
        name: &module.name,
        kind: module.kind,
        source: &module.source,
    });
    head.into_iter().chain(variables).chain(modules).chain([HostFrame::Start])
}

fn isolate_limits(deployment: &Deployment) -> IsolateLimits {
    let Deployment { limits, policy, .. } = deployment;
    IsolateLimits {
        cpu_request_us: limits.cpu_ms.saturating_mul(1000),
        cpu_soft_us: match limits.cpu_soft_percent {
            100.. => 0,
            percent => limits.cpu_ms.saturating_mul(10).saturating_mul(percent.into()),
        },
        cpu_startup_us: limits.startup_cpu_ms.saturating_mul(1000),
        memory_bytes: limits.memory_mb.saturating_mul(1 << 20),
        log_bytes: limits.log_bytes,
        reuse: match limits.reuse {
            ReuseMode::Shared => insula_wire::ReuseMode::Shared,
            ReuseMode::Sequential => insula_wire::ReuseMode::Sequential,
            ReuseMode::Oneshot => insula_wire::ReuseMode::Oneshot,
        },
        wasm: policy.wasm,
    }
}
