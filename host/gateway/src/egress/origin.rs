use std::fmt;
use std::net::IpAddr;

use http::Uri;
use insula_supervisor::SubrequestError;

/// Whom a subrequest is for: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) secure: bool,
    /// Lower case; IPv6 addresses without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Origin {
    /// The origin of an absolute URL.
    ///
    /// # Errors
    ///
    /// [`SubrequestError::BadUrl`] for what `fetch` cannot reach.
    pub(crate) fn of(url: &Uri) -> Result<Self, SubrequestError> {
        let bad = |why: &str| SubrequestError::BadUrl(format!("{url}: {why}"));
        let secure = match url.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(bad("only http and https can be fetched")),
        };
        let authority = url.authority().ok_or_else(|| bad("it has no host"))?;
        if authority.as_str().contains('@') {
            // Fetch, Request constructor, step 5.4. Not quoted: it is a password.
            let why = "a URL with credentials; send them in an authorization header";
            return Err(SubrequestError::BadUrl(why.to_owned()));
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() {
            return Err(bad("it has no host"));
        }
        let port = match authority.as_str().get(authority.host().len()..) {
            None | Some("" | ":") if secure => 443,
            None | Some("" | ":") => 80,
            Some(_) => authority.port_u16().ok_or_else(|| bad("its port is malformed"))?,
        };
        Ok(Self { secure, host: host.to_ascii_lowercase(), port })
    }

    /// The host, if it is an address and no name.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

/// `host:port`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(url: &str) -> Result<(bool, String), SubrequestError> {
        let url = url.parse().map_err(|_| SubrequestError::BadUrl(url.to_owned()))?;
        Origin::of(&url).map(|origin| (origin.secure, origin.to_string()))
    }

    #[test]
    fn an_origin_has_a_port() {
        let table = [
            ("http://A.example/x", (false, "a.example:80")),
            ("https://a.example", (true, "a.example:443")),
            ("https://a.example:80/", (true, "a.example:80")),
            ("http://a.example:/", (false, "a.example:80")),
            ("http://[::1]:9/", (false, "[::1]:9")),
        ];
        for (url, (secure, text)) in table {
            assert_eq!(origin(url).ok(), Some((secure, text.to_owned())), "{url}");
        }
    }

    #[test]
    fn some_urls_cannot_be_fetched() {
        for url in ["/x", "ftp://a/", "file:///etc/passwd", "http://u:p@a/", "http://a:99999/"] {
            assert!(matches!(origin(url), Err(SubrequestError::BadUrl(_))), "{url}");
        }
        let told = origin("http://user:hunter2@a/").expect_err("credentials are refused");
        assert!(!told.to_string().contains("hunter2"));
    }
}
