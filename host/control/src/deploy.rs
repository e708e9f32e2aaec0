//! The life of a deploy.

use std::sync::Arc;

use insula_supervisor::{BootReport, Deployment, StartError, Supervisor};

use crate::accept::Accepted;
use crate::api::{DeployRequest, DeployResponse};
use crate::audit::{ADMIN, Action};
use crate::clock::now_ms;
use crate::control::Control;
use crate::error::DeployError;
use crate::id::version_id;
use crate::name::TenantName;
use crate::source_maps::MapSet;
use crate::store::{NewVersion, StoreError, VersionRow};
use crate::work::{blocking, to_the_end};

impl Control {
    /// Deploys a new version of `tenant`'s code; the tenant comes into being with its first one.
    ///
    /// 1. judge the request,
    /// 2. wait until no other change of this tenant is under way,
    /// 3. put the bundle on disk,
    /// 4. boot the code inside a cordon,
    /// 5. record the version and make it live, in one transaction,
    /// 6. route requests to it,
    /// 7. let the isolates of the version before finish and go.
    ///
    /// Once started it runs to its end, even if the caller goes away. The version is live, and
    /// on disk, when this returns.
    ///
    /// # Errors
    ///
    /// [`DeployError`]; what was live before stays live.
    pub async fn deploy(
        self: &Arc<Self>,
        supervisor: &Arc<Supervisor>,
        tenant: &str,
        request: DeployRequest,
    ) -> Result<DeployResponse, DeployError> {
        let tenant = TenantName::parse(tenant)?;
        let defaults = self.config.defaults.clone();
        let accepted = blocking(move || Accepted::judge(request, &defaults)).await?;
        let (control, supervisor) = (Arc::clone(self), Arc::clone(supervisor));
        to_the_end(async move {
            let _turn = control.turns.wait(tenant.shared()).await;
            let hash = accepted.hash;
            let result = control.check_and_switch(&supervisor, &tenant, accepted).await;
            // A failed deploy must not leave its bundle behind.
            control.bundles.unpin(hash, &*control.store).await;
            result
        })
        .await
    }

    async fn check_and_switch(
        &self,
        supervisor: &Supervisor,
        tenant: &TenantName,
        mut accepted: Accepted,
    ) -> Result<DeployResponse, DeployError> {
        let maps = std::mem::take(&mut accepted.maps.set);
        let warnings = std::mem::take(&mut accepted.maps.warnings);
        let (version, deployment) = self.prepare(tenant, accepted).await?;
        let report = match supervisor.check(&deployment).await {
            Ok(report) => report,
            Err(error) => return Err(blocking(move || explained(error, &maps)).await.into()),
        };
        let row = self.make_live(supervisor, version, deployment, report).await?;
        Ok(DeployResponse { warnings, ..self.response(row, report) })
    }

    /// Step 3: what is to be booted. The bundle stays pinned.
    pub(crate) async fn prepare(
        &self,
        tenant: &TenantName,
        accepted: Accepted,
    ) -> Result<(NewVersion, Arc<Deployment>), DeployError> {
        self.bundles.pin(accepted.hash, accepted.blob, accepted.maps.kept).await?;
        let bundle_bytes = accepted.bundle.size();
        self.bundles.remember(accepted.hash, Arc::new(accepted.bundle));
        let created_ms = now_ms();
        let version = NewVersion {
            id: version_id(created_ms).map_err(|error| DeployError::Random(error.to_string()))?,
            tenant: tenant.to_string(),
            created_ms,
            bundle: accepted.hash,
            bundle_bytes,
            vars: accepted.vars,
            limits: accepted.limits,
            wall: accepted.wall,
            jit: accepted.jit,
            message: accepted.message,
            startup_cpu_us: 0,
            startup_wall_us: 0,
        };
        let deployment = self.deployment(&version).await??;
        Ok((version, deployment))
    }

    /// Steps 5 to 7, for a version that has been seen to start.
    pub(crate) async fn make_live(
        &self,
        supervisor: &Supervisor,
        mut version: NewVersion,
        deployment: Arc<Deployment>,
        report: BootReport,
    ) -> Result<VersionRow, StoreError> {
        version.startup_cpu_us = report.cpu_us;
        version.startup_wall_us = report.wall_us;
        let row = self.store.deploy(version).await?;
        self.tail.open(Arc::clone(&deployment.tenant));
        self.switch(supervisor, deployment);
        let detail = format!("v{} ({})", row.number, row.version.id);
        self.note(ADMIN, Action::Deploy, &row.version.tenant, &detail).await;
        Ok(row)
    }

    fn response(&self, row: VersionRow, report: BootReport) -> DeployResponse {
        DeployResponse {
            url: self.url(&row.version.tenant),
            tenant: row.version.tenant,
            id: row.version.id,
            number: row.number,
            bundle_bytes: row.version.bundle_bytes,
            startup_cpu_us: report.cpu_us,
            startup_wall_us: report.wall_us,
            warnings: Vec::new(),
        }
    }
}

/// Why the code does not start, in positions of the author's files.
fn explained(error: StartError, maps: &MapSet) -> StartError {
    match error {
        StartError::Boot { failure, mut detail } => {
            maps.explain(&mut detail);
            StartError::Boot { failure, detail }
        }
        other => other,
    }
}
