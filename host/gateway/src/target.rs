use std::net::Ipv6Addr;

use http::header::HOST;
use http::request::Parts;
use http::uri::Scheme;
use http::{HeaderMap, Method};
use insula_wire::caps;

use crate::error::GatewayError;

/// Header fields left free for those that the gateway adds.
const OWN_FIELDS: usize = 8;

/// What a request is about: the absolute URL, and in it the host name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    url: String,
    host: std::ops::Range<usize>,
}

impl Target {
    /// Reads the target from a request's head, or says why there is none.
    pub(crate) fn parse(head: &Parts, scheme: &Scheme) -> Result<Self, GatewayError> {
        check_method(&head.method)?;
        if head.headers.len() > caps::HEADER_FIELDS - OWN_FIELDS {
            return Err(GatewayError::HeadTooLarge);
        }
        if head.uri.scheme().is_some_and(|s| *s != Scheme::HTTP && *s != Scheme::HTTPS) {
            return Err(GatewayError::BadRequest("the target's scheme is not http"));
        }
        let host = Host::parse(authority(head)?)?;
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        if !path.starts_with(['/', '?']) {
            return Err(GatewayError::BadRequest("the target is not a path"));
        }
        Self::build(scheme, host, path)
    }

    /// The absolute URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The host name: lower case, without port.
    pub(crate) fn host(&self) -> &str {
        &self.url[self.host.clone()]
    }

    fn build(scheme: &Scheme, host: Host<'_>, path: &str) -> Result<Self, GatewayError> {
        let scheme = scheme.as_str();
        let length = scheme.len() + 3 + host.name.len() + host.port.len() + 1 + path.len();
        if length > caps::URL {
            return Err(GatewayError::BadRequest("the URL is too long"));
        }
        let mut url = String::with_capacity(length);
        url.push_str(scheme);
        url.push_str("://");
        let start = url.len();
        url.push_str(host.name);
        url[start..].make_ascii_lowercase();
        let end = url.len();
        url.push_str(host.port);
        if path.starts_with('?') {
            url.push('/');
        }
        url.push_str(path);
        Ok(Self { url, host: start..end })
    }
}

/// Fetch, "forbidden method": no handler could be given such a request.
fn check_method(method: &Method) -> Result<(), GatewayError> {
    if matches!(method.as_str(), "CONNECT" | "TRACE" | "TRACK") {
        return Err(GatewayError::BadRequest("the method is not supported"));
    }
    if method.as_str().len() > caps::METHOD {
        return Err(GatewayError::BadRequest("the method is too long"));
    }
    Ok(())
}

/// The host and port that the client asks for. A request that names two is refused: whatever stands
/// in front may have believed the other one.
fn authority(head: &Parts) -> Result<&str, GatewayError> {
    let field = host_field(&head.headers)?;
    let Some(authority) = head.uri.authority() else {
        return field.ok_or(GatewayError::BadRequest("the Host header is missing"));
    };
    if field.is_some_and(|field| !field.eq_ignore_ascii_case(authority.as_str())) {
        return Err(GatewayError::BadRequest("the Host header contradicts the target"));
    }
    Ok(authority.as_str())
}

fn host_field(headers: &HeaderMap) -> Result<Option<&str>, GatewayError> {
    let mut fields = headers.get_all(HOST).iter();
    let Some(field) = fields.next() else { return Ok(None) };
    if fields.next().is_some() {
        return Err(GatewayError::BadRequest("there are several Host headers"));
    }
    field.to_str().map(Some).map_err(|_| GatewayError::BadRequest("the Host header is malformed"))
}

/// A host as a client names it: `name` without a final dot, `port` with its colon or empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Host<'a> {
    name: &'a str,
    port: &'a str,
}

impl<'a> Host<'a> {
    fn parse(text: &'a str) -> Result<Self, GatewayError> {
        Self::read(text).ok_or(GatewayError::BadRequest("the host is malformed"))
    }

    fn read(text: &'a str) -> Option<Self> {
        let end = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, _) = rest.split_once(']')?;
                address.parse::<Ipv6Addr>().ok()?;
                address.len() + 2
            }
            None => text.find(':').unwrap_or(text.len()),
        };
        let (name, port) = text.split_at(end);
        let name = name.strip_suffix('.').unwrap_or(name);
        let is_name = !name.is_empty() && name.bytes().all(is_host_byte);
        (name.starts_with('[') || is_name).then_some(Self { name, port: read_port(port)? })
    }
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

/// A port with its colon; nothing for the default port, which may be written as a lone colon.
fn read_port(text: &str) -> Option<&str> {
    let Some(digits) = text.strip_prefix(':') else { return text.is_empty().then_some("") };
    if digits.is_empty() {
        return Some("");
    }
    let is_port = digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok();
    is_port.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(method: &str, uri: &str, hosts: &[&str]) -> Result<(String, String), String> {
        let mut request = http::Request::builder().method(method).uri(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let (head, ()) = request.body(()).expect("a request").into_parts();
        Target::parse(&head, &Scheme::HTTP)
            .map(|target| (target.url().to_owned(), target.host().to_owned()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_target_is_an_absolute_url() {
        let table = [
            ("/", "alice.localhost", "http://alice.localhost/", "alice.localhost"),
            (
                "/a?b=c",
                "Alice.LocalHost:8080",
                "http://alice.localhost:8080/a?b=c",
                "alice.localhost",
            ),
            ("/", "alice.localhost.", "http://alice.localhost/", "alice.localhost"),
            ("/", "alice:", "http://alice/", "alice"),
            ("/", "[::1]:8080", "http://[::1]:8080/", "[::1]"),
            ("//x/y", "a", "http://a//x/y", "a"),
            ("http://a?q", "a", "http://a/?q", "a"),
            ("https://A:1/x", "a:1", "http://a:1/x", "a"),
        ];
        for (uri, host, url, name) in table {
            assert_eq!(parse("GET", uri, &[host]), Ok((url.into(), name.into())), "{uri} {host}");
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let table: [(&str, &str, &[&str]); 14] = [
            ("GET", "/", &[]),
            ("GET", "/", &["a", "a"]),
            ("GET", "/", &["a", "b"]),
            ("GET", "http://a/", &["b"]),
            ("GET", "/", &[""]),
            ("GET", "/", &["a b"]),
            ("GET", "/", &["user@a"]),
            ("GET", "/", &["a/b"]),
            ("GET", "/", &["a:99999"]),
            ("GET", "/", &["a:+1"]),
            ("GET", "/", &["[::1"]),
            ("GET", "/", &["[a]"]),
            ("OPTIONS", "*", &["a"]),
            ("TRACE", "/", &["a"]),
        ];
        for (method, uri, hosts) in table {
            assert!(parse(method, uri, hosts).is_err(), "{method} {uri} {hosts:?}");
        }
    }

    #[test]
    fn a_url_has_a_cap() {
        let path = format!("/{}", "x".repeat(65_500));
        assert!(parse("GET", &path, &["a"]).is_ok());
        assert!(parse("GET", &path, &["a".repeat(200).as_str()]).is_err());
    }
}
