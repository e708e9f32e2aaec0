use futures_util::stream::{self, FuturesUnordered, StreamExt};
use http::{Request, StatusCode, Version};
use http_body::Frame;
use http_body_util::{Empty, StreamBody};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};

use bytes::Bytes;
use insula_gateway::GatewayConfig;

use crate::server::{Gateway, PATIENCE, REACHED};

async fn connect<B>(gateway: &Gateway) -> SendRequest<B>
where
    B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: std::error::Error + Send + Sync,
{
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
    let mut sender = connect::<Empty<Bytes>>(&gateway).await;
    let request = request("http://Alice.localhost:81/x").body(Empty::new()).expect("a request");
    let response = sender.send_request(request).await.expect("a response");
    assert_eq!(response.headers()["insula-error"], REACHED);
    assert_eq!(*gateway.names.asked.lock().expect("a lock"), ["alice.localhost"]);
}

#[tokio::test]
async fn a_host_field_must_agree_with_the_authority() {
    let gateway = Gateway::start().await;
    let mut sender = connect::<Empty<Bytes>>(&gateway).await;
    let request = request("http://alice.localhost/").header("host", "bob.localhost");
    let request = request.body(Empty::new()).expect("a request");
    let response = sender.send_request(request).await.expect("a response");
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn large_heads_get_431() {
    let gateway = Gateway::start().await;
    let mut sender = connect::<Empty<Bytes>>(&gateway).await;
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
    let sender = connect::<Empty<Bytes>>(&gateway).await;
    let asked = (0..50).map(|_| {
        let request = request("http://bob.localhost/").body(Empty::new()).expect("a request");
        sender.clone().send_request(request)
    });
    for response in futures_util::future::join_all(asked).await {
        assert_eq!(response.expect("a response").status(), StatusCode::NOT_FOUND);
    }
}

/// Bodies that are all but complete.
#[tokio::test]
async fn a_connection_cannot_have_more_than_its_part_held_when_much_is_held() {
    let config = GatewayConfig { held_bytes: 300 << 10, ..GatewayConfig::default() };
    let gateway = Gateway::with(config).await;
    let body = |length: usize, ends: bool| {
        let begin = Ok::<_, std::convert::Infallible>(Frame::data(Bytes::from(vec![0; length])));
        let body = stream::iter([begin]).chain(stream::pending().take(usize::from(!ends)));
        let request = request("http://alice.localhost/").method("POST");
        request.header("content-length", 60_000).body(StreamBody::new(Box::pin(body))).expect("one")
    };
    let greedy = connect(&gateway).await;
    let mut asked: FuturesUnordered<_> =
        (0..20).map(|_| greedy.clone().send_request(body(59_999, false))).collect();
    for _ in 0..15 {
        let refused = tokio::time::timeout(PATIENCE, asked.next()).await.expect("an answer");
        let refused = refused.expect("there are more").expect("a response");
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers()["insula-error"], "overloaded");
    }
    let other = connect(&gateway).await.send_request(body(60_000, true)).await.expect("a response");
    assert_eq!(other.headers()["insula-error"], REACHED, "others have their part");
}
