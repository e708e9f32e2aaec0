use axum::Json;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{deployments, hosts, metrics, policy, secrets, server, tail, tenants};

/// This document.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "server",
    responses((status = 200, description = "An OpenAPI document.")))]
pub(super) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(AdminApi::openapi())
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Insula admin API", description = "Tenants, deployments, secrets, host names."),
    paths(
        document, server::health, server::status, metrics::metrics,
        tenants::list, tenants::show, tenants::delete,
        deployments::list, deployments::deploy, deployments::rollback,
        secrets::list, secrets::put, secrets::delete,
        hosts::put, hosts::delete,
        policy::put, policy::release, policy::audit,
        tail::tail,
    ),
    modifiers(&BearerToken),
    security(("token" = [])),
)]
pub(crate) struct AdminApi;

/// Says that all of it, where a path does not say otherwise, needs a bearer token.
struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme =
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        document
            .components
            .get_or_insert_with(Default::default)
            .add_security_scheme("token", scheme);
    }
}
