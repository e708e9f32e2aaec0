use insula_wire::{BodyHead, ErrorReport, FailureCode, HeaderBlock, IsolateFrame, LogLevel, caps};

use super::{done, link, read_all, response, send, streamed};
use crate::link::{Failure, Reserved};
use crate::sync::lock;
use crate::{Limits, RequestError, TenantEvent};

#[tokio::test]
async fn an_inline_response_arrives_whole() {
    let (link, mut peer, notes) = link(Limits::default()).await;
    let exchange = send(&link, BodyHead::None);
    let stream = peer.request().await;
    peer.say(&[response(stream, BodyHead::Inline(b"hello")), done(stream)]).await;
    let response = exchange.await.expect("a response");
    assert_eq!(response.headers()["x-from"], "peer");
    let body = read_all(response).await.expect("a body");
    assert_eq!(body, "hello");
    let events = lock(&notes.events);
    let [TenantEvent::Outcome(outcome)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(outcome.request_line, "GET http://a/");
    assert!(matches!(outcome.result, Ok(200)));
    assert_eq!(outcome.cpu_us, 7);
    assert!(lock(&link.state).requests.is_empty());
}

#[tokio::test]
async fn answers_find_their_requests_in_any_order() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let (first, second) = (send(&link, BodyHead::None), send(&link, BodyHead::None));
    let (a, b) = (peer.request().await, peer.request().await);
    assert_ne!(a, b);
    peer.say(&[response(b, BodyHead::Inline(b"b")), response(a, BodyHead::Inline(b"a"))]).await;
    for (exchange, expected) in [(first, "a"), (second, "b")] {
        let response = exchange.await.expect("a response");
        let body = read_all(response).await.expect("a body");
        assert_eq!(body, expected);
    }
}

#[tokio::test]
async fn a_streamed_body_flows_as_it_is_read() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let (stream, response) = streamed(&link, &mut peer).await;
    let total = 4 * caps::INITIAL_CREDIT as usize;
    let sender = tokio::spawn(async move {
        let (mut credit, mut left) = (caps::INITIAL_CREDIT as usize, total);
        while left > 0 {
            while credit < caps::CHUNK {
                let granted = peer.hear(|frame| match frame {
                    insula_wire::HostFrame::Credit { bytes, .. } => bytes as usize,
                    other => panic!("{other:?}"),
                });
                credit += granted.await.expect("credit");
            }
            peer.say(&[IsolateFrame::Chunk { stream, bytes: &[b'x'; caps::CHUNK] }]).await;
            credit -= caps::CHUNK;
            left -= caps::CHUNK;
        }
        peer.say(&[IsolateFrame::End { stream }, done(stream)]).await;
        peer
    });
    let body = read_all(response).await.expect("a body");
    assert_eq!(body.len(), total);
    drop(sender.await.expect("sent"));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_error() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let (stream, response) = streamed(&link, &mut peer).await;
    peer.say(&[IsolateFrame::Error { stream, message: "lost it" }, done(stream)]).await;
    let error = read_all(response).await.expect_err("broken");
    assert!(error.to_string().contains("lost it"), "{error}");
}

#[tokio::test]
async fn a_failure_says_where_it_happened() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let exchange = send(&link, BodyHead::None);
    let stream = peer.request().await;
    let error = ErrorReport { message: "1", stack: "", file: "index.js", line: 2, column: 13 };
    peer.say(&[IsolateFrame::Failed { stream, code: FailureCode::Exception, error }]).await;
    let Err(Failure::Final(RequestError::Tenant { code, detail })) = exchange.await else {
        panic!("no failure")
    };
    assert_eq!(code, FailureCode::Exception);
    assert_eq!((detail.file.as_str(), detail.line, detail.column), ("index.js", 2, 13));
}

#[tokio::test]
async fn a_header_that_http_cannot_carry_fails_the_request_only() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let exchange = send(&link, BodyHead::None);
    let stream = peer.request().await;
    let headers = HeaderBlock::parse(b"x-bell\n\x07\n").expect("the wire takes it");
    let (status, status_text, body) = (200, "", BodyHead::Inline(b"x"));
    peer.say(&[IsolateFrame::Response { stream, status, status_text, headers, body }]).await;
    let failure = exchange.await.expect_err("illegal");
    let Failure::Final(RequestError::Tenant { code: FailureCode::NotAResponse, .. }) = failure
    else {
        panic!("{failure:?}")
    };
    assert!(!link.is_closed());
}

#[tokio::test]
async fn logs_carry_their_requests_number_within_its_budget() {
    let limits = Limits { log_bytes: 8, ..Limits::default() };
    let (link, mut peer, notes) = link(limits).await;
    let exchange = send(&link, BodyHead::None);
    let stream = peer.request().await;
    let log = |text| IsolateFrame::Log { stream, level: LogLevel::Warn, text };
    peer.say(&[log("12345"), log("67890"), log("x"), response(stream, BodyHead::None)]).await;
    exchange.await.expect("a response");
    let events = lock(&notes.events);
    let [TenantEvent::Log(first), TenantEvent::Log(cut)] = &events[..] else {
        panic!("{events:?}")
    };
    assert!(first.request.is_some() && first.request == cut.request);
    assert_eq!((first.text.as_str(), cut.text.as_str()), ("12345", "[log truncated]"));
}

#[tokio::test]
async fn no_more_is_asked_of_an_isolate_whose_answers_fill_the_host() {
    let limits = Limits { memory_mb: 1, concurrency: 100, ..Limits::default() };
    let (link, mut peer, _notes) = link(limits).await;
    let mut unread = Vec::new();
    while let Reserved::Lease(lease) = link.reserve() {
        drop(lease);
        let (stream, response) = streamed(&link, &mut peer).await;
        let chunk = vec![0; caps::CHUNK];
        for _ in 0..caps::INITIAL_CREDIT as usize / caps::CHUNK {
            peer.say(&[IsolateFrame::Chunk { stream, bytes: &chunk }]).await;
        }
        peer.say(&[IsolateFrame::End { stream }, done(stream)]).await;
        unread.push(response);
        let sent = unread.len() as u64 * u64::from(caps::INITIAL_CREDIT);
        while lock(&link.state).held.bytes() < sent {
            tokio::task::yield_now().await;
        }
        assert!(unread.len() < 20, "nothing holds it back");
    }
    assert_eq!(unread.len(), 5, "four fill the limit, one goes beyond it");
    unread.pop();
    assert!(matches!(link.reserve(), Reserved::Lease(_)));
}
