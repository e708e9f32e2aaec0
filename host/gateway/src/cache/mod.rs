//! What tenants keep in `caches`: in memory, each tenant's apart, bounded for each and for all.
//!
//! An isolate reaches it with a subrequest to [`SCHEME`]; whose cache is meant is not in it, since
//! that is known. What a cached response means (how long it is fresh, what it varies by) the
//! platform reads out of it; here are only keys, bytes, times and bounds.

mod account;
mod config;
mod entry;
mod places;
mod request;
mod store;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_RANGE, CONTENT_TYPE, RANGE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use insula_supervisor::{BodyError, BoxBody, Deployment, SubrequestError};

use self::entry::Entry;
use self::request::Asked;
use self::store::{Filling, Store};

pub use self::config::CacheConfig;

/// The scheme of URLs that mean a cache. `fetch` of tenant code refuses it.
pub const SCHEME: &str = "insula-cache";

/// Says in an answer that it is one of the cache's, and which.
const OUTCOME: HeaderName = HeaderName::from_static("insula-cache");
/// How many seconds ago what is found was put there.
const AGE: HeaderName = HeaderName::from_static("age");

/// The caches of all tenants. Clones share them.
#[derive(Clone)]
pub struct Caches {
    store: Arc<Store>,
}

impl Caches {
    /// Empty caches.
    pub fn new(config: CacheConfig) -> Self {
        Self { store: Arc::new(Store::new(config)) }
    }

    /// Forgets what `tenant` has put there.
    pub fn forget(&self, tenant: &str) {
        self.store.forget(tenant);
    }

    /// Answers a subrequest that means a cache of the deployment's tenant.
    ///
    /// # Errors
    ///
    /// [`SubrequestError`], in words for the tenant's author.
    pub async fn serve(
        &self,
        deployment: &Deployment,
        request: Request<BoxBody>,
    ) -> Result<Response<BoxBody>, SubrequestError> {
        let tenant = &deployment.tenant;
        if self.store.is_gone(deployment) {
            return Ok(answer("miss", Bytes::new()));
        }
        let (head, body) = request.into_parts();
        let asked = Asked::read(&head.headers)?;
        match head.method {
            Method::GET => Ok(match self.store.find(tenant, &asked, &head.headers) {
                Some(entry) => found(&entry, &head.headers),
                None => answer("miss", Bytes::new()),
            }),
            Method::PUT => {
                let fields = asked.without_own(head.headers);
                let body = self.collect(tenant, body).await?;
                // The tenant may have gone while the body came.
                let stored =
                    !self.store.is_gone(deployment) && self.store.put(tenant, &asked, fields, body);
                Ok(answer(if stored { "stored" } else { "refused" }, Bytes::new()))
            }
            Method::DELETE if asked.url.is_empty() => {
                let was_there = self.store.remove_cache(tenant, &asked.name);
                Ok(answer(if was_there { "deleted" } else { "miss" }, Bytes::new()))
            }
            Method::DELETE => {
                let was_there = self.store.remove(tenant, &asked);
                Ok(answer(if was_there { "deleted" } else { "miss" }, Bytes::new()))
            }
            // To open one, or to list what there is.
            Method::POST => {
                if !self.store.open(tenant, &asked.name) {
                    return Ok(answer("refused", Bytes::new()));
                }
                Ok(answer("opened", Bytes::new()))
            }
            Method::OPTIONS => match self.store.list(tenant, &asked.name) {
                Some(list) => Ok(answer("list", list)),
                None => {
                    let why = "the list of what the cache holds is too long".to_owned();
                    Err(SubrequestError::Network(why))
                }
            },
            _ => Err(SubrequestError::BadUrl(format!("{SCHEME}: with {}", head.method))),
        }
    }

    /// The body, as long as there is room for it.
    async fn collect(
        &self,
        tenant: &Arc<str>,
        mut body: BoxBody,
    ) -> Result<(Vec<u8>, Filling), SubrequestError> {
        let mut filling = self.store.fill(tenant);
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            let broken = |error: BodyError| SubrequestError::Network(error.to_string());
            let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
            if !filling.add(data.len() as u64) {
                let why = "the response is larger than the cache takes".to_owned();
                return Err(SubrequestError::Network(why));
            }
            bytes.extend_from_slice(&data);
        }
        Ok((bytes, filling))
    }
}

fn found(entry: &Arc<Entry>, asked: &HeaderMap) -> Response<BoxBody> {
    let body = entry.body();
    let (status, range, body) = match asked.get(RANGE).and_then(|value| part(value, &body)) {
        Some((range, part)) if entry.status == StatusCode::OK => {
            (StatusCode::PARTIAL_CONTENT, Some(range), part)
        }
        _ => (entry.status, None, body),
    };
    let mut response = Response::new(boxed(body));
    *response.status_mut() = status;
    *response.headers_mut() = entry.fields.clone();
    let headers = response.headers_mut();
    headers.insert(OUTCOME, HeaderValue::from_static("hit"));
    headers.insert(AGE, HeaderValue::from(entry.stored.elapsed().as_secs()));
    if let Some(range) = range.and_then(|range| HeaderValue::try_from(range).ok()) {
        headers.insert(CONTENT_RANGE, range);
    }
    response
}

/// A single satisfiable range (RFC 9110 §14.1.2), as Content-Range and as bytes.
fn part(range: &HeaderValue, body: &Bytes) -> Option<(String, Bytes)> {
    let (first, last) = range.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
    let length = body.len();
    let (start, end) = if first.is_empty() {
        (length.checked_sub(last.parse::<usize>().ok()?.min(length))?, length)
    } else {
        let end =
            if last.is_empty() { length } else { last.parse::<usize>().ok()?.saturating_add(1) };
        (first.parse().ok()?, end.min(length))
    };
    let bytes = (start < end).then(|| body.slice(start..end))?;
    Some((format!("bytes {start}-{}/{length}", end - 1), bytes))
}

fn answer(outcome: &'static str, json: Bytes) -> Response<BoxBody> {
    let mut response = Response::new(boxed(json));
    response.headers_mut().insert(OUTCOME, HeaderValue::from_static(outcome));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn boxed(bytes: Bytes) -> BoxBody {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}
