use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;

use super::answer::AdminError;
use super::extract::{Names, Options, json, whole};
use super::{Admin, SMALL_BODY};
use crate::api::{
    DeployRequest, DeployResponse, DeploymentList, DeploymentSummary, ErrorBody, RollbackRequest,
};

/// Bytes beside the sources in the body of a deploy: names, variables, JSON.
const DEPLOY_OVERHEAD: usize = 1 << 20;

#[derive(Deserialize)]
pub(super) struct Limit {
    limit: Option<u32>,
}

/// A tenant's versions, newest first.
#[utoipa::path(get, path = "/v1/tenants/{name}/deployments", tag = "deployments",
    params(("name", description = "The tenant's name."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000,
            description = "How many at most; 100 when absent.")),
    responses((status = 200, body = DeploymentList), (status = "default", body = ErrorBody)))]
pub(super) async fn list(
    State(admin): State<Admin>,
    Names(name): Names<String>,
    Options(Limit { limit }): Options<Limit>,
) -> Result<Json<DeploymentList>, AdminError> {
    let limit = limit.unwrap_or(100).clamp(1, 1000);
    Ok(Json(admin.control.deployments(&name, limit).await?))
}

/// Deploys a new version. It is live when the answer comes.
#[utoipa::path(post, path = "/v1/tenants/{name}/deployments", tag = "deployments",
    params(("name", description = "The tenant's name.")), request_body = DeployRequest,
    responses((status = 201, body = DeployResponse),
        (status = 422, body = ErrorBody, description = "The code does not start."),
        (status = "default", body = ErrorBody)))]
pub(super) async fn deploy(
    State(admin): State<Admin>,
    Names(name): Names<String>,
    body: Body,
) -> Result<(StatusCode, Json<DeployResponse>), AdminError> {
    // The semaphore is never closed, so a permit always comes.
    let _permit = admin.deploys.acquire().await.ok();
    let limit = admin.control.config.defaults.bundle_bytes;
    // Source maps may take as much again.
    let body =
        whole(body, 2 * (limit as usize / 3 * 4) + DEPLOY_OVERHEAD).await.map_err(|error| {
            match error {
                // The author knows of the bundle, not of the body that carries it.
                AdminError::BodyTooLarge { .. } => AdminError::DeployTooLarge { limit },
                error => error,
            }
        })?;
    let request: DeployRequest = json(&body)?;
    drop(body);
    let response = admin.control.deploy(&admin.supervisor, &name, request).await?;
    Ok((StatusCode::CREATED, Json(response)))
}

/// Makes another version the live one.
#[utoipa::path(post, path = "/v1/tenants/{name}/rollback", tag = "deployments",
    params(("name", description = "The tenant's name.")), request_body = RollbackRequest,
    responses((status = 200, body = DeploymentSummary), (status = "default", body = ErrorBody)))]
pub(super) async fn rollback(
    State(admin): State<Admin>,
    Names(name): Names<String>,
    body: Body,
) -> Result<Json<DeploymentSummary>, AdminError> {
    let RollbackRequest { id } = json(&whole(body, SMALL_BODY).await?)?;
    Ok(Json(admin.control.rollback(&admin.supervisor, &name, id.as_deref()).await?))
}
