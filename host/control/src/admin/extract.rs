//! Reading requests so that every refusal is an [`AdminError`].

use std::time::Duration;

use axum::RequestPartsExt;
use axum::body::Body;
use axum::extract::{FromRequestParts, Path, Query};
use bytes::Bytes;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::answer::AdminError;

/// Seconds within which a body must arrive.
const BODY_SECONDS: u64 = 60;

/// The names in a path.
pub(super) struct Names<T>(pub(super) T);

impl<T: DeserializeOwned + Send + 'static, S: Send + Sync> FromRequestParts<S> for Names<T> {
    type Rejection = AdminError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AdminError> {
        match parts.extract::<Path<T>>().await {
            Ok(Path(names)) => Ok(Self(names)),
            Err(rejection) => Err(AdminError::BadRequest(rejection.body_text())),
        }
    }
}

/// What stands after the `?`.
pub(super) struct Options<T>(pub(super) T);

impl<T: DeserializeOwned + Send + 'static, S: Send + Sync> FromRequestParts<S> for Options<T> {
    type Rejection = AdminError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AdminError> {
        match parts.extract::<Query<T>>().await {
            Ok(Query(options)) => Ok(Self(options)),
            Err(rejection) => Err(AdminError::BadRequest(rejection.body_text())),
        }
    }
}

/// The whole body, at most `limit` bytes.
pub(super) async fn whole(body: Body, limit: usize) -> Result<Bytes, AdminError> {
    #[expect(clippy::disallowed_methods, reason = "bounded by `limit`")]
    let read = axum::body::to_bytes(body, limit);
    match tokio::time::timeout(Duration::from_secs(BODY_SECONDS), read).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_length_limit(&error) => Err(AdminError::BodyTooLarge { limit }),
        Ok(Err(error)) => Err(AdminError::BadRequest(format!("the body broke off: {error}"))),
        Err(_) => Err(AdminError::TooSlow(BODY_SECONDS)),
    }
}

/// The body as JSON; an empty body stands for `{}`.
pub(super) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, AdminError> {
    let body = if body.trim_ascii().is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| AdminError::BadRequest(format!("the body is not as expected: {error}")))
}

/// The library reports the limit only as the hidden source of its error.
fn is_length_limit(error: &axum::Error) -> bool {
    std::error::Error::source(error)
        .is_some_and(|source| source.is::<http_body_util::LengthLimitError>())
}
