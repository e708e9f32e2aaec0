use std::net::SocketAddr;

use axum::routing::get;
use futures_util::{StreamExt as _, stream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::*;

/// A door whose `/slow` takes far longer than a connection may be idle.
async fn door(most: usize) -> (SocketAddr, Shutdown, JoinHandle<()>) {
    let slow = async || {
        let pieces = stream::iter(0..2).then(async |piece: u8| {
            sleep(2 * HEAD_TIME).await;
            Ok::<_, Infallible>(format!("piece {piece}\n"))
        });
        Body::from_stream(pieces)
    };
    let router = Router::new().route("/slow", get(slow)).route("/", get(async || "here"));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let shutdown = Shutdown::listen().expect("signals");
    (address, shutdown.clone(), tokio::spawn(serve(listener, router, most, shutdown)))
}

/// All that comes after `sent` until the server closes the connection.
async fn answer_to(address: SocketAddr, sent: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(sent.as_bytes()).await.expect("bytes are taken");
    rest(stream).await
}

async fn rest(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    // A connection that is reset is closed, too.
    let _ = stream.read_to_end(&mut text).await;
    String::from_utf8(text).expect("text")
}

#[tokio::test(start_paused = true)]
async fn connections_without_a_whole_head_end() {
    let (address, _shutdown, _server) = door(9).await;
    for begun in ["", "GET / HT", "GET / HTTP/1.1\r\nhost: a\r\n"] {
        assert!(!answer_to(address, begun).await.contains("here"), "{begun}");
    }
    // What is kept after an answer, too.
    let kept = answer_to(address, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(kept.ends_with("here"), "{kept}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_take_long() {
    let (address, _shutdown, _server) = door(9).await;
    let answer = answer_to(address, "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(answer.contains("piece 0") && answer.contains("piece 1"), "{answer}");
}

/// A stranger in the midst of an answer, which no time limit ends.
async fn busy_stranger(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("bytes are taken");
    assert_ne!(stream.read_u8().await.expect("the begin of an answer"), 0);
    stream
}

#[tokio::test]
async fn the_oldest_stranger_goes_for_a_newcomer() {
    let (address, _shutdown, _server) = door(2).await;
    let oldest = busy_stranger(address).await;
    let mut other = TcpStream::connect(address).await.expect("a connection");
    let newest = answer_to(address, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    assert!(newest.await.ends_with("here"));
    let oldest = rest(oldest).await;
    assert!(!oldest.contains("piece"), "{oldest}");
    other.write_all(b"GET / HTTP/1.0\r\n\r\n").await.expect("bytes are taken");
    assert!(rest(other).await.ends_with("here"));
}

#[tokio::test]
async fn strangers_do_not_delay_the_end() {
    let (address, shutdown, server) = door(2).await;
    let stranger = busy_stranger(address).await;
    shutdown.wish();
    server.await.expect("its end");
    let stranger = rest(stranger).await;
    assert!(!stranger.contains("piece"), "{stranger}");
}
