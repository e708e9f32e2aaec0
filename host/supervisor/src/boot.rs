//! The start of a deployment in an isolate.

use std::sync::Arc;
use std::time::{Duration, Instant};

use insula_wire::{HostFrame, IsolateLimits, VERSION};
use tokio::time::timeout;

use crate::blank::Blank;
use crate::fleets::Fleets;
use crate::link::{Ending, Link, LinkContext, micros};
use crate::{BootReport, Bundle, Deployment, ReuseMode, StartError};

/// Wall time that a start may take beyond its CPU time.
const WALL: Duration = Duration::from_secs(10);

/// Starts the deployment of `context`; once more if the cordon died meanwhile, for that is hardly
/// ever the deployment's doing.
///
/// # Errors
///
/// [`StartError`]; the isolate is gone then.
pub(crate) async fn start(
    fleets: &Fleets,
    context: LinkContext,
) -> Result<(Arc<Link>, BootReport), StartError> {
    let began = Instant::now();
    let fleet = fleets.of(&context.deployment, context.stats.appetite.is_heavy());
    let tenant = Arc::clone(&context.deployment.tenant);
    let code = async { context.deployment.code.read().await.map_err(StartError::from) };
    // A blank isolate that bad code leaves without a task ends.
    let (bundle, (blank, cordon)) = tokio::try_join!(code, fleet.blank(&tenant))?;
    let started = match start_in(blank, context.clone(), &bundle, began).await {
        Err(StartError::CordonCrashed) if cordon.is_ending() || fleet.dies(&cordon).await => {
            let (blank, _cordon) = fleet.blank(&tenant).await?;
            start_in(blank, context, &bundle, began).await
        }
        started => started,
    };
    started.map_err(|mut error| {
        if let StartError::Boot { detail, .. } = &mut error {
            detail.find_source_line(&bundle);
        }
        error
    })
}

/// Starts the deployment of `context` in a blank isolate:
///
/// 1. limits, variables and modules go to it,
/// 2. it evaluates them, and says that it is ready or why not.
async fn start_in(
    blank: Blank,
    context: LinkContext,
    bundle: &Bundle,
    began: Instant,
) -> Result<(Arc<Link>, BootReport), StartError> {
    let deployment = Arc::clone(&context.deployment);
    let (link, booted) = Link::open(blank.socket, blank.berth, blank.decoder, context);
    let link = Unfinished(Some(link));
    link.send(&deployment, bundle);
    let limit = WALL + Duration::from_millis(deployment.limits.startup_cpu_ms);
    let cpu_us = match timeout(limit, booted).await {
        Ok(Ok(booted)) => booted?,
        // The link has closed without a word.
        Ok(Err(_)) => return Err(StartError::CordonCrashed),
        Err(_) => {
            let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
            return Err(StartError::TimedOut(limit));
        }
    };
    let report = BootReport { cpu_us, wall_us: micros(began.elapsed()) };
    Ok((link.finish()?, report))
}

/// A start that ends the isolate unless it comes to its end.
struct Unfinished(Option<Arc<Link>>);

impl Unfinished {
    fn send(&self, deployment: &Deployment, bundle: &Bundle) {
        if let Some(link) = &self.0 {
            link.send(frames(deployment, bundle));
        }
    }

    fn finish(mut self) -> Result<Arc<Link>, StartError> {
        let link = self.0.take().filter(|link| !link.is_closed());
        link.ok_or(StartError::CordonCrashed)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(link) = self.0.take() {
            link.close(Ending::Gone);
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
