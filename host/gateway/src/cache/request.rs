//! What a subrequest to a cache says in fields of its own.

use std::time::Duration;

use http::header::GetAll;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use insula_supervisor::SubrequestError;

/// Bytes of a cache's name.
const NAME: usize = 1024;

/// Fields that a response may vary by. Each is compared when a request comes.
const VARY: usize = 32;

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
    pub(crate) vary: Vary,
}

/// Fields that a response varies by, and what the request had there.
pub(crate) type Vary = Vec<(HeaderName, Option<HeaderValue>)>;

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
        Ok(Self {
            name,
            url: field(CACHE_URL).unwrap_or_default().to_owned(),
            ignores_search: ignore.contains("search"),
            ignores_vary: ignore.contains("vary"),
            status: status.filter(|status| status.as_u16() >= 200).unwrap_or(StatusCode::OK),
            fresh: field(CACHE_FRESH).and_then(|text| text.parse().ok()).map(Duration::from_secs),
            vary: match field(CACHE_VARY).unwrap_or_default() {
                "" => Vec::new(),
                json => vary(json)?,
            },
        })
    }

    /// What responses for the same URL in the same cache have in common. A name has no line feed: it was a field's value.
    pub(crate) fn key(&self) -> String {
        format!("{}\n{}", self.name, self.url)
    }

    pub(crate) fn key_len(&self) -> usize {
        self.name.len() + 1 + self.url.len()
    }

    /// The fields of the response to keep.
    pub(crate) fn without_own(&self, mut headers: HeaderMap) -> HeaderMap {
        for name in [CACHE_NAME, CACHE_URL, CACHE_IGNORE, CACHE_STATUS, CACHE_FRESH, CACHE_VARY] {
            headers.remove(name);
        }
        headers
    }

    /// Whether a response that varies so is the one for a request with these fields.
    pub(crate) fn fits(&self, vary: &Vary, headers: &HeaderMap) -> bool {
        self.ignores_vary
            || vary.iter().all(|(name, wanted)| match wanted {
                None => !headers.contains_key(name),
                Some(wanted) => are_together(headers.get_all(name), wanted.as_bytes()),
            })
    }

    /// Whether a URL in a cache is the one that is asked for, but for its query.
    pub(crate) fn is_of_path(&self, cache: &str, url: &str) -> bool {
        cache == self.name && without_search(url) == without_search(&self.url)
    }
}

/// A URL without its query.
pub(crate) fn without_search(url: &str) -> &str {
    url.split_once('?').map_or(url, |(path, _)| path)
}

/// What a JSON list of pairs says.
fn vary(json: &str) -> Result<Vary, SubrequestError> {
    let bad = |why: String| SubrequestError::Network(format!("the response varies by {why}"));
    let pairs: Vec<(String, Option<String>)> =
        serde_json::from_str(json).map_err(|_| bad("what cannot be read".to_owned()))?;
    if pairs.len() > VARY {
        return Err(bad(format!("more than {VARY} fields")));
    }
    let fields = pairs.into_iter().filter_map(|(name, value)| Some((name.parse().ok()?, value)));
    let vary: Option<Vary> = fields
        .map(|(name, value)| match value {
            None => Some((name, None)),
            Some(text) => Some((name, Some(value_of(&text)?))),
        })
        .collect();
    vary.ok_or_else(|| bad("what no field has".to_owned()))
}

/// JavaScript sees the bytes of a field's value as characters.
fn value_of(text: &str) -> Option<HeaderValue> {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
    HeaderValue::from_bytes(&bytes?).ok()
}

/// As JavaScript sees it.
pub(crate) fn text_of(value: &HeaderValue) -> String {
    value.as_bytes().iter().copied().map(char::from).collect()
}

/// Whether `values`, of which there is one at least, are `wanted` with commas between them.
fn are_together(values: GetAll<'_, HeaderValue>, wanted: &[u8]) -> bool {
    let mut rest = None;
    for value in values {
        let left = match rest {
            None => Some(wanted),
            Some(rest) => <[u8]>::strip_prefix(rest, b", "),
        };
        rest = left.and_then(|left| left.strip_prefix(value.as_bytes()));
        if rest.is_none() {
            return false;
        }
    }
    rest.is_some_and(<[u8]>::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vary: &str) -> Result<Vary, SubrequestError> {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_VARY, HeaderValue::from_str(vary).expect("a value"));
        Asked::read(&headers).map(|asked| asked.vary)
    }

    #[test]
    fn a_response_varies_by_few_legal_fields() {
        let latin = HeaderValue::from_bytes(b"\xe9").expect("legal");
        let vary = read(r#"[["a",null],["no name",null],["b","\u00e9"]]"#).expect("legal");
        assert_eq!(vary, [("a".parse().unwrap(), None), ("b".parse().unwrap(), Some(latin))]);
        assert!(read("").expect("nothing is said").is_empty());
        for bad in ["[", r#"[["a","\u0000"]]"#, r#"[["a","\u20ac"]]"#, r#"[["a","\n"]]"#] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let many = |count| format!("[{}]", vec![r#"["a",null]"#; count].join(","));
        assert_eq!(read(&many(VARY)).expect("legal").len(), VARY);
        assert!(read(&many(VARY + 1)).is_err());
    }
}
