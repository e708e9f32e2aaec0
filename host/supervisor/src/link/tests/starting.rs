//! Requests that follow a deployment before the isolate has said that it started.

use std::sync::{Arc, Weak};

use insula_wire::{BodyHead, BootFailure, ErrorReport, IsolateFrame, RetireReason};

use super::{Notes, Peer, READY, deployment, done, lease, response, send, starting};
use crate::link::{Chance, Exchange, Failure, Link};
use crate::sync::lock;
use crate::{Limits, RequestError, StartError, TenantEvent};

async fn begun() -> (Arc<Link>, Peer, Arc<Notes>) {
    let notes = Arc::<Notes>::default();
    let (link, peer) =
        starting(Weak::new(), deployment(Limits::default()), Arc::clone(&notes)).await;
    (link, peer, notes)
}

fn failed<'a>() -> IsolateFrame<'a> {
    let error = ErrorReport { message: "no", file: "index.js", line: 2, column: 3, stack: "" };
    IsolateFrame::BootFailed { failure: BootFailure::Exception, error }
}

fn outcomes(notes: &Notes) -> usize {
    let events = lock(&notes.events);
    events.iter().filter(|event| matches!(event, TenantEvent::Outcome(_))).count()
}

#[tokio::test]
async fn a_request_is_sent_at_once_and_answered_after_the_start() {
    let (link, mut peer, _notes) = begun().await;
    let exchange = send(&link, BodyHead::None);
    let stream = peer.request().await;
    assert!(!link.is_booted());
    peer.say(&[READY, response(stream, BodyHead::None), done(stream)]).await;
    assert_eq!(exchange.await.expect("a response").status(), 200);
    assert!(link.is_booted());
}

#[tokio::test]
async fn a_start_that_fails_fails_the_requests_behind_it() {
    let (link, mut peer, notes) = begun().await;
    let exchanges = [send(&link, BodyHead::None), send(&link, BodyHead::None)];
    peer.request().await;
    peer.say(&[failed()]).await;
    for exchange in exchanges {
        let failure = exchange.await.expect_err("it does not start");
        let Failure::Final(RequestError::Start(StartError::Boot { detail, .. })) = failure else {
            panic!("{failure:?}")
        };
        assert_eq!(&*detail.source_line, "  fetch() { throw 1 }");
    }
    assert!(link.is_closed());
    assert_eq!(outcomes(&notes), 2);
}

#[tokio::test]
async fn a_limit_in_the_start_is_no_limit_of_the_requests() {
    let (link, mut peer, _notes) = begun().await;
    let exchange = send(&link, BodyHead::None);
    peer.request().await;
    peer.say(&[IsolateFrame::Retiring { reason: RetireReason::CpuLimit, stream: 0 }]).await;
    let failure = exchange.await.expect_err("the limit");
    let Failure::Final(RequestError::Start(StartError::Boot { failure, .. })) = failure else {
        panic!("{failure:?}")
    };
    assert_eq!(failure, BootFailure::CpuLimit);
}

#[tokio::test]
async fn what_was_read_before_a_death_in_the_start_may_go_elsewhere() {
    let (link, mut peer, notes) = begun().await;
    let exchange = send(&link, BodyHead::None);
    peer.request().await;
    drop(peer);
    assert!(matches!(exchange.await, Err(Failure::Untouched)));
    assert_eq!(outcomes(&notes), 0, "it is told by whoever gets it");
    assert!(matches!(link.started().await, Err(StartError::CordonCrashed)));
}

#[tokio::test]
async fn what_was_read_before_a_death_after_the_start_may_not() {
    let (link, mut peer, _notes) = begun().await;
    let exchange = send(&link, BodyHead::None);
    peer.request().await;
    peer.say(&[READY]).await;
    drop(peer);
    let failure = exchange.await.expect_err("dead");
    assert!(matches!(failure, Failure::Final(RequestError::CordonCrashed)), "{failure:?}");
}

#[tokio::test]
async fn the_last_chance_ends_as_the_start_ended() {
    let (link, peer, notes) = begun().await;
    let headers = http::HeaderMap::new();
    let (body, last) = (BodyHead::None, Chance::Last);
    let exchange = Exchange::begin(lease(&link), "GET", "http://a/", &headers, body, last, false);
    drop(peer);
    let failure = exchange.expect("sent").await.expect_err("dead");
    let Failure::Final(RequestError::Start(StartError::CordonCrashed)) = failure else {
        panic!("{failure:?}")
    };
    assert_eq!(outcomes(&notes), 1);
}

#[tokio::test]
async fn a_start_that_takes_too_long_is_that_for_the_requests_too() {
    let (link, mut peer, _notes) = begun().await;
    let exchange = send(&link, BodyHead::None);
    peer.request().await;
    link.fail_start(StartError::TimedOut(7));
    let failure = exchange.await.expect_err("too late");
    let Failure::Final(RequestError::Start(StartError::TimedOut(7))) = failure else {
        panic!("{failure:?}")
    };
}

#[tokio::test]
async fn a_place_tells_when_its_isolate_has_started() {
    let (link, mut peer, _notes) = begun().await;
    let lease = lease(&link);
    let waiting = tokio::spawn(async move { lease.started().await });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    peer.say(&[READY]).await;
    waiting.await.expect("no panic").expect("it started");
}
