use std::time::{Duration, Instant};

use http::HeaderMap;
use insula_wire::{BodyHead, HostFrame, IsolateFrame};

use super::{done, lease, link, response, send, streamed};
use crate::link::{Chance, Exchange, Reserved};
use crate::{Limit, Limits, RequestError, TenantEvent, sync::lock};

#[tokio::test]
async fn dropping_a_request_aborts_it() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    drop(send(&link, BodyHead::None));
    let stream = peer.request().await;
    assert_eq!(peer.hear(|frame| frame == HostFrame::Abort { stream }).await, Some(true));
}

#[tokio::test]
async fn dropping_a_body_aborts_its_request() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let (stream, response) = streamed(&link, &mut peer).await;
    drop(response);
    assert_eq!(peer.hear(|frame| frame == HostFrame::Abort { stream }).await, Some(true));
}

#[tokio::test]
async fn what_crosses_an_abort_is_ignored() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    drop(send(&link, BodyHead::None));
    let stream = peer.request().await;
    let late = [
        response(stream, BodyHead::Stream { length: None }),
        IsolateFrame::Chunk { stream, bytes: b"late" },
        IsolateFrame::End { stream },
        done(stream),
    ];
    peer.say(&late).await;
    // The link goes on.
    let exchange = send(&link, BodyHead::None);
    peer.hear(|frame| assert_eq!(frame, HostFrame::Abort { stream })).await;
    let next = peer.request().await;
    peer.say(&[response(next, BodyHead::None), done(next)]).await;
    exchange.await.expect("a response");
    assert!(lock(&link.state).requests.is_empty());
}

#[tokio::test]
async fn an_aborted_request_keeps_its_place_until_it_is_done() {
    let (link, mut peer, _notes) = link(Limits { concurrency: 1, ..Limits::default() }).await;
    let exchange = send(&link, BodyHead::None);
    let stream = peer.request().await;
    drop(exchange);
    assert!(matches!(link.reserve(), Reserved::Full));
    peer.hear(|frame| assert_eq!(frame, HostFrame::Abort { stream })).await;
    peer.say(&[done(stream)]).await;
    while matches!(link.reserve(), Reserved::Full) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn wait_until_that_overstays_is_cancelled() {
    let limits = Limits { wait_until_ms: 20, concurrency: 1, ..Limits::default() };
    let (link, mut peer, notes) = link(limits).await;
    let exchange = send(&link, BodyHead::None);
    let stream = peer.request().await;
    peer.say(&[response(stream, BodyHead::None)]).await;
    exchange.await.expect("a response");
    assert_eq!(peer.hear(|frame| frame == HostFrame::Abort { stream }).await, Some(true));
    while matches!(link.reserve(), Reserved::Full) {
        tokio::task::yield_now().await;
    }
    let events = lock(&notes.events);
    assert!(
        matches!(&events[..], [TenantEvent::Outcome(o)] if o.result.as_ref().ok() == Some(&200))
    );
}

#[tokio::test]
async fn a_request_given_up_at_its_wall_time_is_told_as_such() {
    // With no wall time at all, every moment is late enough.
    let (link, mut peer, notes) = link(Limits { wall_ms: 0, ..Limits::default() }).await;
    drop(send(&link, BodyHead::None));
    let stream = peer.request().await;
    peer.say(&[done(stream)]).await;
    while lock(&notes.events).len() < 2 {
        tokio::task::yield_now().await;
    }
    let events = lock(&notes.events);
    let [TenantEvent::Breach { limit: Limit::Wall, .. }, TenantEvent::Outcome(outcome)] =
        &events[..]
    else {
        panic!("{events:?}")
    };
    assert!(matches!(outcome.result, Err(RequestError::WallLimit(0))), "{outcome:?}");
}

#[tokio::test]
async fn the_wall_time_of_a_request_begins_before_its_place() {
    let (link, mut peer, notes) = link(Limits { wall_ms: 10_000, ..Limits::default() }).await;
    let long_ago =
        Instant::now().checked_sub(Duration::from_secs(9)).expect("a clock that goes back");
    let lease = lease(&link).asked(long_ago);
    let headers = HeaderMap::new();
    let exchange =
        Exchange::begin(lease, "GET", "http://a/", &headers, BodyHead::None, Chance::More, false);
    drop(exchange);
    let stream = peer.request().await;
    peer.say(&[done(stream)]).await;
    while lock(&notes.events).len() < 2 {
        tokio::task::yield_now().await;
    }
    assert!(matches!(lock(&notes.events)[0], TenantEvent::Breach { limit: Limit::Wall, .. }));
}

#[tokio::test]
async fn an_isolate_that_ends_nothing_costs_itself_and_not_its_neighbours() {
    let limits = Limits { wait_until_ms: 1, concurrency: 10_000, ..Limits::default() };
    let (link, _peer, notes) = link(limits).await;
    for _ in 0..5000 {
        drop(send(&link, BodyHead::None));
    }
    while !link.is_closed() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let ends = |event: &TenantEvent| {
        matches!(event, TenantEvent::Breach { request: None, limit: Limit::Memory })
    };
    // It is told as its memory, and not as a breach of the protocol, which ends the cordon.
    assert!(lock(&notes.events).iter().any(ends));
}
