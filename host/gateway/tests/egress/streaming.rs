use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Request, Response};
use http_body_util::BodyExt;
use insula_supervisor::{BodyError, BoxBody};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::server::{PATIENCE, Server, answer, fetch, following, get, streamed, text};

fn body_of(receiver: Receiver<&'static str>) -> BoxBody {
    streamed(stream::unfold(receiver, async |mut receiver| {
        let piece = receiver.recv().await?;
        Some((Ok(Bytes::from_static(piece.as_bytes())), receiver))
    }))
}

async fn piece(body: &mut BoxBody) -> Bytes {
    let frame = tokio::time::timeout(PATIENCE, body.frame()).await.expect("a frame in time");
    frame.expect("a frame").expect("no error").into_data().expect("data")
}

#[tokio::test]
async fn both_bodies_flow_piece_by_piece() {
    // An echo that answers before the request's body is complete.
    let server = Server::start(async |request: Request<hyper::body::Incoming>| {
        let lost = |_| BodyError::Broken("lost".to_owned());
        Response::new(request.into_body().map_err(lost).boxed_unsync())
    })
    .await;
    let (sender, receiver): (Sender<&'static str>, _) = channel(1);
    let request = Request::post(server.url("/")).body(body_of(receiver)).expect("a request");
    sender.send("one").await.expect("it is read");
    let response = fetch(&server.egress(), following(request)).await.expect("a response");
    let mut body = response.into_body();
    assert_eq!(piece(&mut body).await, "one");
    sender.send("two").await.expect("it is read");
    assert_eq!(piece(&mut body).await, "two");
    drop(sender);
    assert_eq!(text(body).await.as_deref(), Ok(""));
}

#[tokio::test]
async fn a_server_is_not_read_faster_than_its_reader_reads() {
    const PIECE: usize = 64 << 10;
    // More than sockets and windows hold.
    const BOUND: usize = 64 << 20;
    let made = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&made);
    let server = Server::start(move |_| {
        let count = Arc::clone(&count);
        let pieces = stream::repeat_with(move || {
            count.fetch_add(PIECE, SeqCst);
            Ok(Bytes::from(vec![0; PIECE]))
        });
        std::future::ready(Response::new(streamed(pieces)))
    })
    .await;
    let response = fetch(&server.egress(), get(&server.url("/"))).await.expect("a response");
    let mut body = response.into_body();
    let mut read = 0;
    for _ in 0..100 {
        read += piece(&mut body).await.len();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }
    assert!(made.load(SeqCst) < read + BOUND);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_error() {
    let server = Server::start(async |_| {
        let pieces = [Ok(Bytes::from_static(b"half")), Err(BodyError::Broken("gone".to_owned()))];
        Response::new(streamed(stream::iter(pieces).then(|piece| async {
            tokio::task::yield_now().await;
            piece
        })))
    })
    .await;
    let response = fetch(&server.egress(), get(&server.url("/"))).await.expect("a response");
    assert!(text(response.into_body()).await.is_err());
}

#[tokio::test]
async fn a_request_whose_body_breaks_off_fails() {
    let server = Server::start(async |request: Request<hyper::body::Incoming>| {
        answer(format!("{:?}", text(request.into_body()).await.is_ok()))
    })
    .await;
    let pieces = [Ok(Bytes::from_static(b"half")), Err(BodyError::Broken("gone".to_owned()))];
    let request = Request::post(server.url("/")).body(streamed(stream::iter(pieces)));
    assert!(fetch(&server.egress(), following(request.expect("a request"))).await.is_err());
}
