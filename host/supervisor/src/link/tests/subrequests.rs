use insula_wire::{BodyHead, HeaderBlock, HostFrame, IsolateFrame, RedirectMode, caps};

use super::{Peer, done, link, response, send};
use crate::{Limits, sync::lock};

fn fetch<'a>(stream: u32, parent: u32, url: &'a str, body: BodyHead<'a>) -> IsolateFrame<'a> {
    IsolateFrame::Fetch {
        stream,
        parent,
        redirect: RedirectMode::Follow,
        method: "POST",
        url,
        headers: HeaderBlock::default(),
        body,
    }
}

/// Hears a response's head; whether its body is streamed.
async fn head(peer: &mut Peer) -> bool {
    let streamed = peer.hear(|frame| match frame {
        HostFrame::FetchResponse { status: 200, body, .. } => {
            matches!(body, BodyHead::Stream { .. })
        }
        other => panic!("{other:?}"),
    });
    streamed.await.expect("a response")
}

async fn failure(peer: &mut Peer) -> String {
    let message = peer.hear(|frame| match frame {
        HostFrame::FetchFailed { message, .. } => message.to_owned(),
        other => panic!("{other:?}"),
    });
    message.await.expect("a failure")
}

#[tokio::test]
async fn a_body_goes_out_and_comes_back() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let _exchange = send(&link, BodyHead::None);
    let parent = peer.request().await;
    let ask = fetch(1, parent, "http://a/echo", BodyHead::Stream { length: None });
    peer.say(&[ask, IsolateFrame::Chunk { stream: 1, bytes: b"ping" }]).await;
    assert!(head(&mut peer).await);
    let echoed = peer.hear(|frame| frame == HostFrame::Chunk { stream: 1, bytes: b"ping" }).await;
    assert_eq!(echoed, Some(true));
    peer.say(&[IsolateFrame::End { stream: 1 }]).await;
    assert_eq!(peer.hear(|frame| frame == HostFrame::End { stream: 1 }).await, Some(true));
    assert!(lock(&link.state).subrequests.is_empty());
}

#[tokio::test]
async fn a_large_response_waits_for_credit() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let _exchange = send(&link, BodyHead::None);
    let parent = peer.request().await;
    peer.say(&[fetch(1, parent, "http://a/large", BodyHead::None)]).await;
    assert!(head(&mut peer).await);
    let (mut heard, mut credit) = (0, caps::INITIAL_CREDIT as usize);
    loop {
        let length = peer.hear(|frame| match frame {
            HostFrame::Chunk { bytes, .. } => Some(bytes.len()),
            HostFrame::End { .. } => None,
            other => panic!("{other:?}"),
        });
        let Some(length) = length.await.expect("open") else { break };
        heard += length;
        credit = credit.checked_sub(length).expect("the host keeps to its credit");
        if credit == 0 {
            peer.say(&[IsolateFrame::Credit { stream: 1, bytes: caps::INITIAL_CREDIT }]).await;
            credit = caps::INITIAL_CREDIT as usize;
        }
    }
    assert_eq!(heard, 1 << 20);
}

#[tokio::test]
async fn a_failed_subrequest_says_why() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let _exchange = send(&link, BodyHead::None);
    let parent = peer.request().await;
    peer.say(&[fetch(1, parent, "http://a/refused", BodyHead::None)]).await;
    assert_eq!(failure(&mut peer).await, "cannot fetch that");
}

#[tokio::test]
async fn a_request_has_so_many_subrequests_and_no_more() {
    let (link, mut peer, _notes) = link(Limits { subrequests: 1, ..Limits::default() }).await;
    let _exchange = send(&link, BodyHead::None);
    let parent = peer.request().await;
    let never = |stream| fetch(stream, parent, "http://a/never", BodyHead::None);
    peer.say(&[never(1), never(3)]).await;
    assert!(failure(&mut peer).await.contains("too many subrequests"));
}

#[tokio::test]
async fn no_subrequest_outlives_its_request() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let exchange = send(&link, BodyHead::None);
    let parent = peer.request().await;
    peer.say(&[fetch(1, parent, "http://a/never", BodyHead::None)]).await;
    peer.say(&[response(parent, BodyHead::None), done(parent)]).await;
    exchange.await.expect("a response");
    while !lock(&link.state).subrequests.is_empty() {
        tokio::task::yield_now().await;
    }
    // One that comes too late is refused.
    peer.say(&[fetch(3, parent, "http://a/echo", BodyHead::None)]).await;
    assert!(failure(&mut peer).await.contains("not over"));
}

#[tokio::test]
async fn start_up_may_not_fetch() {
    let (_link, mut peer, _notes) = link(Limits::default()).await;
    peer.say(&[fetch(1, 0, "http://a/echo", BodyHead::None)]).await;
    assert!(failure(&mut peer).await.contains("needs a request"));
}
