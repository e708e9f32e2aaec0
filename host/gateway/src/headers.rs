use http::header::{CONNECTION, HeaderName};
use http::{HeaderMap, HeaderValue};

/// Marks an answer that Insula made itself; holds its code.
pub(crate) const INSULA_ERROR: HeaderName = HeaderName::from_static("insula-error");
/// The client's address.
pub(crate) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// The scheme that the client used.
pub(crate) const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Removes the fields that concern one connection only (RFC 9110 §7.6.1), those that `connection`
/// names included.
pub(crate) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    // Most messages have none; looking is cheaper than removing.
    if !headers.keys().any(is_hop_by_hop) {
        return;
    }
    let named: Vec<HeaderName> = headers.get_all(CONNECTION).iter().flat_map(named_in).collect();
    let fixed: Vec<HeaderName> =
        headers.keys().filter(|name| is_hop_by_hop(name)).cloned().collect();
    for name in named.into_iter().chain(fixed) {
        headers.remove(name);
    }
}

fn is_hop_by_hop(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}

fn named_in(value: &HeaderValue) -> impl Iterator<Item = HeaderName> + '_ {
    value
        .as_bytes()
        .split(|&b| b == b',')
        .filter_map(|token| HeaderName::from_bytes(token.trim_ascii()).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(fields: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        strip_hop_by_hop(&mut headers);
        headers.keys().map(ToString::to_string).collect()
    }

    #[test]
    fn fields_of_the_connection_go() {
        let fields = [
            ("accept", "*/*"),
            ("connection", "keep-alive, X-Private"),
            ("connection", "x-other"),
            ("keep-alive", "timeout=5"),
            ("proxy-authorization", "Basic eA=="),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("x-private", "1"),
            ("x-other", "1"),
            ("x-kept", "1"),
        ];
        assert_eq!(stripped(&fields), ["accept", "x-kept"]);
    }

    #[test]
    fn everything_else_stays() {
        assert_eq!(stripped(&[("host", "a"), ("cookie", "b=c")]), ["host", "cookie"]);
    }
}
