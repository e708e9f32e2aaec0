//! From an error to its answer: one function.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use insula_supervisor::{Blame, ErrorDetail, StartError};
use thiserror::Error;

use crate::api::{ErrorBody, ErrorInfo};
use crate::error::{ControlError, DeployError, InvalidDeploy};

/// Why a request to the admin API has no better answer.
#[derive(Debug, Error)]
pub(crate) enum AdminError {
    #[error("this needs `Authorization: Bearer TOKEN` with a token that is valid here")]
    Unauthorized,
    #[error("there is nothing at this path; GET /v1/openapi.json lists what there is")]
    NoSuchPath,
    #[error("this path does not know this method")]
    WrongMethod,
    #[error("{0}")]
    BadRequest(String),
    #[error("the body is larger than {limit} bytes")]
    BodyTooLarge { limit: usize },
    #[error("the bundle is too large: the limit is {limit} bytes")]
    DeployTooLarge { limit: u64 },
    #[error("the body did not arrive within {0} s")]
    TooSlow(u64),
    #[error(transparent)]
    Deploy(#[from] DeployError),
    #[error(transparent)]
    Control(#[from] ControlError),
}

impl IntoResponse for AdminError {
    fn into_response(self) -> Response {
        let (status, code) = status_and_code(&self);
        if status.is_server_error() {
            tracing::error!(error = %self, code, "an admin request failed");
        }
        let error = ErrorInfo {
            code: code.to_owned(),
            message: message(&self),
            blame: blame(&self),
            detail: detail(self),
        };
        let mut response = (status, Json(ErrorBody { error })).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The status and the word for programs, for every error there is.
fn status_and_code(error: &AdminError) -> (StatusCode, &'static str) {
    use StatusCode as S;
    match error {
        AdminError::Unauthorized => (S::UNAUTHORIZED, "unauthorized"),
        AdminError::NoSuchPath => (S::NOT_FOUND, "no-such-path"),
        AdminError::WrongMethod => (S::METHOD_NOT_ALLOWED, "wrong-method"),
        AdminError::BadRequest(_) => (S::BAD_REQUEST, "bad-request"),
        AdminError::BodyTooLarge { .. } => (S::PAYLOAD_TOO_LARGE, "payload-too-large"),
        AdminError::DeployTooLarge { .. } => (S::PAYLOAD_TOO_LARGE, "bundle-too-large"),
        AdminError::TooSlow(_) => (S::REQUEST_TIMEOUT, "too-slow"),
        AdminError::Deploy(error) => match error {
            DeployError::Invalid(InvalidDeploy::BundleTooLarge { .. }) => {
                (S::PAYLOAD_TOO_LARGE, "bundle-too-large")
            }
            DeployError::Invalid(InvalidDeploy::LimitOutOfRange { .. }) => {
                (S::BAD_REQUEST, "limit-out-of-range")
            }
            DeployError::Invalid(InvalidDeploy::Name(_)) => (S::BAD_REQUEST, "bad-name"),
            DeployError::Invalid(_) => (S::BAD_REQUEST, "invalid-deployment"),
            DeployError::Start(StartError::Boot { .. } | StartError::TimedOut(_)) => {
                (S::UNPROCESSABLE_ENTITY, "deploy-rejected")
            }
            DeployError::Start(StartError::CordonCrashed) => {
                (S::INTERNAL_SERVER_ERROR, "cordon-crashed")
            }
            DeployError::Start(StartError::ShuttingDown) => {
                (S::SERVICE_UNAVAILABLE, "shutting-down")
            }
            DeployError::Start(_) => (S::SERVICE_UNAVAILABLE, "no-cordon"),
            DeployError::Store(_)
            | DeployError::Bundle(_)
            | DeployError::Secret(_)
            | DeployError::Random(_) => (S::INTERNAL_SERVER_ERROR, "storage-failed"),
        },
        AdminError::Control(error) => match error {
            ControlError::Name(_) => (S::BAD_REQUEST, "bad-name"),
            ControlError::NoSuchTenant(_) => (S::NOT_FOUND, "no-such-tenant"),
            ControlError::NoSuchVersion { .. } => (S::NOT_FOUND, "no-such-deployment"),
            ControlError::NoEarlierVersion(_) => (S::CONFLICT, "no-earlier-deployment"),
            ControlError::NoSuchSecret { .. } => (S::NOT_FOUND, "no-such-secret"),
            ControlError::NoSuchHost { .. } => (S::NOT_FOUND, "no-such-host"),
            ControlError::NotInQuarantine(_) => (S::CONFLICT, "not-in-quarantine"),
            ControlError::HostTaken(_) => (S::CONFLICT, "host-taken"),
            ControlError::TooMany(_) => (S::PAYLOAD_TOO_LARGE, "too-many"),
            ControlError::Store(_) | ControlError::Bundle(_) | ControlError::Secret(_) => {
                (S::INTERNAL_SERVER_ERROR, "storage-failed")
            }
        },
    }
}

/// What people read. When the detail travels beside it, the message does not repeat it.
fn message(error: &AdminError) -> String {
    match error {
        AdminError::Deploy(DeployError::Start(StartError::Boot { detail, .. })) => {
            let text = error.to_string();
            let summary = text.strip_suffix(&format!(": {detail}")).unwrap_or(&text);
            format!("{summary}: {}", detail.message)
        }
        error => error.to_string(),
    }
}

fn blame(error: &AdminError) -> Blame {
    match error {
        AdminError::Deploy(error) => error.blame(),
        AdminError::Control(error) => error.blame(),
        _ => Blame::Client,
    }
}

fn detail(error: AdminError) -> Option<ErrorDetail> {
    match error {
        AdminError::Deploy(DeployError::Start(StartError::Boot { detail, .. })) => Some(detail),
        _ => None,
    }
}
