use http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::admin_api::{Client, send};
use super::fixture::Fixture;

/// Every path and method, unknown ones too.
const CLOSED: &[(&str, &str)] = &[
    ("GET", "/v1/openapi.json"),
    ("GET", "/v1/status"),
    ("GET", "/v1/tenants"),
    ("GET", "/v1/tenants/alice"),
    ("DELETE", "/v1/tenants/alice"),
    ("GET", "/v1/tenants/alice/deployments"),
    ("POST", "/v1/tenants/alice/deployments"),
    ("POST", "/v1/tenants/alice/rollback"),
    ("GET", "/v1/tenants/alice/secrets"),
    ("PUT", "/v1/tenants/alice/secrets/KEY"),
    ("DELETE", "/v1/tenants/alice/secrets/KEY"),
    ("PUT", "/v1/tenants/alice/hosts/shop.example"),
    ("DELETE", "/v1/tenants/alice/hosts/shop.example"),
    ("GET", "/v1/tenants/alice/tail"),
    ("GET", "/"),
    ("PATCH", "/v1/tenants"),
    ("GET", "/v1/nothing"),
];

#[tokio::test]
async fn nothing_but_health_is_open() {
    let fixture = Fixture::new().await;
    fixture.deploy("alice", "code").await;
    let client = Client::new(&fixture);
    let wrong = [
        None,
        Some(""),
        Some("Bearer"),
        Some("Bearer "),
        Some("Bearer wrong"),
        Some("Basic wrong"),
        Some(client.token()),
    ];
    for (method, path) in CLOSED {
        for authorization in wrong {
            let request = http::Request::builder().method(*method).uri(*path);
            let request = match authorization {
                Some(value) => request.header("authorization", value),
                None => request,
            };
            let answer = send(&client.router, request.body("{}".into()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
            assert_eq!(answer.json["error"]["code"], "unauthorized");
            assert_eq!(answer.json["error"]["blame"], "client");
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
        }
    }
    assert_eq!(fixture.served("alice.cloud.test").await, "code");

    let health = http::Request::get("/v1/health").body("".into()).unwrap();
    let answer = send(&client.router, health).await;
    assert_eq!((answer.status, &answer.json["status"]), (StatusCode::OK, &"ok".into()));
}

#[tokio::test]
async fn the_scheme_may_be_written_as_one_likes() {
    let fixture = Fixture::new().await;
    let client = Client::new(&fixture);
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let value = format!("{scheme} {}", client.token());
        let request = http::Request::get("/v1/status").header("authorization", value);
        let answer = send(&client.router, request.body("".into()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
}

/// The body is larger than what sockets buffer, and the client reads only when it has sent all.
#[tokio::test]
async fn a_refused_upload_hears_its_answer() {
    let fixture = Fixture::new().await;
    let client = Client::new(&fixture);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = client.router.clone();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    for (token, status) in [("wrong", "HTTP/1.1 401 "), (client.token(), "HTTP/1.1 413 ")] {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let length = 32 << 20;
        let head = format!(
            "POST /v1/tenants/alice/deployments HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             authorization: Bearer {token}\r\ncontent-length: {length}\r\n\r\n"
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(&vec![b' '; length]).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(status), "{answer}");
    }
    server.abort();
}
