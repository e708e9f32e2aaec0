use bytes::{Bytes, BytesMut};
use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_LOCATION,
    CONTENT_TYPE, COOKIE, EXPECT, HOST, LOCATION,
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version,
};
use http_body::Body;
use http_body_util::{BodyExt, Empty, Full};
use insula_supervisor::{BodyError, BoxBody, SubrequestError};
use insula_wire::caps;
use url::Url;

use crate::headers::strip_hop_by_hop;

/// Fetch, "request-body-header name".
const BODY_HEADERS: [HeaderName; 4] =
    [CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION, CONTENT_TYPE];

/// What one server may know and another may not.
const CREDENTIALS: [HeaderName; 2] = [AUTHORIZATION, COOKIE];

/// One request of a chain of redirects.
pub(crate) struct Hop {
    pub(crate) method: Method,
    pub(crate) url: Uri,
    pub(crate) headers: HeaderMap,
    payload: Payload,
}

enum Payload {
    None,
    /// Can be sent again.
    Whole(Bytes),
    /// Can be sent once.
    Stream(BoxBody),
    /// Was sent.
    Spent,
}

impl Hop {
    /// The request as the tenant made it, less what is the host's to say.
    pub(crate) async fn first(request: Request<BoxBody>) -> Result<Self, SubrequestError> {
        let (head, body) = request.into_parts();
        // Fetch, "forbidden method". The platform refuses them too, but on the other side of the wall.
        if matches!(head.method.as_str(), "CONNECT" | "TRACE" | "TRACK") {
            return Err(SubrequestError::Network(format!("{} is not allowed", head.method)));
        }
        let mut headers = head.headers;
        strip_hop_by_hop(&mut headers);
        for name in [HOST, CONTENT_LENGTH, EXPECT] {
            headers.remove(name);
        }
        let payload = Payload::of(body).await?;
        Ok(Self { method: head.method, url: head.uri, headers, payload })
    }

    /// The body, for one sending.
    pub(crate) fn body(&mut self) -> BoxBody {
        match std::mem::replace(&mut self.payload, Payload::Spent) {
            Payload::Stream(body) => body,
            Payload::Whole(bytes) => {
                self.payload = Payload::Whole(bytes.clone());
                Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
            }
            payload @ (Payload::None | Payload::Spent) => {
                self.payload = payload;
                Empty::new().map_err(|never| match never {}).boxed_unsync()
            }
        }
    }

    /// The request in the form that the protocol wants it in.
    pub(crate) fn request(&self, http2: bool, body: BoxBody) -> Request<BoxBody> {
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.headers_mut() = self.headers.clone();
        if http2 {
            *request.version_mut() = Version::HTTP_2;
            *request.uri_mut() = self.url.clone();
        } else {
            let path = self.url.path_and_query().cloned();
            *request.uri_mut() = path.map(Uri::from).unwrap_or_default();
            let host = self.url.authority().map_or("", |authority| authority.as_str());
            if let Ok(host) = HeaderValue::from_str(host) {
                request.headers_mut().insert(HOST, host);
            }
        }
        let takes_body = matches!(self.method.as_str(), "POST" | "PUT" | "PATCH");
        if takes_body && request.body().is_end_stream() {
            // Fetch, HTTP-network-or-cache fetch, step 8.5: an empty body is announced.
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        request
    }

    /// The request that a redirect with `status` to `location` asks for (Fetch, HTTP-redirect
    /// fetch).
    pub(crate) fn follow(
        mut self,
        status: StatusCode,
        location: &str,
    ) -> Result<Self, SubrequestError> {
        let failed = |why: &str| SubrequestError::Redirect(format!("{}: {why}", self.url));
        let from = Url::parse(&self.url.to_string()).map_err(|_| failed("it is no URL"))?;
        let to = from.join(location).map_err(|_| failed("it redirects to no URL"))?;
        if !matches!(to.scheme(), "http" | "https") {
            return Err(failed("it redirects to something that is not http"));
        }
        if !to.username().is_empty() || to.password().is_some() {
            return Err(failed("it redirects to a URL with credentials"));
        }
        let url = Uri::try_from(to.as_str()).map_err(|_| failed("it redirects to no URL"))?;
        if status != StatusCode::SEE_OTHER && matches!(self.payload, Payload::Spent) {
            return Err(failed("it redirects a request whose body is a stream"));
        }
        if becomes_get(status, &self.method) {
            self.method = Method::GET;
            self.payload = Payload::None;
            self.remove(&BODY_HEADERS);
        }
        if from.origin() != to.origin() {
            self.remove(&CREDENTIALS);
        }
        Ok(Self { url, ..self })
    }

    fn remove(&mut self, names: &[HeaderName]) {
        for name in names {
            self.headers.remove(name);
        }
    }
}

/// Where `response` redirects to; `None` if it does not.
pub(crate) fn location<B>(response: &Response<B>) -> Result<Option<String>, SubrequestError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(value) = response.headers().get(LOCATION) else { return Ok(None) };
    let text = String::from_utf8(value.as_bytes().to_vec());
    text.map(Some).map_err(|_| SubrequestError::Redirect("a redirect to no URL".to_owned()))
}

/// Fetch, HTTP-redirect fetch, step 12.
fn becomes_get(status: StatusCode, method: &Method) -> bool {
    match status.as_u16() {
        301 | 302 => *method == Method::POST,
        303 => *method != Method::GET && *method != Method::HEAD,
        _ => false,
    }
}

impl Payload {
    /// A small body of known length is gathered, so that a redirect can send it again.
    async fn of(body: BoxBody) -> Result<Self, SubrequestError> {
        if body.is_end_stream() {
            return Ok(Self::None);
        }
        match body.size_hint().exact() {
            Some(0) => Ok(Self::None),
            Some(length) if length <= caps::INLINE_BODY as u64 => {
                Ok(Self::Whole(gather(body, length).await?))
            }
            _ => Ok(Self::Stream(body)),
        }
    }
}

async fn gather(mut body: BoxBody, length: u64) -> Result<Bytes, SubrequestError> {
    let broken = |error: BodyError| SubrequestError::Network(error.to_string());
    let mut gathered = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        gathered.extend_from_slice(&data);
        if gathered.len() as u64 > length {
            return Err(broken(BodyError::TooLarge { limit: length }));
        }
    }
    Ok(gathered.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{ACCEPT, RANGE};

    fn hop(method: Method, url: &str, payload: Payload) -> Hop {
        let names = [ACCEPT, RANGE].into_iter().chain(BODY_HEADERS).chain(CREDENTIALS);
        let headers = names.map(|name| (name, HeaderValue::from_static("x"))).collect();
        Hop { method, url: url.parse().expect(url), headers, payload }
    }

    fn whole() -> Payload {
        Payload::Whole(Bytes::from_static(b"body"))
    }

    #[test]
    fn methods_are_rewritten_as_fetch_says() {
        let rows = [
            (301, Method::POST, Method::GET),
            (302, Method::POST, Method::GET),
            (303, Method::POST, Method::GET),
            (303, Method::PUT, Method::GET),
            (303, Method::HEAD, Method::HEAD),
            (301, Method::PUT, Method::PUT),
            (302, Method::DELETE, Method::DELETE),
            (307, Method::POST, Method::POST),
            (308, Method::POST, Method::POST),
        ];
        for (status, method, expected) in rows {
            let status = StatusCode::from_u16(status).expect("a status");
            let rewritten = method != expected;
            let next = hop(method, "http://a/", whole()).follow(status, "/b").expect("a hop");
            assert_eq!(next.method, expected);
            assert_eq!(matches!(next.payload, Payload::None), rewritten, "{status}");
            assert_eq!(next.headers.contains_key(CONTENT_TYPE), !rewritten, "{status}");
            assert!(next.headers.contains_key(ACCEPT));
        }
    }

    #[test]
    fn credentials_stay_with_their_origin() {
        for (url, kept) in [
            ("/other", true),
            ("http://a:80/", true),
            ("http://A/", true),
            ("https://a/", false),
            ("http://a:81/", false),
            ("//b/", false),
            ("http://sub.a/", false),
        ] {
            let next = hop(Method::GET, "http://a/x", Payload::None);
            let next = next.follow(StatusCode::FOUND, url).expect(url);
            assert_eq!(next.headers.contains_key(AUTHORIZATION), kept, "{url}");
            assert_eq!(next.headers.contains_key(COOKIE), kept, "{url}");
        }
    }

    #[test]
    fn locations_are_relative_to_the_url() {
        for (location, expected) in [
            ("c?d", "http://a/x/c?d"),
            ("/c", "http://a/c"),
            ("//b/c", "http://b/c"),
            ("?q", "http://a/x/y?q"),
            ("https://b/c#f", "https://b/c"),
            ("\\\\b\\c", "http://b/c"),
            ("http://2130706433/", "http://127.0.0.1/"),
            ("a b", "http://a/x/a%20b"),
        ] {
            let next = hop(Method::GET, "http://a/x/y", Payload::None);
            let next = next.follow(StatusCode::FOUND, location).expect(location);
            assert_eq!(next.url.to_string(), expected);
        }
    }

    #[test]
    fn some_redirects_cannot_be_followed() {
        for location in ["ftp://a/", "data:,x", "file:///etc/passwd", "http://u:p@a/", "http://"] {
            let hop = hop(Method::GET, "http://a/", Payload::None);
            assert!(hop.follow(StatusCode::FOUND, location).is_err(), "{location}");
        }
        for (status, followed) in [(301, false), (303, true), (307, false), (308, false)] {
            let status = StatusCode::from_u16(status).expect("a status");
            let next = hop(Method::POST, "http://a/", Payload::Spent).follow(status, "/b");
            assert_eq!(next.is_ok(), followed, "{status}");
        }
    }
}
