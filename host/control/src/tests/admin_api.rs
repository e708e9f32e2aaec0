use axum::Router;
use axum::body::Body;
use futures_util::StreamExt;
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::fixture::{Fixture, deployment, log, request};
use crate::api::{DeployRequest, ModuleKind, ModuleUpload};

/// The admin API with the right token.
pub(super) struct Client {
    pub(super) router: Router,
    token: String,
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// `null` when there is no body.
    pub(super) json: Value,
}

impl Client {
    pub(super) fn new(fixture: &Fixture) -> Self {
        let token = std::fs::read_to_string(fixture.folder.path().join("admin-token")).unwrap();
        let router = fixture.control.admin_router(fixture.supervisor.clone());
        Self { router, token: token.trim().to_owned() }
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    async fn call(&self, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        let request = self.request(method, path).body(body.into()).unwrap();
        send(&self.router, request).await
    }

    async fn deploy(&self, tenant: &str, request: &DeployRequest) -> Answer {
        let body = serde_json::to_vec(request).unwrap();
        self.call("POST", &format!("/v1/tenants/{tenant}/deployments"), body).await
    }

    fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let value = format!("Bearer {}", self.token);
        Request::builder().method(method).uri(path).header("authorization", value)
    }
}

pub(super) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    #[expect(clippy::disallowed_methods, reason = "bounded by a megabyte")]
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let json = if bytes.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| panic!("not JSON: {}", String::from_utf8_lossy(&bytes)))
    };
    Answer { status: parts.status, headers: parts.headers, json }
}

#[track_caller]
fn is_error(answer: &Answer, status: u16, code: &str, blame: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.json);
    let error = &answer.json["error"];
    assert_eq!((&error["code"], &error["blame"]), (&json!(code), &json!(blame)), "{error}");
    assert!(!error["message"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn errors_have_one_shape() {
    let fixture = Fixture::new().await;
    fixture.deploy("alice", "code").await;
    fixture.deploy("bob", "code").await;
    fixture.control.put_host("bob", "bob.example").await.unwrap();
    let client = Client::new(&fixture);
    for (method, path, body, status, code) in [
        ("GET", "/v1/nothing", "", 404, "no-such-path"),
        ("PATCH", "/v1/tenants", "", 405, "wrong-method"),
        ("POST", "/v1/health", "", 405, "wrong-method"),
        ("GET", "/v1/tenants/nobody", "", 404, "no-such-tenant"),
        ("GET", "/v1/tenants/BAD", "", 400, "bad-name"),
        ("GET", "/v1/tenants/%FF", "", 400, "bad-request"),
        ("DELETE", "/v1/tenants/nobody", "", 404, "no-such-tenant"),
        ("GET", "/v1/tenants/nobody/deployments", "", 404, "no-such-tenant"),
        ("GET", "/v1/tenants/alice/deployments?limit=x", "", 400, "bad-request"),
        ("GET", "/v1/tenants/nobody/secrets", "", 404, "no-such-tenant"),
        ("GET", "/v1/tenants/nobody/tail", "", 404, "no-such-tenant"),
        ("POST", "/v1/tenants/alice/deployments", "{", 400, "bad-request"),
        ("POST", "/v1/tenants/alice/deployments", "", 400, "bad-request"),
        ("POST", "/v1/tenants/alice/deployments", r#"{"unknown":1}"#, 400, "bad-request"),
        ("POST", "/v1/tenants/alice/rollback", "", 409, "no-earlier-deployment"),
        ("POST", "/v1/tenants/alice/rollback", r#"{"id":"v9"}"#, 404, "no-such-deployment"),
        ("PUT", "/v1/tenants/alice/secrets/a%20b", "x", 400, "bad-name"),
        ("DELETE", "/v1/tenants/alice/secrets/KEY", "", 404, "no-such-secret"),
        ("PUT", "/v1/tenants/alice/hosts/bob.example", "", 409, "host-taken"),
        ("PUT", "/v1/tenants/alice/hosts/bob.cloud.test", "", 400, "bad-name"),
        ("PUT", "/v1/tenants/nobody/hosts/a.example", "", 404, "no-such-tenant"),
        ("DELETE", "/v1/tenants/alice/hosts/bob.example", "", 404, "no-such-host"),
    ] {
        let answer = client.call(method, path, body).await;
        is_error(&answer, status, code, "client");
    }
    let answer = client.call("PUT", "/v1/tenants/alice/secrets/KEY", vec![0xff]).await;
    is_error(&answer, 400, "bad-request", "client");
    assert_eq!(fixture.served("bob.example").await, "code");
}

#[tokio::test]
async fn a_refused_deployment_says_why() {
    let fixture = Fixture::new().await;
    let client = Client::new(&fixture);
    is_error(&client.deploy("admin", &request("x")).await, 400, "bad-name", "client");

    let mut out_of_range = request("x");
    out_of_range.limits.cpu_ms = Some(0);
    let answer = client.deploy("alice", &out_of_range).await;
    is_error(&answer, 400, "limit-out-of-range", "client");
    assert_eq!(answer.json["error"]["message"], "cpu_ms is 0; it must be from 1 to 300000");

    let mut no_entry = request("x");
    no_entry.entry = "other.js".to_owned();
    is_error(&client.deploy("alice", &no_entry).await, 400, "invalid-deployment", "client");
    assert_eq!(client.call("GET", "/v1/tenants", "").await.json, json!({"tenants": []}));
}

#[tokio::test]
async fn large_bodies_are_refused_with_the_limit() {
    let fixture = Fixture::new().await;
    let client = Client::new(&fixture);
    let large = ModuleUpload::new("large.txt", ModuleKind::Text, &vec![b'x'; 10 << 20]);
    let mut above_bundle = request("x");
    above_bundle.modules.push(large);
    let answer = client.deploy("alice", &above_bundle).await;
    is_error(&answer, 413, "bundle-too-large", "client");

    let path = "/v1/tenants/alice/deployments";
    let answer = client.call("POST", path, vec![b' '; 32 << 20]).await;
    is_error(&answer, 413, "bundle-too-large", "client");
    let answer = client.call("PUT", "/v1/tenants/alice/secrets/KEY", vec![b'x'; 1 << 20]).await;
    is_error(&answer, 413, "payload-too-large", "client");
    let answer = client.call("PUT", "/v1/tenants/alice/secrets/KEY", vec![b'x'; 65_537]).await;
    is_error(&answer, 413, "too-many", "client");
}

#[tokio::test]
async fn a_deployment_that_does_not_boot_is_an_error_answer() {
    let fixture = Fixture::new().await;
    let answer = Client::new(&fixture).deploy("alice", &request("x")).await;
    assert!(answer.status.is_server_error(), "{}", answer.status);
    assert_eq!(answer.json["error"]["blame"], "operator");
}

#[tokio::test]
async fn a_tenants_life_over_the_api() {
    let fixture = Fixture::new().await;
    let client = Client::new(&fixture);
    let first = fixture.deploy("alice", "one").await;
    fixture.deploy("alice", "two").await;

    let path = "/v1/tenants/alice";
    let put = client.call("PUT", "/v1/tenants/alice/secrets/KEY", "value\n").await;
    assert_eq!(put.status, StatusCode::NO_CONTENT);
    let put = client.call("PUT", "/v1/tenants/alice/hosts/Shop.Example", "").await;
    assert_eq!(put.status, StatusCode::NO_CONTENT);

    let tenant = client.call("GET", path, "").await.json;
    assert_eq!(tenant["url"], "http://alice.cloud.test:8080/");
    assert_eq!(tenant["serving"], true);
    assert_eq!(tenant["number"], 2);
    assert_eq!(tenant["hosts"], json!(["shop.example"]));
    assert_eq!(tenant["secrets"], json!(["KEY"]));
    assert_eq!(tenant["limits"]["cpu_ms"], 50);
    assert_eq!(tenant["wall"], "shared");
    assert_eq!(
        client.call("GET", "/v1/tenants/alice/secrets", "").await.json,
        json!({
            "secrets": ["KEY"]
        })
    );

    let back = client.call("POST", "/v1/tenants/alice/rollback", "").await.json;
    assert_eq!(back["id"], json!(first.version.id));
    assert_eq!(fixture.served("shop.example").await, "one");
    let list = client.call("GET", "/v1/tenants/alice/deployments?limit=1", "").await.json;
    assert_eq!(list["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(list["deployments"][0]["active"], false);

    let status = client.call("GET", "/v1/status", "").await.json;
    assert_eq!((&status["tenants"], &status["serving"]), (&json!(1), &json!(1)));
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));

    for path in ["/v1/tenants/alice/hosts/shop.example", "/v1/tenants/alice/secrets/KEY", path] {
        assert_eq!(client.call("DELETE", path, "").await.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(client.call("GET", "/v1/tenants", "").await.json, json!({"tenants": []}));
    assert_eq!(fixture.served("alice.cloud.test").await, "");
}

#[tokio::test]
async fn tail_is_one_object_a_line_and_ends_with_the_server() {
    let fixture = Fixture::new().await;
    fixture.deploy("alice", "code").await;
    let client = Client::new(&fixture);
    let of = deployment("alice", "01", "code");
    fixture.control.tail().publish(&of, log("before"));

    let request = client.request("GET", "/v1/tenants/alice/tail?recent=true");
    let answer = client.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    let mut chunks = answer.into_body().into_data_stream();
    fixture.control.tail().publish(&of, log("after\nwards"));
    for text in ["before", "after\nwards"] {
        let chunk = chunks.next().await.unwrap().unwrap();
        let (line, rest) = chunk.split_at(chunk.len() - 1);
        assert_eq!(rest, b"\n");
        assert!(!line.contains(&b'\n'));
        let line: Value = serde_json::from_slice(line).unwrap();
        assert_eq!((&line["type"], &line["text"]), (&json!("log"), &json!(text)));
    }
    fixture.control.close().await;
    assert!(chunks.next().await.is_none());
}
