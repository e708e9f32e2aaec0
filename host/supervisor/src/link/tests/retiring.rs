use std::sync::{Arc, Weak};
use std::time::Duration;

use insula_wire::{
    BodyHead, BootFailure, FailureCode, Farewell, HostFrame, IsolateFrame, RetireReason,
};

use super::{deployment, done, link, read_all, response, send, starting, streamed};
use crate::link::{Chance, Ending, Exchange, Failure, Reserved};
use crate::{Limit, Limits, RequestError, StartError, TenantEvent, sync::lock};

#[tokio::test]
async fn a_limit_answers_every_request_that_has_no_answer() {
    let (link, mut peer, notes) = link(Limits::default()).await;
    let (first, second) = (send(&link, BodyHead::None), send(&link, BodyHead::None));
    let stream = peer.request().await;
    peer.request().await;
    peer.say(&[IsolateFrame::Retiring { reason: RetireReason::CpuLimit, stream }]).await;
    for exchange in [first, second] {
        let failure = exchange.await.expect_err("the limit");
        let Failure::Final(RequestError::Tenant { code: FailureCode::CpuLimit, .. }) = failure
        else {
            panic!("{failure:?}")
        };
    }
    assert!(matches!(link.reserve(), Reserved::Closed));
    let events = lock(&notes.events);
    let outcomes = events.iter().filter(|event| matches!(event, TenantEvent::Outcome(_)));
    assert_eq!(outcomes.count(), 2);
}

#[tokio::test]
async fn a_death_breaks_bodies_off() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let (stream, response) = streamed(&link, &mut peer).await;
    peer.say(&[IsolateFrame::Chunk { stream, bytes: b"half" }]).await;
    drop(peer);
    read_all(response).await.expect_err("broken off");
}

#[tokio::test]
async fn a_death_fails_what_is_in_flight() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let exchange = send(&link, BodyHead::None);
    peer.request().await;
    drop(peer);
    let failure = exchange.await.expect_err("dead");
    assert!(matches!(failure, Failure::Final(RequestError::CordonCrashed)), "{failure:?}");
}

#[tokio::test]
async fn what_the_dead_did_not_read_may_go_elsewhere() {
    let (link, mut peer, notes) = link(Limits::default()).await;
    let read = send(&link, BodyHead::None);
    let unread = [send(&link, BodyHead::None), send(&link, BodyHead::Inline(b"body"))];
    peer.request().await;
    drop(peer);
    let failure = read.await.expect_err("dead");
    assert!(matches!(failure, Failure::Final(RequestError::CordonCrashed)), "{failure:?}");
    for exchange in unread {
        assert!(matches!(exchange.await, Err(Failure::Untouched)));
    }
    let events = lock(&notes.events);
    let outcomes = events.iter().filter(|event| matches!(event, TenantEvent::Outcome(_)));
    assert_eq!(outcomes.count(), 1, "the others are told by whoever gets them");
}

#[tokio::test]
async fn what_was_read_in_part_counts_as_seen() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let exchange = send(&link, BodyHead::None);
    peer.read_bytes(5).await;
    drop(peer);
    let failure = exchange.await.expect_err("dead");
    assert!(matches!(failure, Failure::Final(RequestError::CordonCrashed)), "{failure:?}");
}

#[tokio::test]
async fn what_an_isolate_at_its_limit_did_not_read_may_go_elsewhere() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let (read, unread) = (send(&link, BodyHead::None), send(&link, BodyHead::None));
    let stream = peer.request().await;
    peer.say(&[IsolateFrame::Retiring { reason: RetireReason::CpuLimit, stream }]).await;
    let failure = read.await.expect_err("the limit");
    assert!(matches!(failure, Failure::Final(RequestError::Tenant { .. })), "{failure:?}");
    assert!(matches!(unread.await, Err(Failure::Untouched)));
}

#[tokio::test]
async fn what_may_go_elsewhere_is_read_by_nobody_after() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let (read, unread) = (send(&link, BodyHead::None), send(&link, BodyHead::Inline(b"body")));
    peer.request().await;
    // The isolate lives, as one does whose cordon is about to be killed.
    link.close(Ending::Gone);
    assert!(matches!(read.await, Err(Failure::Final(RequestError::CordonCrashed))));
    assert!(matches!(unread.await, Err(Failure::Untouched)));
    assert_eq!(peer.hear(|frame| format!("{frame:?}")).await, None);
}

#[tokio::test]
async fn the_last_chance_ends_as_the_isolate_ended() {
    let (link, peer, notes) = link(Limits::default()).await;
    let headers = http::HeaderMap::new();
    let lease = super::lease(&link);
    let exchange =
        Exchange::begin(lease, "GET", "http://a/", &headers, BodyHead::None, Chance::Last, false);
    drop(peer);
    let failure = exchange.expect("sent").await.expect_err("dead");
    assert!(matches!(failure, Failure::Final(RequestError::CordonCrashed)), "{failure:?}");
    let events = lock(&notes.events);
    assert!(events.iter().any(|event| matches!(event, TenantEvent::Outcome(_))));
}

#[tokio::test]
async fn leaving_waits_for_requests_in_flight() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let exchange = send(&link, BodyHead::None);
    let stream = peer.request().await;
    link.leave(Farewell::Replaced);
    assert!(matches!(link.reserve(), Reserved::Closed));
    peer.say(&[response(stream, BodyHead::None), done(stream)]).await;
    exchange.await.expect("a response");
    assert_eq!(
        peer.hear(|frame| frame == HostFrame::Shutdown { reason: Farewell::Replaced }).await,
        Some(true)
    );
}

#[tokio::test]
async fn a_request_that_a_leaving_isolate_did_not_touch_may_go_elsewhere() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let exchange = send(&link, BodyHead::None);
    peer.request().await;
    peer.say(&[IsolateFrame::Retiring { reason: RetireReason::Shutdown, stream: 0 }]).await;
    assert!(matches!(exchange.await, Err(Failure::Untouched)));
}

#[tokio::test]
async fn a_limit_at_start_up_is_the_tenants() {
    let (deployment, notes) = (deployment(Limits::default()), Arc::default());
    let (link, mut peer) = starting(Weak::new(), deployment, notes).await;
    peer.say(&[IsolateFrame::Retiring { reason: RetireReason::MemoryLimit, stream: 0 }]).await;
    let error = link.started().await.expect_err("the limit");
    let StartError::Boot { failure: BootFailure::MemoryLimit, .. } = error else {
        panic!("{error:?}")
    };
}

#[tokio::test]
async fn a_soft_limit_is_told_once_and_nothing_is_believed_that_cannot_be() {
    let (link, mut peer, notes) = link(Limits::default()).await;
    let exchange = send(&link, BodyHead::None);
    let stream = peer.request().await;
    let soft = IsolateFrame::CpuSoft { stream, cpu_us: u64::MAX };
    let usage = IsolateFrame::Usage { bytes: u64::MAX, peak: u64::MAX };
    let spent = IsolateFrame::Spent { stream, cpu_us: u64::MAX };
    let answer = response(stream, BodyHead::None);
    peer.say(&[soft, soft, usage, spent, answer, IsolateFrame::Done { stream, cpu_us: 1 }]).await;
    exchange.await.expect("a response");
    assert_eq!(
        peer.hear(|frame| frame == HostFrame::Shutdown { reason: Farewell::CpuSoft }).await,
        Some(true)
    );
    assert!(link.memory() <= Limits::default().memory_mb << 21, "{}", link.memory());
    let events = lock(&notes.events);
    let [TenantEvent::Breach { limit: Limit::CpuSoft, .. }, TenantEvent::Outcome(outcome)] =
        &events[..]
    else {
        panic!("{events:?}")
    };
    assert!(outcome.cpu_us < 60_000_000, "{outcome:?}");
}

#[tokio::test]
async fn what_is_spent_counts_once_and_before_the_end() {
    let (link, mut peer, notes) = link(Limits::default()).await;
    let exchange = send(&link, BodyHead::None);
    let stream = peer.request().await;
    // No more than the time that there was is believed.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let spent = |stream, cpu_us| IsolateFrame::Spent { stream, cpu_us };
    peer.say(&[spent(0, 1000), spent(0, 3000), spent(0, 2000), spent(stream, 5000)]).await;
    let counted = async |us: u64| {
        while link.spent_us() != us {
            tokio::task::yield_now().await;
        }
        assert_eq!(link.stats.snapshot().cpu_us, us);
    };
    counted(8000).await;
    assert_eq!(link.aside_us(), 3000);
    let answer = response(stream, BodyHead::None);
    peer.say(&[answer, IsolateFrame::Done { stream, cpu_us: 6000 }]).await;
    exchange.await.expect("a response");
    counted(9000).await;
    assert_eq!(link.aside_us(), 3000);
    let events = lock(&notes.events);
    let [TenantEvent::Outcome(outcome)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(outcome.cpu_us, 6000);
}
