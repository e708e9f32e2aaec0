//! Who changed what, and when: the operator's record.

use crate::api::{AuditEntry, AuditList};
use crate::clock::now_ms;
use crate::control::Control;
use crate::error::ControlError;

/// Who acts when nobody asked.
pub(crate) const INSULA: &str = "insula";

/// Who acts through the admin API. There is one token.
pub(crate) const ADMIN: &str = "admin";

/// Bytes of one entry's detail.
const DETAIL_BYTES: usize = 1000;

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Deploy,
    Rollback,
    Delete,
    PutSecret,
    DeleteSecret,
    PutHost,
    DeleteHost,
    SetPolicy,
    Quarantine,
    Release,
}

impl Action {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Rollback => "rollback",
            Self::Delete => "delete",
            Self::PutSecret => "put-secret",
            Self::DeleteSecret => "delete-secret",
            Self::PutHost => "put-host",
            Self::DeleteHost => "delete-host",
            Self::SetPolicy => "set-policy",
            Self::Quarantine => "quarantine",
            Self::Release => "release",
        }
    }
}

impl Control {
    /// The newest entries of the audit log, newest first: all of them, or those about `tenant`.
    ///
    /// # Errors
    ///
    /// [`ControlError::Store`].
    pub async fn audit(&self, tenant: Option<&str>, limit: u32) -> Result<AuditList, ControlError> {
        Ok(AuditList { entries: self.store.audit(tenant, limit).await? })
    }

    /// Writes an entry, before the change that it is about is acknowledged. The change has happened
    /// then: an entry that cannot be written is in the server's log. The detail holds no secret's
    /// value.
    pub(crate) async fn note(&self, actor: &str, action: Action, tenant: &str, detail: &str) {
        let end = detail.floor_char_boundary(DETAIL_BYTES);
        let entry = AuditEntry {
            at_ms: now_ms(),
            actor: actor.to_owned(),
            action: action.name().to_owned(),
            tenant: tenant.to_owned(),
            detail: detail[..end].to_owned(),
        };
        tracing::info!(actor, action = entry.action, tenant, detail = entry.detail, "audit");
        if let Err(error) = self.store.add_audit(&entry).await {
            tracing::error!(%error, "the audit log lacks an entry");
        }
    }
}
