//! What a subrequest to a cache says in fields of its own.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use insula_supervisor::SubrequestError;

/// Bytes of a cache's name.
const NAME: usize = 1024;

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Of the cache.
    pub(crate) name: String,
    /// Of the cached request, without fragment; empty for the cache itself.
    pub(crate) url: String,
    pub(crate) ignores_search: bool,
    pub(crate) ignores_vary: bool,
    /// Of the response to keep.
    pub(crate) status: StatusCode,
    /// How long it is fresh; for ever if nothing is said.
    pub(crate) fresh: Option<Duration>,
    /// What the response varies by, and what the request had there.
    pub(crate) vary: Vec<(HeaderName, Option<String>)>,
}

const CACHE_NAME: &str = "insula-cache-name";
const CACHE_URL: &str = "insula-cache-url";
const CACHE_IGNORE: &str = "insula-cache-ignore";
const CACHE_STATUS: &str = "insula-cache-status";
const CACHE_FRESH: &str = "insula-cache-fresh";
const CACHE_VARY: &str = "insula-cache-vary";

impl Asked {
    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, SubrequestError> {
        let field = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let name = field(CACHE_NAME).unwrap_or_default().to_owned();
        if name.len() > NAME {
            let why = format!("the name of a cache is longer than {NAME} bytes");
            return Err(SubrequestError::Network(why));
        }
        let ignore = field(CACHE_IGNORE).unwrap_or_default();
        let status =
            field(CACHE_STATUS).and_then(|text| StatusCode::from_bytes(text.as_bytes()).ok());
        let vary = field(CACHE_VARY).unwrap_or("[]");
        let vary: Vec<(String, Option<String>)> = serde_json::from_str(vary).unwrap_or_default();
        Ok(Self {
            name,
            url: field(CACHE_URL).unwrap_or_default().to_owned(),
            ignores_search: ignore.contains("search"),
            ignores_vary: ignore.contains("vary"),
            status: status.filter(|status| status.as_u16() >= 200).unwrap_or(StatusCode::OK),
            fresh: field(CACHE_FRESH).and_then(|text| text.parse().ok()).map(Duration::from_secs),
            vary: vary
                .into_iter()
                .filter_map(|(name, value)| Some((name.parse().ok()?, value)))
                .collect(),
        })
    }

    /// The fields of the response to keep.
    pub(crate) fn without_own(&self, mut headers: HeaderMap) -> HeaderMap {
        for name in [CACHE_NAME, CACHE_URL, CACHE_IGNORE, CACHE_STATUS, CACHE_FRESH, CACHE_VARY] {
            headers.remove(name);
        }
        headers
    }

    /// Whether a response that varies so is the one for a request with these fields.
    pub(crate) fn fits(&self, vary: &[(HeaderName, Option<String>)], headers: &HeaderMap) -> bool {
        self.ignores_vary
            || vary.iter().all(|(name, wanted)| {
                let given: Vec<&str> = headers
                    .get_all(name)
                    .iter()
                    .filter_map(|value: &HeaderValue| value.to_str().ok())
                    .collect();
                match wanted {
                    None => given.is_empty(),
                    Some(wanted) => !given.is_empty() && given.join(", ") == *wanted,
                }
            })
    }

    /// The key of a URL: without its query, if that does not matter.
    pub(crate) fn is_for(&self, url: &str) -> bool {
        let key = |url: &'_ str| url.find('?').map_or(url.len(), |at| at);
        if self.ignores_search {
            url[..key(url)] == self.url[..key(&self.url)]
        } else {
            url == self.url
        }
    }
}
