use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::StatusCode;

use super::answer::AdminError;
use super::extract::{Names, whole};
use super::{Admin, SMALL_BODY};
use crate::api::{ErrorBody, SecretList};

/// The names of a tenant's secrets.
#[utoipa::path(get, path = "/v1/tenants/{name}/secrets", tag = "secrets",
    params(("name", description = "The tenant's name.")),
    responses((status = 200, body = SecretList), (status = "default", body = ErrorBody)))]
pub(super) async fn list(
    State(admin): State<Admin>,
    Names(name): Names<String>,
) -> Result<Json<SecretList>, AdminError> {
    Ok(Json(admin.control.secrets(&name).await?))
}

/// Sets a secret; the body is its value, UTF-8, as it is.
#[utoipa::path(put, path = "/v1/tenants/{name}/secrets/{key}", tag = "secrets",
    params(("name", description = "The tenant's name."),
        ("key", description = "The secret's name.")),
    request_body(content = String, content_type = "text/plain"),
    responses((status = 204), (status = "default", body = ErrorBody)))]
pub(super) async fn put(
    State(admin): State<Admin>,
    Names((name, key)): Names<(String, String)>,
    body: Body,
) -> Result<StatusCode, AdminError> {
    let body = whole(body, SMALL_BODY).await?;
    let value = String::from_utf8(body.into())
        .map_err(|_| AdminError::BadRequest("the secret's value is not UTF-8".to_owned()))?;
    admin.control.put_secret(&admin.supervisor, &name, &key, value).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a secret.
#[utoipa::path(delete, path = "/v1/tenants/{name}/secrets/{key}", tag = "secrets",
    params(("name", description = "The tenant's name."),
        ("key", description = "The secret's name.")),
    responses((status = 204), (status = "default", body = ErrorBody)))]
pub(super) async fn delete(
    State(admin): State<Admin>,
    Names((name, key)): Names<(String, String)>,
) -> Result<StatusCode, AdminError> {
    admin.control.delete_secret(&admin.supervisor, &name, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
