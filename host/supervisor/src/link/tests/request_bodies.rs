use bytes::Bytes;
use http_body_util::{BodyExt, Full, StreamBody};
use insula_wire::{BodyHead, HostFrame, IsolateFrame, caps};

use super::{Peer, done, link, response, send};
use crate::body::send_request_body;
use crate::link::Failure;
use crate::{BodyError, BoxBody, Limits, RequestError};

const TOTAL: usize = 3 * caps::INITIAL_CREDIT as usize;

fn full() -> BoxBody {
    let body = Full::new(Bytes::from(vec![b'x'; TOTAL]));
    body.map_err(|never| match never {}).boxed_unsync()
}

/// Hears chunks up to `bytes` bytes in all.
async fn hear_bytes(peer: &mut Peer, bytes: usize) {
    let mut heard = 0;
    while heard < bytes {
        let length = peer.hear(|frame| match frame {
            HostFrame::Chunk { bytes, .. } => bytes.len(),
            other => panic!("{other:?}"),
        });
        heard += length.await.expect("a chunk");
    }
    assert_eq!(heard, bytes);
}

#[tokio::test]
async fn a_body_waits_for_credit() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let exchange = send(&link, BodyHead::Stream { length: Some(TOTAL as u64) });
    let stream = peer.request().await;
    tokio::spawn(send_request_body(link.clone(), stream, full()));
    hear_bytes(&mut peer, caps::INITIAL_CREDIT as usize).await;
    // Credit is spent: the answer to this request is the next thing that happens.
    peer.say(&[response(stream, BodyHead::None)]).await;
    exchange.await.expect("a response");
    let bytes = 2 * caps::INITIAL_CREDIT;
    peer.say(&[IsolateFrame::Credit { stream, bytes }]).await;
    hear_bytes(&mut peer, bytes as usize).await;
    assert_eq!(peer.hear(|frame| frame == HostFrame::End { stream }).await, Some(true));
}

#[tokio::test]
async fn an_isolate_can_refuse_the_rest() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let exchange = send(&link, BodyHead::Stream { length: None });
    let stream = peer.request().await;
    let sender = tokio::spawn(send_request_body(link.clone(), stream, full()));
    hear_bytes(&mut peer, caps::INITIAL_CREDIT as usize).await;
    peer.say(&[IsolateFrame::Abort { stream }]).await;
    sender.await.expect("it stops");
    peer.say(&[response(stream, BodyHead::None), done(stream)]).await;
    exchange.await.expect("a response");
}

#[tokio::test]
async fn a_body_ends_with_its_request() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let exchange = send(&link, BodyHead::Stream { length: None });
    let stream = peer.request().await;
    let endless = StreamBody::new(futures_util::stream::pending()).boxed_unsync();
    let sender = tokio::spawn(send_request_body(link.clone(), stream, endless));
    drop(exchange);
    sender.await.expect("it stops");
}

#[tokio::test]
async fn a_body_beyond_its_limit_fails_the_request() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let exchange = send(&link, BodyHead::Stream { length: None });
    let stream = peer.request().await;
    let error = Err::<http_body::Frame<Bytes>, _>(BodyError::TooLarge { limit: 9 });
    let body = StreamBody::new(futures_util::stream::iter([error])).boxed_unsync();
    send_request_body(link.clone(), stream, body).await;
    let failure = exchange.await.expect_err("too large");
    assert!(matches!(failure, Failure::Final(RequestError::BodyTooLarge(9))), "{failure:?}");
    let told = peer.hear(|frame| matches!(frame, HostFrame::Error { .. })).await;
    assert_eq!(told, Some(true));
    assert_eq!(peer.hear(|frame| frame == HostFrame::Abort { stream }).await, Some(true));
}
