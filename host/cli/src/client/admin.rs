use std::fs;
use std::path::Path;
use std::time::Duration;

use insula_control::api::ErrorBody;
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::{Response, Uri};
use ureq::{Agent, AsSendBody, Body};

use super::error::ClientError;
use crate::args::ServerArgs;
use crate::server::RunFile;

/// Bytes of an answer that is read whole; listings are far smaller.
const MAX_ANSWER: u64 = 64 << 20;

/// How long the server may take for one answer: a deploy waits for its tenant's turn and start.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// A server's admin API.
pub struct Admin {
    agent: Agent,
    /// Without a slash at its end.
    url: String,
    authorization: String,
}

impl Admin {
    /// The API that the command line means.
    ///
    /// # Errors
    ///
    /// [`ClientError`] when no server or no token can be found.
    pub fn find(args: &ServerArgs) -> Result<Self, ClientError> {
        let url = match &args.admin_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", running_server(&args.data)?.admin),
        };
        if let Err(error) = url.parse::<Uri>() {
            return Err(ClientError::Unusable { what: "the admin URL", reason: error.to_string() });
        }
        let token = match &args.token {
            Some(token) => token.clone(),
            None => stored_token(&args.data)?,
        };
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let reason = "it is empty or has characters that no token has".to_owned();
            return Err(ClientError::Unusable { what: "the admin token", reason });
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // The answers come from a server that the operator chose; nothing between is asked.
            .proxy(None)
            .max_redirects(0)
            .timeout_connect(Some(Duration::from_secs(10)))
            .user_agent(concat!("insula/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { agent: config.into(), url, authorization: format!("Bearer {token}") })
    }

    /// `GET path`.
    ///
    /// # Errors
    ///
    /// [`ClientError`], like the other calls.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.json("GET", path, ())
    }

    /// `POST path` with a JSON body.
    pub fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        let body = serde_json::to_vec(body).unwrap_or_default();
        self.json("POST", path, body.as_slice())
    }

    /// `PUT path` with these bytes, which may be none.
    pub fn put(&self, path: &str, bytes: &[u8]) -> Result<(), ClientError> {
        self.call("PUT", path, bytes, Some(ANSWER_TIMEOUT)).map(|_| ())
    }

    /// `PUT path` with a JSON body.
    pub fn put_json(&self, path: &str, body: &impl Serialize) -> Result<(), ClientError> {
        self.put(path, &serde_json::to_vec(body).unwrap_or_default())
    }

    /// `DELETE path`.
    pub fn delete(&self, path: &str) -> Result<(), ClientError> {
        self.call("DELETE", path, (), Some(ANSWER_TIMEOUT)).map(|_| ())
    }

    /// `GET path`, whose answer may go on for ever.
    pub fn stream(&self, path: &str) -> Result<Body, ClientError> {
        self.call("GET", path, (), None).map(Response::into_body)
    }

    fn json<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: impl AsSendBody,
    ) -> Result<T, ClientError> {
        let response = self.call(method, path, body, Some(ANSWER_TIMEOUT))?;
        let text = self.read(response)?;
        serde_json::from_str(&text).map_err(|error| self.not_insula(error.to_string()))
    }

    fn call(
        &self,
        method: &str,
        path: &str,
        body: impl AsSendBody,
        timeout: Option<Duration>,
    ) -> Result<Response<Body>, ClientError> {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("authorization", &self.authorization)
            .header("content-type", "application/json")
            .body(body)
            .map_err(|error| ClientError::Unusable {
                what: "the admin URL",
                reason: error.to_string(),
            })?;
        let request = self.agent.configure_request(request).timeout_global(timeout).build();
        let response = self.agent.run(request).map_err(|error| self.unreachable(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let text = self.read(response)?;
        match serde_json::from_str::<ErrorBody>(&text) {
            Ok(body) => Err(ClientError::Refused(Box::new(body.error))),
            Err(_) => Err(self.not_insula(format!("it answers {status}"))),
        }
    }

    fn read(&self, mut response: Response<Body>) -> Result<String, ClientError> {
        let body = response.body_mut().with_config().limit(MAX_ANSWER);
        body.read_to_string().map_err(|error| self.unreachable(&error))
    }

    fn unreachable(&self, error: &ureq::Error) -> ClientError {
        ClientError::Unreachable { url: self.url.clone(), reason: error.to_string() }
    }

    fn not_insula(&self, reason: String) -> ClientError {
        ClientError::NotInsula { url: self.url.clone(), reason }
    }
}

/// `text` as one segment of a path.
pub fn segment(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~');
    // A dot is no problem inside a name, but `..` would be a segment with a meaning of its own.
    let dot_is_plain = !text.bytes().all(|byte| byte == b'.');
    let mut out = String::new();
    for byte in text.bytes() {
        if plain(byte) || (byte == b'.' && dot_is_plain) {
            out.push(byte.into());
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn running_server(data: &Path) -> Result<RunFile, ClientError> {
    let path = data.join(RunFile::NAME);
    match fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text).map_err(|_| ClientError::BadRunFile(path)),
        Err(_) => Err(ClientError::NoServer(data.to_owned())),
    }
}

fn stored_token(data: &Path) -> Result<String, ClientError> {
    let path = data.join("admin-token");
    fs::read_to_string(&path).map_err(|source| ClientError::NoToken { path, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(data: &Path) -> ServerArgs {
        ServerArgs { admin_url: None, token: None, data: data.to_owned() }
    }

    #[test]
    fn a_name_cannot_become_another_path() {
        assert_eq!(segment("a-b.c"), "a-b.c");
        assert_eq!(segment("../x?y#z"), "..%2Fx%3Fy%23z");
        assert_eq!(segment(".."), "%2E%2E");
    }

    #[test]
    fn without_a_server_the_error_says_how_to_start_one() {
        let data = tempfile::tempdir().unwrap();
        let error = Admin::find(&args(data.path())).err().unwrap();
        assert!(error.diagnostic().to_string().contains("insula serve --data"));
        fs::write(data.path().join("run.json"), "{}").unwrap();
        let error = Admin::find(&args(data.path())).err().unwrap();
        assert!(matches!(error, ClientError::BadRunFile(_)));
        let run = r#"{"pid":1,"listen":"127.0.0.1:1","admin":"127.0.0.1:1"}"#;
        fs::write(data.path().join("run.json"), run).unwrap();
        let error = Admin::find(&args(data.path())).err().unwrap();
        assert!(matches!(error, ClientError::NoToken { .. }));
        fs::write(data.path().join("admin-token"), "secret\n").unwrap();
        let admin = Admin::find(&args(data.path())).unwrap();
        assert_eq!(admin.authorization, "Bearer secret");
        assert_eq!(admin.url, "http://127.0.0.1:1");
    }

    #[test]
    fn a_server_that_is_gone_is_named() {
        // A port that was free a moment ago and that nothing listens on.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let data = tempfile::tempdir().unwrap();
        let url = format!("http://127.0.0.1:{port}/");
        let args = ServerArgs {
            admin_url: Some(url.clone()),
            token: Some("t".into()),
            ..args(data.path())
        };
        let error = Admin::find(&args).unwrap().get::<serde_json::Value>("/v1/status").unwrap_err();
        assert!(error.to_string().contains(url.trim_end_matches('/')), "{error}");
    }
}
