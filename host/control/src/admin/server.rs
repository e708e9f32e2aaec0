use axum::Json;
use axum::extract::State;

use super::Admin;
use super::answer::AdminError;
use crate::api::{ErrorBody, Health, Status};

/// Whether the server is up. Needs no token.
#[utoipa::path(get, path = "/v1/health", tag = "server", security(()),
    responses((status = 200, body = Health)))]
pub(super) async fn health() -> Json<Health> {
    Json(Health { status: "ok".to_owned() })
}

/// What lives now.
#[utoipa::path(get, path = "/v1/status", tag = "server",
    responses((status = 200, body = Status), (status = "default", body = ErrorBody)))]
pub(super) async fn status(State(admin): State<Admin>) -> Result<Json<Status>, AdminError> {
    Ok(Json(admin.control.status(&admin.supervisor).await?))
}
