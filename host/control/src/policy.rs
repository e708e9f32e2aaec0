//! What the operator decides for a tenant, and who is in quarantine.

use std::sync::Arc;

use insula_supervisor::{Offence, Policy, PolicyOverride, Supervisor, Wall};

use crate::audit::{ADMIN, Action, INSULA};
use crate::clock::now_ms;
use crate::control::Control;
use crate::error::{ControlError, InvalidDeploy};
use crate::name::TenantName;
use crate::store::TenantRow;

/// Entries in one list of egress targets.
const TARGETS: usize = 1000;

impl Control {
    /// Makes `policy` what is different for `tenant` from what holds for all. Its isolates move
    /// to where they belong now; what is in flight finishes where it is. A tenant that does not
    /// exist yet comes into being, so that its first version finds its policy.
    ///
    /// # Errors
    ///
    /// [`ControlError`].
    pub async fn set_policy(
        self: &Arc<Self>,
        supervisor: &Arc<Supervisor>,
        tenant: &str,
        policy: PolicyOverride,
    ) -> Result<(), ControlError> {
        let tenant = TenantName::parse(tenant)?;
        check(&policy).map_err(ControlError::TooMany)?;
        let (control, supervisor, of) = (Arc::clone(self), Arc::clone(supervisor), tenant.clone());
        let change = async move {
            control.store.create_tenant(&of, now_ms()).await?;
            control.tail.open(of.shared());
            control.store.set_policy(&of, &policy).await?;
            let detail = serde_json::to_string(&policy).unwrap_or_default();
            control.note(ADMIN, Action::SetPolicy, &of, &detail).await;
            control.refresh(&supervisor, &of).await
        };
        self.in_turn(tenant, change).await
    }

    /// Keeps `tenant` in cordons of its own from now on, also after a restart.
    ///
    /// # Errors
    ///
    /// [`ControlError`].
    pub async fn quarantine(
        self: &Arc<Self>,
        supervisor: &Arc<Supervisor>,
        tenant: &str,
        offence: Offence,
    ) -> Result<(), ControlError> {
        let tenant = TenantName::parse(tenant)?;
        let (control, supervisor, of) = (Arc::clone(self), Arc::clone(supervisor), tenant.clone());
        let change = async move {
            // Released or deleted before its turn came: whoever has the name now is not meant.
            if !supervisor.is_quarantined(&of) {
                return Ok(());
            }
            let why = offence.to_string();
            if !control.store.set_quarantine(&of, Some((&why, now_ms()))).await? {
                // The last isolates of a tenant that was deleted meanwhile: nobody could release who gets the name next.
                if control.store.tenant(&of).await?.is_none() {
                    supervisor.release(&of);
                }
                return Ok(());
            }
            control.note(INSULA, Action::Quarantine, &of, &why).await;
            control.refresh(&supervisor, &of).await
        };
        self.in_turn(tenant, change).await
    }

    /// Lets `tenant` live with others again.
    ///
    /// # Errors
    ///
    /// [`ControlError`]; [`ControlError::NotInQuarantine`] when it does already.
    pub async fn release(
        self: &Arc<Self>,
        supervisor: &Arc<Supervisor>,
        tenant: &str,
    ) -> Result<(), ControlError> {
        let tenant = TenantName::parse(tenant)?;
        let (control, supervisor, of) = (Arc::clone(self), Arc::clone(supervisor), tenant.clone());
        let change = async move {
            control.require(&of).await?;
            let is_noted = control.store.set_quarantine(&of, None).await?;
            // Held without a note, when the database has failed to take it.
            let is_held = supervisor.release(&of);
            if !is_noted && !is_held {
                return Err(ControlError::NotInQuarantine(of.to_string()));
            }
            control.note(ADMIN, Action::Release, &of, "").await;
            control.refresh(&supervisor, &of).await
        };
        self.in_turn(tenant, change).await
    }

    /// What holds for a tenant: what the operator says for all, with what is different for it.
    pub(crate) fn policy_of(&self, tenant: Option<&TenantRow>) -> Policy {
        match tenant {
            Some(tenant) => self.config.policy.with(&tenant.policy),
            None => self.config.policy.clone(),
        }
    }

    /// The wall that a version of the tenant gets that asks for `asked`.
    pub(crate) fn wall_of(policy: &Policy, tenant: Option<&TenantRow>, asked: Wall) -> Wall {
        let quarantined = tenant.is_some_and(|tenant| tenant.quarantine.is_some());
        let prescribed = if quarantined { Wall::Process } else { policy.wall };
        asked.max(prescribed)
    }
}

fn check(policy: &PolicyOverride) -> Result<(), InvalidDeploy> {
    for list in [&policy.egress_allow, &policy.egress_deny, &policy.egress_only] {
        let count = list.as_ref().map_or(0, Vec::len);
        crate::accept::at_most("entries in a list of egress targets", count, TARGETS)?;
    }
    Ok(())
}
