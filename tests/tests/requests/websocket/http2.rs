use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http::{Method, Request};
use http_body_util::Empty;
use hyper::client::conn::http2;
use hyper::ext::Protocol;
use hyper_util::rt::{TokioExecutor, TokioIo};
use insula_tests::{host, within};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::server;

#[tokio::test]
async fn streams_become_websockets_too() {
    let server = server(
        "(ws, request) => { ws.send(request.method + ' ' + request.headers.get('upgrade')); ws.onmessage = (e) => ws.send(e.data); }",
    )
    .await;
    let stream = TcpStream::connect(server.listen()).await.expect("a connection");
    let (mut sender, connection) =
        http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .expect("HTTP/2");
    let connection = tokio::spawn(connection);
    let mut sockets = Vec::new();
    for _ in 0..3 {
        let request = Request::builder()
            .method(Method::CONNECT)
            .uri(format!("http://{}/path", host("alice")))
            .header("sec-websocket-version", "13")
            .extension(Protocol::from_static("websocket"))
            .body(Empty::new())
            .expect("a request");
        let mut answer = within("an answer", sender.send_request(request)).await.expect("one");
        assert_eq!(answer.status(), 200);
        let upgraded = hyper::upgrade::on(&mut answer).await.expect("a stream of bytes");
        let io = TokioIo::new(upgraded);
        sockets.push(WebSocketStream::from_raw_socket(io, Role::Client, None).await);
    }
    for socket in &mut sockets {
        let hello = within("a message", socket.next()).await.expect("one").expect("whole");
        assert_eq!(hello, Message::text("GET websocket"));
        let large = Message::binary(vec![7; 1 << 20]);
        socket.send(large.clone()).await.expect("it goes");
        let back = within("a message", socket.next()).await.expect("one").expect("whole");
        assert!(back == large);
        socket.close(None).await.expect("it goes");
        while within("the end", socket.next()).await.is_some_and(|message| message.is_ok()) {}
    }
    connection.abort();
}
