//! Reading requests so that every refusal is an [`AdminError`].

use std::time::Duration;

use axum::RequestPartsExt;
use axum::body::{Body, BodyDataStream};
use axum::extract::{FromRequestParts, Path, Query};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::request::Parts;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::answer::AdminError;

/// Time within which a body must arrive.
const BODY_TIME: Duration = Duration::from_secs(60);

/// Time for which a refused body is read on.
const DISCARD_TIME: Duration = Duration::from_secs(10);

/// Bytes of a refused body that are read on.
const DISCARD_BYTES: usize = 64 << 20;

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
    match timeout(BODY_TIME, read(body, limit)).await {
        Ok(result) => result,
        Err(_) => Err(AdminError::TooSlow(BODY_TIME.as_secs())),
    }
}

/// Reads what is left of a body that is refused, without keeping it: a client that is still
/// sending when the connection closes would see it break, and not the answer.
pub(super) async fn discard(body: Body) {
    // Whether it ends, breaks or takes too long: the answer is the same.
    let _ = timeout(DISCARD_TIME, read_away(&mut body.into_data_stream())).await;
}

/// The body as JSON; an empty body stands for `{}`.
pub(super) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, AdminError> {
    let body = if body.trim_ascii().is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| AdminError::BadRequest(format!("the body is not as expected: {error}")))
}

async fn read(body: Body, limit: usize) -> Result<Bytes, AdminError> {
    let mut chunks = body.into_data_stream();
    let mut whole = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk
            .map_err(|error| AdminError::BadRequest(format!("the body broke off: {error}")))?;
        if whole.len() + chunk.len() > limit {
            drop(whole);
            read_away(&mut chunks).await;
            return Err(AdminError::BodyTooLarge { limit });
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}

async fn read_away(chunks: &mut BodyDataStream) {
    let mut left = DISCARD_BYTES;
    while let Some(Ok(chunk)) = chunks.next().await
        && let Some(rest) = left.checked_sub(chunk.len())
    {
        left = rest;
    }
}
