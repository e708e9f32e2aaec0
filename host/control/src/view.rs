//! What there is to see of tenants and versions.

use insula_supervisor::Supervisor;

use crate::api::{
    DeploymentList, DeploymentSummary, Quarantine, SecretList, Status, TenantDetail, TenantList,
    TenantSummary,
};
use crate::control::Control;
use crate::error::ControlError;
use crate::name::TenantName;
use crate::store::{StoreError, TenantRow, VersionKey, VersionRow};

impl Control {
    /// All tenants, by name.
    ///
    /// # Errors
    ///
    /// [`ControlError::Store`].
    pub async fn tenants(&self) -> Result<TenantList, ControlError> {
        let rows = self.store.tenants().await?;
        Ok(TenantList { tenants: rows.into_iter().map(|row| self.tenant_summary(row)).collect() })
    }

    /// One tenant, whole.
    ///
    /// # Errors
    ///
    /// [`ControlError`].
    pub async fn tenant(
        &self,
        supervisor: &Supervisor,
        name: &str,
    ) -> Result<TenantDetail, ControlError> {
        let name = TenantName::parse(name)?;
        let row = self.require(&name).await?;
        let live = self.active_version(&name).await?;
        let limits = match &live {
            Some(live) => self.config.defaults.with(live.version.limits),
            None => self.config.defaults.clone(),
        };
        let hosts = self.store.hosts().await?;
        let asked = live.as_ref().map(|live| live.version.wall).unwrap_or_default();
        let mut policy = self.policy_of(Some(&row));
        policy.jit &= live.as_ref().is_none_or(|live| live.version.jit);
        Ok(TenantDetail {
            wall: Self::wall_of(&policy, Some(&row), asked).into(),
            policy,
            policy_override: row.policy.clone(),
            quarantine: row.quarantine.clone().map(|(why, since_ms)| Quarantine { why, since_ms }),
            summary: self.tenant_summary(row),
            limits,
            deployment: live.as_ref().map(|live| deployment_summary(live, true)),
            hosts: hosts
                .into_iter()
                .filter(|(_, of)| **of == *name)
                .map(|(host, _)| host)
                .collect(),
            vars: live.map(|live| live.version.vars.into_keys().collect()).unwrap_or_default(),
            secrets: self.store.secrets(&name).await?.into_keys().collect(),
            counters: supervisor.usage(&name).unwrap_or_default().into(),
        })
    }

    /// A tenant's versions, newest first, at most `limit`.
    ///
    /// # Errors
    ///
    /// [`ControlError`].
    pub async fn deployments(
        &self,
        tenant: &str,
        limit: u32,
    ) -> Result<DeploymentList, ControlError> {
        let name = TenantName::parse(tenant)?;
        let active = self.require(&name).await?.active;
        let rows = self.store.versions(&name, limit).await?;
        let summary =
            |row: &VersionRow| deployment_summary(row, active.as_ref() == Some(&row.version.id));
        Ok(DeploymentList { deployments: rows.iter().map(summary).collect() })
    }

    /// The names of a tenant's secrets.
    ///
    /// # Errors
    ///
    /// [`ControlError`].
    pub async fn secrets(&self, tenant: &str) -> Result<SecretList, ControlError> {
        let name = TenantName::parse(tenant)?;
        self.require(&name).await?;
        Ok(SecretList { secrets: self.store.secrets(&name).await?.into_keys().collect() })
    }

    /// What lives now.
    ///
    /// # Errors
    ///
    /// [`ControlError::Store`].
    pub async fn status(&self, supervisor: &Supervisor) -> Result<Status, ControlError> {
        let counts = supervisor.counts();
        Ok(Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            uptime_s: self.started.elapsed().as_secs(),
            tenants: self.store.tenants().await?.len(),
            serving: self.directory.serving(),
            cordons: counts.cordons,
            isolates: counts.isolates,
            requests: counts.requests,
        })
    }

    pub(crate) async fn require(&self, tenant: &TenantName) -> Result<TenantRow, ControlError> {
        let row = self.store.tenant(tenant).await?;
        row.ok_or_else(|| ControlError::NoSuchTenant(tenant.to_string()))
    }

    pub(crate) async fn active_version(
        &self,
        tenant: &TenantName,
    ) -> Result<Option<VersionRow>, StoreError> {
        let row = self.store.tenant(tenant).await?;
        match row.and_then(|row| row.active) {
            Some(id) => self.store.version(tenant, VersionKey::Id(&id)).await,
            None => Ok(None),
        }
    }

    fn tenant_summary(&self, row: TenantRow) -> TenantSummary {
        TenantSummary {
            url: self.url(&row.name),
            serving: self.directory.active(&row.name).is_some(),
            name: row.name,
            created_ms: row.created_ms,
            active: row.active,
            number: row.active_number,
        }
    }
}

pub(crate) fn deployment_summary(row: &VersionRow, active: bool) -> DeploymentSummary {
    let version = &row.version;
    DeploymentSummary {
        id: version.id.clone(),
        number: row.number,
        active,
        created_ms: version.created_ms,
        bundle_bytes: version.bundle_bytes,
        bundle_sha256: version.bundle.to_string(),
        startup_cpu_us: version.startup_cpu_us,
        startup_wall_us: version.startup_wall_us,
        message: version.message.clone(),
    }
}
