//! Errors become answers here, and only here.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use insula_supervisor::{Blame, RequestError, StartError};
use insula_wire::FailureCode;
use serde::Serialize;

use crate::error::GatewayError;
use crate::headers::INSULA_ERROR;

/// The answer to a request that failed with `error`: `page`, if there is one; else JSON if the
/// client's `accept` prefers it.
///
/// The texts say what happened to the request, and nothing of the tenant's code or of this host:
/// those are for the tenant's log and the host's, and for [`Routes::error_page`](crate::Routes).
pub(crate) fn answer(
    error: &GatewayError,
    request: &HeaderMap,
    page: Option<String>,
) -> Response<Bytes> {
    use insula_supervisor::Blame::{Client, Insula, Operator, Tenant};
    let (status, code, blame, message): (u16, _, _, Cow<'static, str>) = match error {
        GatewayError::BadRequest(why) => (400, "bad-request", Client, (*why).into()),
        GatewayError::HeadTooLarge | GatewayError::Isolate(RequestError::HeadTooLarge(_)) => {
            (431, "bad-request", Client, "the head is too large".into())
        }
        GatewayError::BodyTooSlow => {
            (408, "bad-request", Client, "the body did not arrive in time".into())
        }
        GatewayError::NoRoom => {
            (503, "overloaded", Client, "too much of this connection waits in the server".into())
        }
        GatewayError::NoSuchTenant => {
            (404, "no-such-tenant", Client, "no tenant answers to this host name".into())
        }
        GatewayError::BodyTooLarge(limit)
        | GatewayError::Isolate(RequestError::BodyTooLarge(limit)) => (
            413,
            "payload-too-large",
            Client,
            format!("the body is larger than {limit} bytes").into(),
        ),
        GatewayError::Isolate(error) => match error {
            RequestError::Tenant { code: FailureCode::CpuLimit, .. } => {
                (503, "cpu-limit", Tenant, "the application used up its CPU time".into())
            }
            RequestError::Tenant { code: FailureCode::MemoryLimit, .. } => {
                (503, "memory-limit", Tenant, "the application used up its memory".into())
            }
            RequestError::Tenant { .. } => {
                (500, "tenant-exception", Tenant, "the application failed".into())
            }
            RequestError::WallLimit(_) => {
                (504, "wall-limit", Tenant, "the application did not answer in time".into())
            }
            RequestError::Overloaded => {
                (503, "overloaded", Tenant, "too many requests wait for the application".into())
            }
            RequestError::TooManySockets(_) => (
                503,
                "overloaded",
                Tenant,
                "too many WebSockets of the application are open".into(),
            ),
            RequestError::BackingOff(_) => (
                503,
                "overloaded",
                Tenant,
                "the application breaks its limits over and over and has to pause".into(),
            ),
            RequestError::RateLimited(_) => {
                (429, "rate-limited", Tenant, "too many requests per second".into())
            }
            RequestError::CordonCrashed | RequestError::Start(StartError::CordonCrashed) => {
                (502, "cordon-crashed", Insula, "the process behind the application died".into())
            }
            RequestError::Start(StartError::ShuttingDown) => {
                (503, "shutting-down", Operator, "the server is shutting down".into())
            }
            RequestError::Start(error) => {
                (500, "startup-failed", error.blame(), "the application does not start".into())
            }
            RequestError::Cancelled => (400, "bad-request", Client, "the client went away".into()),
            // The supervisor may learn to fail in further ways.
            other => (500, "internal-error", other.blame(), "the request failed".into()),
        },
    };
    let retry_after = retry_after(error);
    write(request, &Answer { status, code, blame, message: &message, retry_after }, page)
}

/// In how many seconds there is a chance that the same request succeeds, for what passes by itself.
fn retry_after(error: &GatewayError) -> Option<u64> {
    let error = match error {
        GatewayError::Isolate(error) => error,
        GatewayError::NoRoom => return Some(1),
        _ => return None,
    };
    match error {
        RequestError::Overloaded
        | RequestError::TooManySockets(_)
        | RequestError::Start(StartError::ShuttingDown) => Some(1),
        RequestError::BackingOff(time) | RequestError::RateLimited(time) => {
            Some(time.as_secs() + u64::from(time.subsec_nanos() > 0))
        }
        _ => None,
    }
}

/// What the client is told.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(skip)]
    status: u16,
    code: &'static str,
    message: &'a str,
    blame: Blame,
    #[serde(skip)]
    retry_after: Option<u64>,
}

fn write(request: &HeaderMap, answer: &Answer<'_>, page: Option<String>) -> Response<Bytes> {
    #[derive(Serialize)]
    struct Document<'a> {
        error: &'a Answer<'a>,
    }
    let as_json =
        prefers_json(request).then(|| serde_json::to_vec(&Document { error: answer }).ok());
    let (kind, body) = match (page, as_json.flatten()) {
        (Some(page), _) => ("text/html; charset=utf-8", page.into_bytes()),
        (None, Some(json)) => ("application/json", json),
        (None, None) => (
            "text/plain; charset=utf-8",
            format!("{}: {}\n", answer.code, answer.message).into_bytes(),
        ),
    };
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(INSULA_ERROR, HeaderValue::from_static(answer.code));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = answer.retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    response
}

/// Whether the client is a browser that shows what it gets: only those name HTML.
pub(crate) fn accepts_html(request: &HeaderMap) -> bool {
    let fields = request.get_all(ACCEPT).iter().filter_map(|field| field.to_str().ok());
    let mut ranges = fields.flat_map(|field| field.split(','));
    ranges.any(|range| {
        let kind = range.split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("text/html")
    })
}

/// Whether `accept` weighs `application/json` above plain text, or names it first.
fn prefers_json(request: &HeaderMap) -> bool {
    let (mut json, mut text) = (Preference::default(), Preference::default());
    let fields = request.get_all(ACCEPT).iter().filter_map(|field| field.to_str().ok());
    for (place, range) in fields.flat_map(|field| field.split(',')).enumerate() {
        let mut parameters = range.split(';').map(str::trim);
        let kind = parameters.next().unwrap_or_default();
        let weight = parameters.find_map(|p| p.strip_prefix("q=")).map_or(1000, weight);
        json.consider(specificity(kind, "application/*", "application/json"), weight, place);
        text.consider(specificity(kind, "text/*", "text/plain"), weight, place);
    }
    // A range that covers both at the same weight is no preference.
    json.weight > text.weight || (json.weight == text.weight && json.place < text.place)
}

/// How much a client wants a media type: by the most specific range that covers it.
#[derive(Debug, Clone, Copy, Default)]
struct Preference {
    specificity: u8,
    weight: u16,
    place: usize,
}

impl Preference {
    fn consider(&mut self, specificity: u8, weight: u16, place: usize) {
        if specificity > self.specificity {
            *self = Self { specificity, weight, place };
        }
    }
}

fn specificity(range: &str, group: &str, kind: &str) -> u8 {
    if range.eq_ignore_ascii_case(kind) {
        3
    } else if range.eq_ignore_ascii_case(group) {
        2
    } else {
        u8::from(range == "*/*")
    }
}

/// A quality value (RFC 9110 §12.4.2) in thousandths; what is malformed counts as none.
fn weight(text: &str) -> u16 {
    text.parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q)).map_or(0, |q| (q * 1000.0) as u16)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use insula_supervisor::ErrorDetail;
    use insula_wire::BootFailure;

    const SECRET: &str = "TypeError: hunter2 at index.js:7";

    fn tenant(code: FailureCode) -> GatewayError {
        RequestError::Tenant { code, detail: detail() }.into()
    }

    fn detail() -> ErrorDetail {
        ErrorDetail { message: SECRET.into(), stack: SECRET.into(), ..ErrorDetail::default() }
    }

    fn start(error: StartError) -> GatewayError {
        RequestError::Start(error).into()
    }

    fn all() -> Vec<(GatewayError, u16, &'static str, &'static str)> {
        let boot = StartError::Boot { failure: BootFailure::Syntax, detail: detail() };
        vec![
            (GatewayError::BadRequest("why"), 400, "bad-request", "client"),
            (
                GatewayError::Isolate(RequestError::HeadTooLarge("a field".into())),
                431,
                "bad-request",
                "client",
            ),
            (GatewayError::HeadTooLarge, 431, "bad-request", "client"),
            (GatewayError::BodyTooSlow, 408, "bad-request", "client"),
            (GatewayError::BodyTooLarge(9), 413, "payload-too-large", "client"),
            (GatewayError::NoSuchTenant, 404, "no-such-tenant", "client"),
            (RequestError::BodyTooLarge(9).into(), 413, "payload-too-large", "client"),
            (RequestError::Overloaded.into(), 503, "overloaded", "tenant"),
            (RequestError::TooManySockets(9).into(), 503, "overloaded", "tenant"),
            (
                RequestError::BackingOff(Duration::from_millis(1500)).into(),
                503,
                "overloaded",
                "tenant",
            ),
            (RequestError::RateLimited(Duration::ZERO).into(), 429, "rate-limited", "tenant"),
            (RequestError::WallLimit(9).into(), 504, "wall-limit", "tenant"),
            (RequestError::CordonCrashed.into(), 502, "cordon-crashed", "insula"),
            (tenant(FailureCode::Exception), 500, "tenant-exception", "tenant"),
            (tenant(FailureCode::NotAResponse), 500, "tenant-exception", "tenant"),
            (tenant(FailureCode::NeverSettles), 500, "tenant-exception", "tenant"),
            (tenant(FailureCode::NoHandler), 500, "tenant-exception", "tenant"),
            (tenant(FailureCode::BodyUsed), 500, "tenant-exception", "tenant"),
            (tenant(FailureCode::CpuLimit), 503, "cpu-limit", "tenant"),
            (tenant(FailureCode::MemoryLimit), 503, "memory-limit", "tenant"),
            (start(boot), 500, "startup-failed", "tenant"),
            (start(StartError::TimedOut(9)), 500, "startup-failed", "tenant"),
            (start(StartError::NoCordon(SECRET.into())), 500, "startup-failed", "operator"),
            (start(StartError::CordonCrashed), 502, "cordon-crashed", "insula"),
            (start(StartError::ShuttingDown), 503, "shutting-down", "operator"),
        ]
    }

    fn accepting(accept: &str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT, HeaderValue::from_str(accept).expect("a header value"))])
    }

    #[test]
    fn every_error_has_its_status_code_and_blame() {
        for (error, status, code, blame) in all() {
            let response = answer(&error, &accepting("application/json"), None);
            assert_eq!(response.status(), status, "{error:?}");
            assert_eq!(response.headers()[INSULA_ERROR], code, "{error:?}");
            let body: serde_json::Value = serde_json::from_slice(response.body()).expect("JSON");
            assert_eq!(body["error"]["code"], code);
            assert_eq!(body["error"]["blame"], blame, "{error:?}");
            assert!(body["error"]["message"].as_str().is_some_and(|m| !m.is_empty()));
        }
    }

    #[test]
    fn no_detail_reaches_the_client() {
        for (error, ..) in all() {
            for accept in ["*/*", "application/json"] {
                let response = answer(&error, &accepting(accept), None);
                let body = String::from_utf8_lossy(response.body()).into_owned();
                assert!(!body.contains("hunter2"), "{error:?}: {body}");
            }
        }
    }

    #[test]
    fn only_what_passes_says_when_to_come_back() {
        for (error, _, code, _) in all() {
            let retries =
                answer(&error, &HeaderMap::new(), None).headers().contains_key(RETRY_AFTER);
            let passes = ["overloaded", "rate-limited", "shutting-down"].contains(&code);
            assert_eq!(retries, passes, "{error:?}");
        }
        let pause = RequestError::BackingOff(Duration::from_millis(1500)).into();
        assert_eq!(answer(&pause, &HeaderMap::new(), None).headers()[RETRY_AFTER], "2");
    }

    #[test]
    fn json_is_for_those_who_prefer_it() {
        let table = [
            ("", false),
            ("*/*", false),
            ("text/html,application/xhtml+xml,*/*;q=0.8", false),
            ("application/json", true),
            ("Application/JSON", true),
            ("application/json, text/plain, */*", true),
            ("text/plain, application/json", false),
            ("text/plain;q=0.5, application/json;q=0.6", true),
            ("application/json;q=0", false),
            ("application/json;q=x", false),
            ("application/*", true),
            ("*/*;q=0.1, application/json;q=0.2", true),
            ("text/*, application/json;q=0.9", false),
        ];
        for (accept, expected) in table {
            assert_eq!(prefers_json(&accepting(accept)), expected, "{accept}");
        }
        assert!(!prefers_json(&HeaderMap::new()));
    }

    #[test]
    fn a_page_keeps_status_and_code() {
        let error = tenant(FailureCode::Exception);
        let response = answer(&error, &accepting("application/json"), Some("<p>".to_owned()));
        assert_eq!((response.status().as_u16(), &response.body()[..]), (500, &b"<p>"[..]));
        assert_eq!(response.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
        assert_eq!(response.headers()[INSULA_ERROR], "tenant-exception");
    }

    #[test]
    fn only_browsers_name_html() {
        assert!(accepts_html(&accepting("text/html,application/xhtml+xml,*/*;q=0.8")));
        assert!(accepts_html(&accepting("image/png, Text/HTML;q=0.9")));
        for accept in ["", "*/*", "application/json", "text/*"] {
            assert!(!accepts_html(&accepting(accept)), "{accept}");
        }
    }
}
