use std::sync::atomic::Ordering;

use insula_wire::{
    BodyHead, FailureCode, Farewell, HeaderBlock, HostFrame, IsolateFrame, MessagePart, SocketEnd,
    caps,
};

use super::{Notes, Peer, ask, done, link, send};
use crate::link::{Failure, Link, Reserved};
use crate::sync::lock;
use crate::{Limits, RequestError, ReuseMode, Said, Socket};

fn switching(stream: u32) -> IsolateFrame<'static> {
    let (headers, body) = (HeaderBlock::default(), BodyHead::None);
    IsolateFrame::Response { stream, status: 101, status_text: "", headers, body }
}

fn text(stream: u32, last: bool, text: &str) -> IsolateFrame<'_> {
    IsolateFrame::Message { stream, last, part: MessagePart::Text(text) }
}

type Open = (std::sync::Arc<Link>, Peer, std::sync::Arc<Notes>, u32, Socket);

/// A request that has become a WebSocket.
async fn open(limits: Limits) -> Open {
    let (link, mut peer, notes) = link(limits).await;
    let exchange = ask(&link);
    let stream = peer.request().await;
    peer.say(&[switching(stream)]).await;
    let response = exchange.await.expect("a response");
    assert_eq!(response.status(), 101);
    let socket = response.into_body().into_socket().expect("a WebSocket");
    (link, peer, notes, stream, socket)
}

/// What the host says, in words.
async fn heard(peer: &mut Peer) -> String {
    peer.hear(|frame| format!("{frame:?}")).await.unwrap_or_default()
}

#[tokio::test]
async fn messages_go_both_ways_until_the_end() {
    let (link, mut peer, _notes, stream, socket) = open(Limits::default()).await;
    peer.say(&[text(stream, false, "one"), text(stream, true, "")]).await;
    for (last, bytes) in [(false, "one"), (true, "")] {
        let part = Said::Part { is_text: true, last, bytes: bytes.into() };
        assert_eq!(socket.said().await, part);
    }
    assert!(socket.room().await.is_some());
    socket.send(true, MessagePart::Binary(&[1]));
    let part = HostFrame::Message { stream, last: true, part: MessagePart::Binary(&[1]) };
    assert_eq!(peer.hear(|frame| frame == part).await, Some(true));
    peer.say(&[IsolateFrame::Close { stream, code: 4000, reason: "bye" }]).await;
    assert_eq!(socket.said().await, Said::Close { code: 4000, reason: "bye".to_owned() });
    socket.end(SocketEnd::Clean, 4000, "bye");
    let closed = HostFrame::Closed { stream, end: SocketEnd::Clean, code: 4000, reason: "bye" };
    assert_eq!(peer.hear(|frame| frame == closed).await, Some(true));
    peer.say(&[done(stream)]).await;
    while !lock(&link.state).requests.is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(link.load(), 0);
}

#[tokio::test]
async fn a_sender_is_as_fast_as_its_reader() {
    let (_link, mut peer, _notes, stream, socket) = open(Limits::default()).await;
    let chunk = vec![b'x'; caps::CHUNK];
    let part = MessagePart::Binary(&chunk);
    let frame = IsolateFrame::Message { stream, last: false, part };
    peer.say(&[frame, frame, frame]).await;
    for _ in 0..3 {
        assert!(matches!(socket.said().await, Said::Part { .. }));
        let bytes = caps::CHUNK as u32 + caps::PART_OVERHEAD;
        let credit = HostFrame::Credit { stream, bytes };
        assert_eq!(peer.hear(|frame| frame == credit).await, Some(true));
    }
    let mut sent = 0;
    while let Some(Some(room)) = futures_util::FutureExt::now_or_never(socket.room()) {
        socket.send(false, MessagePart::Binary(&chunk[..room]));
        sent += room;
    }
    assert!(sent < caps::INITIAL_CREDIT as usize && sent > caps::CHUNK, "{sent}");
    peer.say(&[IsolateFrame::Credit { stream, bytes: 4096 }]).await;
    assert!(socket.room().await.is_some());
}

#[tokio::test]
async fn a_client_that_leaves_is_told_of() {
    let (_link, mut peer, _notes, stream, socket) = open(Limits::default()).await;
    drop(socket);
    let closed = HostFrame::Closed { stream, end: SocketEnd::Broken, code: 1006, reason: "" };
    assert_eq!(peer.hear(|frame| frame == closed).await, Some(true));
    // What was on its way does no harm.
    peer.say(&[text(stream, true, "late"), done(stream)]).await;
    let exchange = ask(&_link);
    assert_eq!(peer.request().await, stream + 2);
    drop(exchange);
}

#[tokio::test]
async fn nobody_gets_a_websocket_unasked() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let exchange = send(&link, BodyHead::None);
    let stream = peer.request().await;
    peer.say(&[switching(stream), text(stream, true, "x")]).await;
    match exchange.await {
        Err(Failure::Final(RequestError::Tenant { code: FailureCode::NotAResponse, .. })) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(heard(&mut peer).await, format!("Abort {{ stream: {stream} }}"));
    peer.say(&[done(stream)]).await;
    let _exchange = send(&link, BodyHead::None);
    peer.request().await;
}

/// What an isolate says on the stream of its WebSocket.
type Attack = Box<dyn Fn(u32) -> Vec<IsolateFrame<'static>>>;

#[tokio::test]
async fn breaches_end_the_link() {
    let large = vec![0; caps::CHUNK];
    let beyond = |stream| {
        let part = MessagePart::Binary(&large);
        [IsolateFrame::Message { stream, last: false, part }; 5].to_vec()
    };
    fn close(stream: u32) -> IsolateFrame<'static> {
        IsolateFrame::Close { stream, code: 1000, reason: "" }
    }
    let attacks: Vec<(&str, Attack)> = vec![
        ("after its end", Box::new(|s| vec![close(s), text(s, true, "x")])),
        ("closed twice", Box::new(|s| vec![close(s), close(s)])),
        (
            "two kinds",
            Box::new(|s| {
                let part = MessagePart::Binary(b"");
                vec![text(s, false, "x"), IsolateFrame::Message { stream: s, last: true, part }]
            }),
        ),
        ("answered twice", Box::new(|s| vec![switching(s)])),
        ("done while it is open", Box::new(|s| vec![done(s)])),
        ("a body", Box::new(|s| vec![IsolateFrame::Chunk { stream: s, bytes: b"x" }])),
        ("not open", Box::new(|s| vec![text(s + 2, true, "x")])),
        ("never opened", Box::new(|_| vec![text(1, true, "x")])),
    ];
    for (what, attack) in attacks {
        let (link, mut peer, _notes, stream, _socket) = open(Limits::default()).await;
        peer.say(&attack(stream)).await;
        assert_eq!(heard(&mut peer).await, "", "{what}");
        assert!(link.is_closed(), "{what}");
    }
    let (link, mut peer, _notes, stream, _socket) = open(Limits::default()).await;
    peer.say(&beyond(stream)).await;
    assert_eq!(heard(&mut peer).await, "");
    assert!(link.is_closed());
    // Before it is one, and on what is none.
    let (link, mut peer, _notes) = super::link(Limits::default()).await;
    let _exchange = ask(&link);
    let stream = peer.request().await;
    peer.say(&[text(stream, true, "x")]).await;
    assert_eq!(heard(&mut peer).await, "");
    assert!(link.is_closed());
}

#[tokio::test]
async fn a_websocket_leaves_its_place_to_others() {
    let (link, mut peer, _notes, _stream, _socket) =
        open(Limits { concurrency: 1, ..Limits::default() }).await;
    assert_eq!(link.load(), 1);
    assert_eq!(link.tally.requests.load(Ordering::Relaxed), 0);
    let _exchange = send(&link, BodyHead::None);
    peer.request().await;
    assert_eq!(link.load(), 2);
}

#[tokio::test]
async fn where_requests_are_alone_a_websocket_is() {
    let limits = Limits { concurrency: 1, reuse: ReuseMode::Sequential, ..Limits::default() };
    let (link, _peer, _notes, _stream, _socket) = open(limits).await;
    assert!(matches!(link.reserve(), Reserved::Full));
}

#[tokio::test]
async fn leaving_does_not_wait_for_websockets() {
    let (link, mut peer, _notes, stream, socket) = open(Limits::default()).await;
    link.leave(Farewell::Replaced);
    assert_eq!(heard(&mut peer).await, "Shutdown { reason: Replaced }");
    // It says goodbye first.
    peer.say(&[IsolateFrame::Close { stream, code: 1001, reason: "" }]).await;
    assert!(matches!(socket.said().await, Said::Close { code: 1001, .. }));
    socket.end(SocketEnd::Clean, 1001, "");
    assert!(heard(&mut peer).await.starts_with("Closed"));
    peer.say(&[done(stream)]).await;
    drop(peer);
}

#[tokio::test]
async fn an_isolate_that_was_there_for_one_waits_for_its_end() {
    let (link, mut peer, _notes, stream, socket) = open(Limits::default()).await;
    link.leave(Farewell::Done);
    socket.send(true, MessagePart::Text("still here"));
    assert!(heard(&mut peer).await.starts_with("Message"));
    drop(socket);
    assert!(heard(&mut peer).await.starts_with("Closed"));
    peer.say(&[done(stream)]).await;
    assert_eq!(heard(&mut peer).await, "Shutdown { reason: Done }");
    assert_eq!(link.load(), 0);
}

#[tokio::test]
async fn the_end_of_an_isolate_reaches_the_other_side() {
    let (_link, peer, _notes, _stream, socket) = open(Limits::default()).await;
    drop(peer);
    assert_eq!(socket.said().await, Said::Gone(1011));
    assert_eq!(socket.room().await, None);
}

#[tokio::test]
async fn a_subrequest_may_become_one() {
    let (link, mut peer, _notes) = link(Limits { subrequests: 2, ..Limits::default() }).await;
    let exchange = ask(&link);
    let parent = peer.request().await;
    let connect = |stream, url| {
        let headers = HeaderBlock::default();
        IsolateFrame::Connect { stream, parent, url, headers }
    };
    peer.say(&[connect(1, "http://a/no")]).await;
    assert!(heard(&mut peer).await.starts_with("FetchFailed"));
    peer.say(&[connect(3, "http://a/echo")]).await;
    let opened = peer.hear(|frame| matches!(frame, HostFrame::FetchResponse { status: 101, .. }));
    assert_eq!(opened.await, Some(true));
    peer.say(&[connect(5, "http://a/echo"), text(3, true, "x")]).await;
    let (one, other) = (heard(&mut peer).await, heard(&mut peer).await);
    assert!(one.contains("too many") && other.starts_with("Message"), "{one} {other}");
    // It ends with its request, after what was sent.
    peer.say(&[text(3, true, "last"), switching(parent)]).await;
    drop(exchange.await.expect("a response"));
    let mut rest = Vec::new();
    while rest.len() < 2 {
        rest.push(heard(&mut peer).await);
    }
    peer.say(&[done(parent)]).await;
    rest.push(heard(&mut peer).await);
    assert!(rest.iter().any(|frame| frame.contains("Binary([108, 97, 115, 116])")), "{rest:?}");
    let closed = "Closed { stream: 3, end: Broken, code: 1001, reason: \"\" }";
    assert!(rest.iter().any(|frame| frame == closed), "{rest:?}");
    while !lock(&link.state).subrequests.is_empty() {
        tokio::task::yield_now().await;
    }
    // What is still on its way does no harm.
    peer.say(&[text(3, true, "late")]).await;
    let _exchange = send(&link, BodyHead::None);
    peer.request().await;
}
