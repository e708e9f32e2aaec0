//! What waits in the host for an isolate that does not read for a while.

use std::sync::Arc;
use std::time::Duration;

use insula_wire::{
    BodyHead, FailureCode, HeaderBlock, HostFrame, IsolateFrame, MessagePart, ModuleKind,
    RedirectMode, caps,
};
use tokio::task::JoinHandle;

use super::{Peer, ask, link, send};
use crate::link::output::{BULK, HEAD, HEADS};
use crate::link::{Failure, Link, Reserved};
use crate::sync::lock;
use crate::{Limit, Limits, RequestError, Socket, TenantEvent};

const CREDIT: usize = caps::INITIAL_CREDIT as usize;

/// Lets the other tasks run until they have nothing more to do.
async fn until_all_wait() {
    for _ in 0..2000 {
        tokio::task::yield_now().await;
    }
}

fn waiting(link: &Link) -> usize {
    lock(&link.state).out.waiting() as usize
}

/// Sends as much as the isolate's credit allows.
fn fill(socket: Socket) -> JoinHandle<Socket> {
    let bytes = [0; caps::CHUNK];
    tokio::spawn(async move {
        let mut sent = 0;
        while sent + 2048 < CREDIT {
            let room = socket.room().await.expect("the isolate is there");
            let part = &bytes[..room.min(CREDIT - sent)];
            socket.send(false, MessagePart::Binary(part));
            sent += part.len() + caps::PART_OVERHEAD as usize;
        }
        socket
    })
}

/// Bytes of bodies and messages that the peer hears, until it has heard `count`.
async fn hear_bytes(peer: &mut Peer, count: usize) {
    let mut heard = 0;
    while heard < count {
        let bytes = peer.hear(|frame| match frame {
            HostFrame::Message { part, .. } => part.cost() as usize,
            HostFrame::Chunk { bytes, .. } => bytes.len(),
            _ => 0,
        });
        let bytes = tokio::time::timeout(Duration::from_secs(60), bytes).await;
        heard += bytes.expect("nobody is forgotten").expect("the link is open");
    }
}

/// Requests that have become WebSockets.
async fn open(link: &Arc<Link>, peer: &mut Peer, count: usize) -> Vec<Socket> {
    let mut sockets = Vec::new();
    for _ in 0..count {
        let exchange = ask(link);
        let stream = peer.request().await;
        let (status, headers, body) = (101, HeaderBlock::default(), BodyHead::None);
        peer.say(&[IsolateFrame::Response { stream, status, status_text: "", headers, body }])
            .await;
        let response = exchange.await.expect("a response");
        sockets.push(response.into_body().into_socket().expect("a WebSocket"));
    }
    sockets
}

#[tokio::test]
async fn many_websockets_share_the_room_that_there_is() {
    const SOCKETS: usize = 400;
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let sockets = open(&link, &mut peer, SOCKETS).await;
    let mut senders: Vec<_> = sockets.into_iter().map(fill).collect();
    until_all_wait().await;
    assert!(!link.is_closed());
    assert!(waiting(&link) <= BULK + caps::CHUNK, "{}", waiting(&link));
    assert!(waiting(&link) > BULK / 2, "nothing waits: {}", waiting(&link));
    // One who goes away meanwhile holds nobody up.
    senders.swap_remove(SOCKETS / 2).abort();
    hear_bytes(&mut peer, (SOCKETS - 1) * (CREDIT - 2048)).await;
    for sender in senders {
        sender.await.expect("it has sent all");
    }
}

#[tokio::test]
async fn who_does_not_use_its_turn_holds_nobody_up() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let mut sockets = open(&link, &mut peer, 200).await;
    let late = sockets.pop().expect("a WebSocket");
    let idle = sockets.split_off(10);
    let mut senders: Vec<_> = sockets.into_iter().map(fill).collect();
    until_all_wait().await;
    for socket in &idle {
        assert!(socket.room_now().is_pending());
    }
    senders.push(fill(late));
    until_all_wait().await;
    hear_bytes(&mut peer, senders.len() * (CREDIT - 2048)).await;
    for sender in senders {
        sender.await.expect("it has sent all");
    }
}

#[tokio::test]
async fn answers_to_subrequests_share_it_too() {
    const SUBREQUESTS: u32 = 300;
    let (link, mut peer, _notes) =
        link(Limits { subrequests: SUBREQUESTS, ..Limits::default() }).await;
    let _exchange = send(&link, BodyHead::None);
    let parent = peer.request().await;
    for n in 0..SUBREQUESTS {
        let fetch = IsolateFrame::Fetch {
            stream: 2 * n + 1,
            parent,
            redirect: RedirectMode::Follow,
            method: "GET",
            url: "http://a/large",
            headers: HeaderBlock::default(),
            body: BodyHead::None,
        };
        peer.say(&[fetch]).await;
    }
    until_all_wait().await;
    assert!(!link.is_closed());
    assert!(waiting(&link) <= BULK + caps::CHUNK, "{}", waiting(&link));
    hear_bytes(&mut peer, SUBREQUESTS as usize * CREDIT).await;
}

#[tokio::test]
async fn requests_wait_elsewhere_when_too_many_bytes_of_them_wait() {
    let limits = Limits { concurrency: 100_000, ..Limits::default() };
    let (link, mut peer, _notes) = link(limits).await;
    let body = vec![0; caps::INLINE_BODY];
    let mut exchanges = Vec::new();
    while let Reserved::Lease(lease) = link.reserve() {
        drop(lease);
        exchanges.push(send(&link, BodyHead::Inline(&body)));
    }
    assert!(waiting(&link) > HEADS && waiting(&link) <= HEADS + HEAD, "{}", waiting(&link));
    while waiting(&link) > HEADS {
        peer.request().await;
    }
    assert!(matches!(link.reserve(), Reserved::Lease(_)));
}

#[tokio::test]
async fn who_has_too_much_waiting_is_at_its_limit_and_no_breaker_of_rules() {
    let (link, mut peer, notes) = link(Limits { concurrency: 1, ..Limits::default() }).await;
    let exchange = send(&link, BodyHead::None);
    peer.request().await;
    // Nothing that an isolate could ask for is as quick to write.
    let source = vec![b' '; 16 << 20];
    let name = "a";
    let module = HostFrame::Module { kind: ModuleKind::Text, name, source: &source };
    for _ in 0..7 {
        link.send([module]);
    }
    let failure = exchange.await.expect_err("the limit");
    let Failure::Final(RequestError::Tenant { code: FailureCode::MemoryLimit, .. }) = failure
    else {
        panic!("{failure:?}")
    };
    assert!(link.is_closed());
    assert_eq!(waiting(&link), 0, "it is held for nobody");
    let told = lock(&notes.events)
        .iter()
        .any(|event| matches!(event, TenantEvent::Breach { limit: Limit::Memory, .. }));
    assert!(told);
}
