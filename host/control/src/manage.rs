//! Changes of a tenant other than a deploy. Each waits for the tenant's turn and, once started,
//! runs to its end even if the caller goes away.

use std::future::Future;
use std::sync::Arc;

use insula_supervisor::{Deployment, Supervisor};

use crate::accept::{SECRETS, at_most, check_value};
use crate::api::DeploymentSummary;
use crate::audit::{ADMIN, Action};
use crate::clock::now_ms;
use crate::control::Control;
use crate::error::ControlError;
use crate::name::{HostName, TenantName, check_variable, shown};
use crate::store::{VersionKey, VersionRow};
use crate::view::deployment_summary;
use crate::work::to_the_end;

impl Control {
    /// Makes another version of `tenant` the live one: the one with this id or number (`v3`), or
    /// the one that was live when the present one was deployed.
    ///
    /// # Errors
    ///
    /// [`ControlError`]; what was live before stays live.
    pub async fn rollback(
        self: &Arc<Self>,
        supervisor: &Arc<Supervisor>,
        tenant: &str,
        id: Option<&str>,
    ) -> Result<DeploymentSummary, ControlError> {
        let tenant = TenantName::parse(tenant)?;
        let (control, supervisor) = (Arc::clone(self), Arc::clone(supervisor));
        let (name, id) = (tenant.clone(), id.map(str::to_owned));
        let change = async move {
            let row = control.rollback_target(&name, id.as_deref()).await?;
            // The bundle comes first: a version that cannot be served must not become live.
            let bundle = control.bundles.read(row.version.bundle).await?;
            control.bundles.remember(row.version.bundle, bundle);
            let deployment = control.deployment(&row.version).await??;
            control.store.activate(&name, &row.version.id).await?;
            control.switch(&supervisor, deployment);
            let detail = format!("to v{} ({})", row.number, row.version.id);
            control.note(ADMIN, Action::Rollback, &name, &detail).await;
            Ok(deployment_summary(&row, true))
        };
        self.in_turn(tenant, change).await
    }

    /// Removes `tenant`: its versions, secrets, host names, and the bundles that no other tenant
    /// uses.
    ///
    /// # Errors
    ///
    /// [`ControlError`].
    pub async fn delete(
        self: &Arc<Self>,
        supervisor: &Arc<Supervisor>,
        tenant: &str,
    ) -> Result<(), ControlError> {
        let tenant = TenantName::parse(tenant)?;
        let (control, supervisor, name) =
            (Arc::clone(self), Arc::clone(supervisor), tenant.clone());
        let change = async move {
            let Some(bundles) = control.store.delete_tenant(&name).await? else {
                return Err(ControlError::NoSuchTenant(name.to_string()));
            };
            if let Some(old) = control.directory.remove(&name) {
                supervisor.retire(&old);
            }
            control.tail.close(&name);
            supervisor.forget(&name);
            for bundle in bundles {
                control.bundles.sweep(bundle, &*control.store).await;
            }
            control.note(ADMIN, Action::Delete, &name, "").await;
            Ok(())
        };
        self.in_turn(tenant, change).await
    }

    /// Sets a secret. A tenant that does not exist yet comes into being, so that its first
    /// version finds its secrets. The live version's isolates are replaced.
    ///
    /// # Errors
    ///
    /// [`ControlError`].
    pub async fn put_secret(
        self: &Arc<Self>,
        supervisor: &Arc<Supervisor>,
        tenant: &str,
        name: &str,
        value: String,
    ) -> Result<(), ControlError> {
        let tenant = TenantName::parse(tenant)?;
        check_variable(name)?;
        check_value(&value).map_err(ControlError::TooMany)?;
        let (control, supervisor) = (Arc::clone(self), Arc::clone(supervisor));
        let (of, name) = (tenant.clone(), name.to_owned());
        let change = async move {
            let present = control.store.secrets(&of).await?;
            if !present.contains_key(&name) {
                at_most("secrets", present.len() + 1, SECRETS).map_err(ControlError::TooMany)?;
            }
            control.store.create_tenant(&of, now_ms()).await?;
            control.tail.open(of.shared());
            let sealed = control.sealer.seal(&of, &name, &value)?;
            control.store.put_secret(&of, &name, &sealed).await?;
            control.note(ADMIN, Action::PutSecret, &of, &name).await;
            control.refresh(&supervisor, &of).await
        };
        self.in_turn(tenant, change).await
    }

    /// Removes a secret. The live version's isolates are replaced.
    ///
    /// # Errors
    ///
    /// [`ControlError`].
    pub async fn delete_secret(
        self: &Arc<Self>,
        supervisor: &Arc<Supervisor>,
        tenant: &str,
        name: &str,
    ) -> Result<(), ControlError> {
        let tenant = TenantName::parse(tenant)?;
        let (control, supervisor) = (Arc::clone(self), Arc::clone(supervisor));
        let (of, name) = (tenant.clone(), name.to_owned());
        let change = async move {
            control.require(&of).await?;
            if !control.store.delete_secret(&of, &name).await? {
                return Err(ControlError::NoSuchSecret {
                    tenant: of.to_string(),
                    name: shown(&name),
                });
            }
            control.note(ADMIN, Action::DeleteSecret, &of, &name).await;
            control.refresh(&supervisor, &of).await
        };
        self.in_turn(tenant, change).await
    }

    /// Gives a host name to `tenant`; nothing happens when it has it already.
    ///
    /// # Errors
    ///
    /// [`ControlError`].
    pub async fn put_host(self: &Arc<Self>, tenant: &str, host: &str) -> Result<(), ControlError> {
        let tenant = TenantName::parse(tenant)?;
        let host = HostName::parse(host, self.directory.base_domain())?;
        let (control, to) = (Arc::clone(self), tenant.clone());
        let change = async move {
            control.require(&to).await?;
            if !control.store.put_host(&to, &host).await? {
                return Err(ControlError::HostTaken(host.to_string()));
            }
            control.directory.add_host(&host, to.shared());
            control.note(ADMIN, Action::PutHost, &to, &host).await;
            Ok(())
        };
        self.in_turn(tenant, change).await
    }

    /// Takes a host name from `tenant`.
    ///
    /// # Errors
    ///
    /// [`ControlError`].
    pub async fn delete_host(
        self: &Arc<Self>,
        tenant: &str,
        host: &str,
    ) -> Result<(), ControlError> {
        let tenant = TenantName::parse(tenant)?;
        let host = HostName::parse(host, self.directory.base_domain())?;
        let (control, from) = (Arc::clone(self), tenant.clone());
        let change = async move {
            control.require(&from).await?;
            if !control.store.delete_host(&from, &host).await? {
                return Err(ControlError::NoSuchHost {
                    tenant: from.to_string(),
                    host: host.to_string(),
                });
            }
            control.directory.remove_host(&host, &from);
            control.note(ADMIN, Action::DeleteHost, &from, &host).await;
            Ok(())
        };
        self.in_turn(tenant, change).await
    }

    /// Makes `deployment` the one that requests are routed to, and lets the isolates of the one
    /// before finish and go.
    pub(crate) fn switch(&self, supervisor: &Supervisor, deployment: Arc<Deployment>) {
        if let Some(old) = self.directory.activate(Arc::clone(&deployment)) {
            supervisor.replace(&old, &deployment);
        }
    }

    pub(crate) async fn in_turn<T: Send + 'static>(
        self: &Arc<Self>,
        tenant: TenantName,
        change: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let control = Arc::clone(self);
        to_the_end(async move {
            let _turn = control.turns.wait(tenant.shared()).await;
            change.await
        })
        .await
    }

    /// Gives the live version the tenant's present secrets and policy. One that could not be served
    /// for lack of a secret that can be read is served from then on.
    pub(crate) async fn refresh(
        &self,
        supervisor: &Supervisor,
        tenant: &TenantName,
    ) -> Result<(), ControlError> {
        let Some(row) = self.active_version(tenant).await? else { return Ok(()) };
        if self.directory.active(tenant).is_none()
            && !self.bundles.is_there(row.version.bundle).await
        {
            // The secret is kept; what is missing was said at the start.
            return Ok(());
        }
        let deployment = self.deployment(&row.version).await??;
        self.switch(supervisor, deployment);
        Ok(())
    }

    async fn rollback_target(
        &self,
        tenant: &TenantName,
        id: Option<&str>,
    ) -> Result<VersionRow, ControlError> {
        self.require(tenant).await?;
        let Some(id) = id else {
            let active = self.active_version(tenant).await?;
            let Some(earlier) = active.and_then(|row| row.predecessor) else {
                return Err(ControlError::NoEarlierVersion(tenant.to_string()));
            };
            return self.version(tenant, VersionKey::Id(&earlier), &earlier).await;
        };
        let number = id.strip_prefix('v').and_then(|number| number.parse().ok());
        self.version(tenant, number.map_or(VersionKey::Id(id), VersionKey::Number), id).await
    }

    async fn version(
        &self,
        tenant: &TenantName,
        key: VersionKey<'_>,
        asked: &str,
    ) -> Result<VersionRow, ControlError> {
        self.store.version(tenant, key).await?.ok_or_else(|| ControlError::NoSuchVersion {
            tenant: tenant.to_string(),
            version: shown(asked),
        })
    }
}
