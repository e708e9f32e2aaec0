use std::sync::{Arc, Weak};

use insula_wire::{BodyHead, BootFailure, FailureCode, HostFrame, IsolateFrame, RetireReason};

use super::{deployment, done, link, read_all, response, send, starting, streamed};
use crate::link::{Failure, Reserved};
use crate::{Limits, RequestError, StartError, TenantEvent, sync::lock};

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
async fn leaving_waits_for_requests_in_flight() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let exchange = send(&link, BodyHead::None);
    let stream = peer.request().await;
    link.leave();
    assert!(matches!(link.reserve(), Reserved::Closed));
    peer.say(&[response(stream, BodyHead::None), done(stream)]).await;
    exchange.await.expect("a response");
    assert_eq!(peer.hear(|frame| frame == HostFrame::Shutdown).await, Some(true));
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
    let (_link, booted, mut peer) = starting(Weak::new(), deployment, notes);
    peer.say(&[IsolateFrame::Retiring { reason: RetireReason::MemoryLimit, stream: 0 }]).await;
    let error = booted.await.expect("told").expect_err("the limit");
    let StartError::Boot { failure: BootFailure::MemoryLimit, .. } = error else {
        panic!("{error:?}")
    };
}
