//! Places and queues, with an isolate on a real link and a fleet that can start none.

use http::HeaderMap;
use insula_launcher::{Launcher, Terms};
use insula_wire::{BodyHead, HostFrame, IsolateFrame};

use super::*;
use crate::fleets::Fleets;
use crate::link::tests::{Notes, Peer, READY, ask, deployment, done, placed, response, starting};
use crate::link::{Chance, Exchange};
use crate::quarantine::Quarantine;
use crate::walls::Walls;
use crate::{Capacity, Services};

/// A placement whose isolate has `concurrency` places and `queue` seats before the door.
async fn place(concurrency: u32, queue: u32) -> (Arc<Placement>, Arc<Link>, Peer) {
    let placement = homeless(Limits { concurrency, queue, ..Limits::default() });
    let notes = Arc::<Notes>::default();
    let deployment = Arc::clone(&placement.deployment);
    let (link, peer) = placed(Arc::downgrade(&placement), deployment, notes).await;
    placement.adopt(&link);
    (placement, link, peer)
}

/// A placement without an isolate.
fn homeless(limits: Limits) -> Arc<Placement> {
    let launcher = Launcher::on_thread("/nonexistent/insula-cordon", Terms::default());
    let walls = Walls::new(launcher.expect("a launcher"), 1).expect("walls");
    let services: Arc<dyn Services> = Arc::<Notes>::default();
    let quarantine = Quarantine::new(Arc::clone(&services));
    let fleets = Fleets::new(Arc::new(walls), 1, quarantine);
    let host = Host::new(fleets, services, Capacity::default());
    Placement::new(deployment(limits), Arc::new(host))
}

/// Lets the other tasks run until `n` requests wait.
async fn until_waiting(placement: &Placement, n: usize) {
    while placement.waiting.load(Ordering::SeqCst) != n {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_free_place_goes_to_who_waits_longest() {
    let (placement, _link, _peer) = place(1, 10).await;
    let held = placement.lease().await.expect("a place");
    let mut waiting = Vec::new();
    for n in 0..3 {
        let waiter = Arc::clone(&placement);
        waiting.push(tokio::spawn(async move { waiter.lease().await.expect("a place") }));
        until_waiting(&placement, n + 1).await;
    }
    let mut held = Some(held);
    for turn in 0..3 {
        drop(held.take());
        held = Some(waiting.remove(0).await.expect("no panic"));
        until_waiting(&placement, 2 - turn).await;
        assert!(waiting.iter().all(|waiter| !waiter.is_finished()));
    }
}

#[tokio::test]
async fn a_full_queue_turns_requests_away() {
    let (placement, _link, _peer) = place(1, 1).await;
    let _held = placement.lease().await.expect("a place");
    let waiter = Arc::clone(&placement);
    let first = tokio::spawn(async move { waiter.lease().await.map(drop) });
    until_waiting(&placement, 1).await;
    assert!(matches!(placement.lease().await, Err(RequestError::Overloaded)));
    assert!(!first.is_finished());
    until_waiting(&placement, 1).await;
}

#[tokio::test]
async fn who_goes_away_leaves_no_gap() {
    let (placement, _link, _peer) = place(1, 10).await;
    let held = placement.lease().await.expect("a place");
    for _ in 0..100 {
        let waiter = Arc::clone(&placement);
        let waiting = tokio::spawn(async move { waiter.lease().await.map(drop) });
        until_waiting(&placement, 1).await;
        waiting.abort();
        until_waiting(&placement, 0).await;
    }
    assert!(lock(&placement.state).queue.len() < 20);
    let waiter = Arc::clone(&placement);
    let last = tokio::spawn(async move { waiter.lease().await.map(drop) });
    until_waiting(&placement, 1).await;
    drop(held);
    last.await.expect("no panic").expect("a place");
}

#[tokio::test]
async fn a_finished_request_gives_its_place_to_the_next() {
    let (placement, _link, mut peer) = place(1, 10).await;
    let headers = HeaderMap::new();
    let lease = placement.lease().await.expect("a place");
    let first =
        Exchange::begin(lease, "GET", "http://a/", &headers, BodyHead::None, Chance::More, false);
    let first = first.unwrap_or_else(|failure| panic!("{failure:?}"));
    let waiter = Arc::clone(&placement);
    let second = tokio::spawn(async move { waiter.lease().await.map(drop) });
    until_waiting(&placement, 1).await;
    let stream = peer.request().await;
    peer.say(&[response(stream, BodyHead::None), done(stream)]).await;
    first.await.expect("a response");
    second.await.expect("no panic").expect("a place");
}

#[tokio::test]
async fn a_dead_isolate_is_replaced_for_who_waits() {
    let (placement, link, peer) = place(1, 10).await;
    let _held = placement.lease().await.expect("a place");
    let waiter = Arc::clone(&placement);
    let second = tokio::spawn(async move { waiter.lease().await.map(drop) });
    until_waiting(&placement, 1).await;
    drop(peer);
    // The fleet has nothing to start, and says so: a start was tried.
    let error = second.await.expect("no panic").expect_err("no cordon");
    assert!(matches!(error, RequestError::Start(StartError::NoCordon(_))), "{error:?}");
    assert!(link.is_closed());
}

#[tokio::test]
async fn every_request_hears_of_a_start_that_fails() {
    let placement = homeless(Limits::default());
    let waiters: Vec<_> = (0..5)
        .map(|_| {
            let waiter = Arc::clone(&placement);
            tokio::spawn(async move { waiter.lease().await.map(drop) })
        })
        .collect();
    for waiter in waiters {
        let error = waiter.await.expect("no panic").expect_err("no cordon");
        assert!(matches!(error, RequestError::Start(StartError::NoCordon(_))), "{error:?}");
    }
}

#[tokio::test]
async fn who_waits_gets_a_place_in_an_isolate_that_starts() {
    let placement = homeless(Limits { concurrency: 1, ..Limits::default() });
    lock(&placement.state).starting = true;
    let waiters = [0, 1].map(|_| {
        let waiter = Arc::clone(&placement);
        tokio::spawn(async move { waiter.lease().await.map(drop) })
    });
    until_waiting(&placement, 2).await;
    let (weak, deployment) = (Arc::downgrade(&placement), Arc::clone(&placement.deployment));
    let (link, _peer) = starting(weak, deployment, Arc::default()).await;
    placement.adopt(&link);
    for waiter in waiters {
        waiter.await.expect("no panic").expect("a place");
    }
    assert!(!link.is_booted());
    assert!(!placement.evict(&link, Farewell::Idle), "it has yet to show that it starts");
}

#[tokio::test]
async fn an_isolate_that_starts_beside_another_gets_nothing_before_it_has() {
    let (placement, first, _peer) = place(10, 10).await;
    let _held = placement.lease().await.expect("a place");
    lock(&placement.state).starting = true;
    let (weak, deployment) = (Arc::downgrade(&placement), Arc::clone(&placement.deployment));
    let (link, mut peer) = starting(weak, deployment, Arc::default()).await;
    placement.adopt(&link);
    let _second = placement.lease().await.expect("a place");
    assert_eq!((first.load(), link.load()), (2, 0));
    peer.say(&[READY]).await;
    link.started().await.expect("it starts");
    placement.adopt(&link);
    let _third = placement.lease().await.expect("a place");
    assert_eq!((first.load(), link.load()), (2, 1));
}

#[tokio::test]
async fn who_shall_do_with_fewer_isolates_gets_others_only_when_those_are_full() {
    let (placement, first, _peer) = place(2, 10).await;
    let (weak, deployment) = (Arc::downgrade(&placement), Arc::clone(&placement.deployment));
    let (second, _other_peer) = placed(weak, deployment, Arc::default()).await;
    placement.adopt(&second);
    placement.preferred.store(1, Ordering::Relaxed);
    let mut held = Vec::new();
    for loads in [(1, 0), (2, 0), (2, 1)] {
        held.push(placement.lease().await.expect("a place"));
        assert_eq!((first.load(), second.load()), loads);
    }
    placement.preferred.store(usize::MAX, Ordering::Relaxed);
    drop(held.remove(2));
    held.push(placement.lease().await.expect("a place"));
    assert_eq!((first.load(), second.load()), (2, 1));
}

#[tokio::test]
async fn a_place_for_a_body_is_one_in_an_isolate_that_has_started() {
    let placement = homeless(Limits::default());
    lock(&placement.state).starting = true;
    let (weak, deployment) = (Arc::downgrade(&placement), Arc::clone(&placement.deployment));
    let (link, mut peer) = starting(weak, deployment, Arc::default()).await;
    placement.adopt(&link);
    let lease = placement.lease().await;
    let waiter = Arc::clone(&placement);
    let waiting = tokio::spawn(async move { waiter.started(lease).await.map(drop) });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    peer.say(&[READY]).await;
    waiting.await.expect("no panic").expect("a place");
}

#[tokio::test]
async fn retiring_serves_the_queue_first() {
    let (placement, _link, mut peer) = place(1, 10).await;
    let held = placement.lease().await.expect("a place");
    let waiter = Arc::clone(&placement);
    let second = tokio::spawn(async move { waiter.lease().await.map(drop) });
    until_waiting(&placement, 1).await;
    placement.retire();
    drop(held);
    second.await.expect("no panic").expect("a place");
    let told = peer.hear(|frame| frame == HostFrame::Shutdown { reason: Farewell::Replaced }).await;
    assert_eq!(told, Some(true));
}

#[tokio::test]
async fn retiring_does_not_wait_for_who_went_away() {
    // No isolate more: its start would look at the queue again.
    let placement = homeless(Limits { concurrency: 1, max_isolates: 1, ..Limits::default() });
    let (weak, deployment) = (Arc::downgrade(&placement), Arc::clone(&placement.deployment));
    let (link, mut peer) = placed(weak, deployment, Arc::default()).await;
    placement.adopt(&link);
    let held = placement.lease().await.expect("a place");
    let waiter = Arc::clone(&placement);
    let second = tokio::spawn(async move { waiter.lease().await.map(drop) });
    until_waiting(&placement, 1).await;
    placement.retire();
    second.abort();
    until_waiting(&placement, 0).await;
    drop(held);
    let told = peer.hear(|frame| frame == HostFrame::Shutdown { reason: Farewell::Replaced });
    let told = tokio::time::timeout(Duration::from_secs(10), told).await;
    assert_eq!(told.expect("it is told to go"), Some(true));
}

/// A request that the isolate of `link` has, and goes on with.
async fn occupied(link: &Arc<Link>, peer: &mut Peer) -> Exchange {
    let headers = HeaderMap::new();
    let Reserved::Lease(lease) = link.reserve() else { panic!("no place") };
    let exchange =
        Exchange::begin(lease, "GET", "http://a/", &headers, BodyHead::None, Chance::More, false);
    let exchange = exchange.unwrap_or_else(|failure| panic!("{failure:?}"));
    peer.request().await;
    exchange
}

/// So many isolates that take no more requests, each with one that lasts.
async fn leaving(placement: &Arc<Placement>, isolates: usize) -> Vec<(Peer, Exchange)> {
    let mut leaving = Vec::new();
    for _ in 0..isolates {
        let (weak, deployment) = (Arc::downgrade(placement), Arc::clone(&placement.deployment));
        let (link, mut peer) = placed(weak, deployment, Arc::default()).await;
        placement.adopt(&link);
        let exchange = occupied(&link, &mut peer).await;
        link.leave(Farewell::Recycled);
        lock(&placement.state).set_aside();
        leaving.push((peer, exchange));
    }
    leaving
}

#[tokio::test]
async fn isolates_that_were_sent_away_with_open_streams_do_not_keep_the_next_one_out() {
    let limits = Limits { max_isolates: 2, queue_ms: 1000, ..Limits::default() };
    let placement = homeless(limits);
    let _leaving = leaving(&placement, 2 * PARTINGS).await;
    // The fleet has nothing to start, and says so: a start was tried.
    let error = placement.lease().await.map(drop).expect_err("no cordon");
    assert!(matches!(error, RequestError::Start(StartError::NoCordon(_))), "{error:?}");
}

#[tokio::test]
async fn nobody_waits_longer_than_agreed_for_isolates_that_are_leaving() {
    let limits = Limits { max_isolates: 1, queue_ms: 1000, ..Limits::default() };
    let placement = homeless(limits);
    let _leaving = leaving(&placement, PARTINGS + LEAVING).await;
    tokio::time::pause();
    // On the same clock, which stands still while there is something else to do: it is late enough for any answer.
    tokio::select! {
        biased;
        lease = placement.lease() => {
            assert!(matches!(lease.map(drop), Err(RequestError::Overloaded)));
        }
        () = tokio::time::sleep(Duration::from_secs(3600)) => panic!("it waits still"),
    }
    assert!(!lock(&placement.state).starting, "there are too many already");
}

#[tokio::test]
async fn an_isolate_stays_when_those_that_were_replaced_cannot_go() {
    let placement = homeless(Limits { max_isolates: 2, ..Limits::default() });
    let mut stays = Vec::new();
    for _ in 0..4 {
        let (weak, deployment) = (Arc::downgrade(&placement), Arc::clone(&placement.deployment));
        let (link, mut peer) = placed(weak, deployment, Arc::default()).await;
        placement.adopt(&link);
        // One that lasts, and one that needs much.
        let stream = occupied(&link, &mut peer).await;
        let greedy = ask(&link);
        let id = peer.request().await;
        let soft = IsolateFrame::CpuSoft { stream: id, cpu_us: 1 };
        peer.say(&[soft, response(id, BodyHead::None), done(id)]).await;
        greedy.await.expect("a response");
        stays.push((link.is_open(), stream, peer));
    }
    let is_open: Vec<_> = stays.iter().map(|(is_open, ..)| *is_open).collect();
    assert_eq!(is_open, [false, false, true, true]);
}

#[tokio::test]
async fn who_was_kept_out_by_what_waits_gets_a_place_when_it_is_read() {
    // No isolate more: only this one's reading can help.
    let limits = Limits { concurrency: 100_000, max_isolates: 1, ..Limits::default() };
    let placement = homeless(limits);
    let (weak, deployment) = (Arc::downgrade(&placement), Arc::clone(&placement.deployment));
    let (link, mut peer) = placed(weak, deployment, Arc::default()).await;
    placement.adopt(&link);
    let (headers, body) = (HeaderMap::new(), vec![0; insula_wire::caps::INLINE_BODY]);
    let mut exchanges = Vec::new();
    while let Reserved::Lease(lease) = link.reserve() {
        let body = BodyHead::Inline(&body);
        let exchange =
            Exchange::begin(lease, "GET", "http://a/", &headers, body, Chance::More, false);
        exchanges.push(exchange.unwrap_or_else(|failure| panic!("{failure:?}")));
    }
    let waiter = Arc::clone(&placement);
    let waiting = tokio::spawn(async move { waiter.lease().await.map(drop) });
    until_waiting(&placement, 1).await;
    for _ in &exchanges {
        peer.request().await;
    }
    // None of them is over: the queue hears of the room alone.
    let waited =
        tokio::time::timeout(Duration::from_millis(placement.deployment.limits.queue_ms), waiting);
    waited.await.expect("in time").expect("no panic").expect("a place");
}
