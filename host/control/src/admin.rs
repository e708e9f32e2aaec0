//! The admin API: REST and JSON under `/v1`.

pub(crate) mod answer;
mod auth;
mod deployments;
mod extract;
mod hosts;
mod metrics;
mod openapi;
mod policy;
mod secrets;
mod server;
mod tail;
mod tenants;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post, put};
use insula_supervisor::Supervisor;
use tokio::sync::Semaphore;

use self::answer::AdminError;
pub use self::auth::Vouched;
use crate::Control;

/// Bytes in the body of any request but a deploy.
const SMALL_BODY: usize = 128 << 10;

/// Deploys whose bodies may be in memory at once; further ones wait before they are read.
const DEPLOYS: usize = 4;

/// What the handlers share.
#[derive(Clone)]
struct Admin {
    control: Arc<Control>,
    supervisor: Arc<Supervisor>,
    deploys: Arc<Semaphore>,
}

impl Control {
    /// The admin API. Everything but `GET /v1/health` needs a token, unknown paths too.
    pub fn admin_router(self: &Arc<Self>, supervisor: Arc<Supervisor>) -> Router {
        let control = Arc::clone(self);
        let admin = Admin { control, supervisor, deploys: Arc::new(Semaphore::new(DEPLOYS)) };
        let deployments = get(deployments::list).post(deployments::deploy);
        Router::new()
            .route("/v1/openapi.json", get(openapi::document))
            .route("/metrics", get(metrics::metrics))
            .route("/v1/status", get(server::status))
            .route("/v1/tenants", get(tenants::list))
            .route("/v1/tenants/{name}", get(tenants::show).delete(tenants::delete))
            .route("/v1/tenants/{name}/deployments", deployments)
            .route("/v1/tenants/{name}/rollback", post(deployments::rollback))
            .route("/v1/tenants/{name}/secrets", get(secrets::list))
            .route("/v1/tenants/{name}/secrets/{key}", put(secrets::put).delete(secrets::delete))
            .route("/v1/tenants/{name}/hosts/{host}", put(hosts::put).delete(hosts::delete))
            .route("/v1/tenants/{name}/policy", put(policy::put))
            .route("/v1/tenants/{name}/quarantine", delete(policy::release))
            .route("/v1/audit", get(policy::audit))
            .route("/v1/tenants/{name}/tail", get(tail::tail))
            .fallback(async || AdminError::NoSuchPath)
            .method_not_allowed_fallback(async || AdminError::WrongMethod)
            .layer(DefaultBodyLimit::max(SMALL_BODY))
            .layer(from_fn_with_state(admin.clone(), auth::require_token))
            // Added after the layers, so that it needs no token.
            .route("/v1/health", get(server::health).fallback(async || AdminError::WrongMethod))
            .with_state(admin)
    }
}
