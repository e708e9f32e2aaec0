use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;

use super::answer::AdminError;
use super::extract::{Names, Options, json, whole};
use super::{Admin, SMALL_BODY};
use crate::api::{AuditList, ErrorBody, schema};

/// Entries of the audit log when nothing is said, and at most.
const ENTRIES: u32 = 100;
const MOST_ENTRIES: u32 = 10_000;

/// Says where a tenant's policy differs from what holds for all; what was said before is
/// forgotten. The tenant need not exist yet.
#[utoipa::path(put, path = "/v1/tenants/{name}/policy", tag = "policy",
    params(("name", description = "The tenant's name.")),
    request_body(content = schema::PolicyOverride),
    responses((status = 204), (status = "default", body = ErrorBody)))]
pub(super) async fn put(
    State(admin): State<Admin>,
    Names(name): Names<String>,
    body: Body,
) -> Result<StatusCode, AdminError> {
    let policy = json(&whole(body, SMALL_BODY).await?)?;
    admin.control.set_policy(&admin.supervisor, &name, policy).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a tenant out of quarantine.
#[utoipa::path(delete, path = "/v1/tenants/{name}/quarantine", tag = "policy",
    params(("name", description = "The tenant's name.")),
    responses((status = 204), (status = "default", body = ErrorBody)))]
pub(super) async fn release(
    State(admin): State<Admin>,
    Names(name): Names<String>,
) -> Result<StatusCode, AdminError> {
    admin.control.release(&admin.supervisor, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Selection {
    tenant: Option<String>,
    limit: Option<u32>,
}

/// Who changed what, newest first.
#[utoipa::path(get, path = "/v1/audit", tag = "policy",
    params(("tenant" = Option<String>, Query, description = "Only what is about this tenant."),
        ("limit" = Option<u32>, Query, description = "How many; 100 unless told.")),
    responses((status = 200, body = AuditList), (status = "default", body = ErrorBody)))]
pub(super) async fn audit(
    State(admin): State<Admin>,
    Options(Selection { tenant, limit }): Options<Selection>,
) -> Result<Json<AuditList>, AdminError> {
    let limit = limit.unwrap_or(ENTRIES).min(MOST_ENTRIES);
    Ok(Json(admin.control.audit(tenant.as_deref(), limit).await?))
}
