use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde::Deserialize;

use super::Admin;
use super::answer::AdminError;
use super::extract::{Names, Options};
use crate::api::{ErrorBody, TailLine};
use crate::error::ControlError;
use crate::name::TenantName;
use crate::tail::TailStream;

#[derive(Deserialize)]
pub(super) struct Recent {
    #[serde(default)]
    recent: bool,
}

/// What happens in a tenant's isolates, one JSON object a line, until the client hangs up.
#[utoipa::path(get, path = "/v1/tenants/{name}/tail", tag = "tenants",
    params(("name", description = "The tenant's name."),
        ("recent" = Option<bool>, Query,
            description = "Whether to begin with the last 100 events.")),
    responses((status = 200, body = TailLine, content_type = "application/x-ndjson"),
        (status = "default", body = ErrorBody)))]
pub(super) async fn tail(
    State(admin): State<Admin>,
    Names(name): Names<String>,
    Options(Recent { recent }): Options<Recent>,
) -> Result<Response, AdminError> {
    let tenant = TenantName::parse(&name).map_err(ControlError::from)?;
    admin.control.require(&tenant).await?;
    let hub = admin.control.tail();
    let events = if recent { hub.subscribe_with_recent(&tenant) } else { hub.subscribe(&tenant) };
    let headers = [(CONTENT_TYPE, "application/x-ndjson"), (CACHE_CONTROL, "no-store")];
    Ok((headers, lines(events)).into_response())
}

/// A body that is read as slowly as the client likes: a slow one misses events, nothing piles up.
fn lines(events: TailStream) -> Body {
    Body::from_stream(stream::unfold(events, async |mut events| {
        let line = events.next().await?;
        let bytes = serde_json::to_vec(&line).map(|mut bytes| {
            bytes.push(b'\n');
            Bytes::from(bytes)
        });
        Some((bytes, events))
    }))
}
