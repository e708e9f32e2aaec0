use http::{Request, StatusCode, Version};
use http_body_util::Empty;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};

use bytes::Bytes;

use crate::server::{Gateway, REACHED};

async fn connect(gateway: &Gateway) -> SendRequest<Empty<Bytes>> {
    let io = TokioIo::new(gateway.connect().await.0);
    let (sender, connection) =
        http2::handshake(TokioExecutor::new(), io).await.expect("a handshake");
    tokio::spawn(connection);
    sender
}

fn request(url: &str) -> http::request::Builder {
    Request::builder().uri(url).version(Version::HTTP_2)
}

#[tokio::test]
async fn http2_with_prior_knowledge_is_served() {
    let gateway = Gateway::start().await;
    let mut sender = connect(&gateway).await;
    let request = request("http://Alice.localhost:81/x").body(Empty::new()).expect("a request");
    let response = sender.send_request(request).await.expect("a response");
    assert_eq!(response.headers()["insula-error"], REACHED);
    assert_eq!(*gateway.names.asked.lock().expect("a lock"), ["alice.localhost"]);
}

#[tokio::test]
async fn a_host_field_must_agree_with_the_authority() {
    let gateway = Gateway::start().await;
    let mut sender = connect(&gateway).await;
    let request = request("http://alice.localhost/").header("host", "bob.localhost");
    let request = request.body(Empty::new()).expect("a request");
    let response = sender.send_request(request).await.expect("a response");
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn large_heads_get_431() {
    let gateway = Gateway::start().await;
    let mut sender = connect(&gateway).await;
    let mut many = request("http://alice.localhost/");
    for number in 0..510 {
        many = many.header(format!("x-{number}"), "y");
    }
    let request = many.body(Empty::new()).expect("a request");
    let response = sender.send_request(request).await.expect("a response");
    assert_eq!(response.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
}

#[tokio::test]
async fn many_requests_share_a_connection() {
    let gateway = Gateway::start().await;
    let sender = connect(&gateway).await;
    let asked = (0..50).map(|_| {
        let request = request("http://bob.localhost/").body(Empty::new()).expect("a request");
        sender.clone().send_request(request)
    });
    for response in futures_util::future::join_all(asked).await {
        assert_eq!(response.expect("a response").status(), StatusCode::NOT_FOUND);
    }
}
