use axum::Json;
use axum::extract::State;
use http::StatusCode;

use super::Admin;
use super::answer::AdminError;
use super::extract::Names;
use crate::api::{ErrorBody, TenantDetail, TenantList};

/// All tenants, by name.
#[utoipa::path(get, path = "/v1/tenants", tag = "tenants",
    responses((status = 200, body = TenantList), (status = "default", body = ErrorBody)))]
pub(super) async fn list(State(admin): State<Admin>) -> Result<Json<TenantList>, AdminError> {
    Ok(Json(admin.control.tenants().await?))
}

/// One tenant, whole.
#[utoipa::path(get, path = "/v1/tenants/{name}", tag = "tenants",
    params(("name", description = "The tenant's name.")),
    responses((status = 200, body = TenantDetail), (status = "default", body = ErrorBody)))]
pub(super) async fn show(
    State(admin): State<Admin>,
    Names(name): Names<String>,
) -> Result<Json<TenantDetail>, AdminError> {
    Ok(Json(admin.control.tenant(&admin.supervisor, &name).await?))
}

/// Removes a tenant with its versions, secrets and host names.
#[utoipa::path(delete, path = "/v1/tenants/{name}", tag = "tenants",
    params(("name", description = "The tenant's name.")),
    responses((status = 204), (status = "default", body = ErrorBody)))]
pub(super) async fn delete(
    State(admin): State<Admin>,
    Names(name): Names<String>,
) -> Result<StatusCode, AdminError> {
    admin.control.delete(&admin.supervisor, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
