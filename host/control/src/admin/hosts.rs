use axum::extract::State;
use http::StatusCode;

use super::Admin;
use super::answer::AdminError;
use super::extract::Names;
use crate::api::ErrorBody;

/// Gives a host name to a tenant.
#[utoipa::path(put, path = "/v1/tenants/{name}/hosts/{host}", tag = "hosts",
    params(("name", description = "The tenant's name."),
        ("host", description = "The host name, without port.")),
    responses((status = 204), (status = "default", body = ErrorBody)))]
pub(super) async fn put(
    State(admin): State<Admin>,
    Names((name, host)): Names<(String, String)>,
) -> Result<StatusCode, AdminError> {
    admin.control.put_host(&name, &host).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a host name from a tenant.
#[utoipa::path(delete, path = "/v1/tenants/{name}/hosts/{host}", tag = "hosts",
    params(("name", description = "The tenant's name."),
        ("host", description = "The host name, without port.")),
    responses((status = 204), (status = "default", body = ErrorBody)))]
pub(super) async fn delete(
    State(admin): State<Admin>,
    Names((name, host)): Names<(String, String)>,
) -> Result<StatusCode, AdminError> {
    admin.control.delete_host(&name, &host).await?;
    Ok(StatusCode::NO_CONTENT)
}
