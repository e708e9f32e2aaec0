use insula_wire::{BodyHead, HeaderBlock, IsolateFrame, RedirectMode, caps};

use super::{Peer, done, link, response, send, streamed};
use crate::Limits;
use crate::link::Link;

/// The peer says `frames`; the host must end the link.
async fn ends(link: &Link, peer: &mut Peer, frames: &[IsolateFrame<'_>]) {
    peer.say(frames).await;
    while peer.hear(|_| ()).await.is_some() {}
    assert!(link.is_closed());
}

fn fetch(stream: u32, parent: u32) -> IsolateFrame<'static> {
    IsolateFrame::Fetch {
        stream,
        parent,
        redirect: RedirectMode::Follow,
        method: "GET",
        url: "http://a/never",
        headers: HeaderBlock::default(),
        body: BodyHead::None,
    }
}

#[tokio::test]
async fn a_response_that_nobody_asked_for_ends_the_link() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    ends(&link, &mut peer, &[response(2, BodyHead::None)]).await;
}

#[tokio::test]
async fn a_second_response_ends_the_link() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let _exchange = send(&link, BodyHead::None);
    let stream = peer.request().await;
    let answer = response(stream, BodyHead::None);
    ends(&link, &mut peer, &[answer, answer]).await;
}

#[tokio::test]
async fn done_without_an_answer_ends_the_link() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let exchange = send(&link, BodyHead::None);
    let stream = peer.request().await;
    ends(&link, &mut peer, &[done(stream)]).await;
    exchange.await.expect_err("no answer");
}

#[tokio::test]
async fn a_second_done_ends_the_link() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let _exchange = send(&link, BodyHead::None);
    let stream = peer.request().await;
    ends(&link, &mut peer, &[response(stream, BodyHead::None), done(stream), done(stream)]).await;
}

#[tokio::test]
async fn a_chunk_after_the_end_ends_the_link() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let (stream, _response) = streamed(&link, &mut peer).await;
    let chunk = IsolateFrame::Chunk { stream, bytes: b"x" };
    ends(&link, &mut peer, &[IsolateFrame::End { stream }, chunk]).await;
}

#[tokio::test]
async fn a_chunk_without_a_body_ends_the_link() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let _exchange = send(&link, BodyHead::None);
    let stream = peer.request().await;
    ends(&link, &mut peer, &[IsolateFrame::Chunk { stream, bytes: b"x" }]).await;
}

#[tokio::test]
async fn bytes_beyond_the_credit_end_the_link() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let (stream, _response) = streamed(&link, &mut peer).await;
    let chunk = IsolateFrame::Chunk { stream, bytes: &[0; caps::CHUNK] };
    let chunks = vec![chunk; caps::INITIAL_CREDIT as usize / caps::CHUNK + 1];
    ends(&link, &mut peer, &chunks).await;
}

#[tokio::test]
async fn credit_that_overflows_ends_the_link() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let _exchange = send(&link, BodyHead::Stream { length: None });
    let stream = peer.request().await;
    ends(&link, &mut peer, &[IsolateFrame::Credit { stream, bytes: caps::MAX_CREDIT }]).await;
}

#[tokio::test]
async fn a_fetch_on_a_used_stream_ends_the_link() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    let _exchange = send(&link, BodyHead::None);
    let parent = peer.request().await;
    ends(&link, &mut peer, &[fetch(3, parent), fetch(1, parent)]).await;
}

#[tokio::test]
async fn a_fetch_for_a_request_that_never_was_ends_the_link() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    ends(&link, &mut peer, &[fetch(1, 40)]).await;
}

#[tokio::test]
async fn a_second_greeting_ends_the_link() {
    let (link, mut peer, _notes) = link(Limits::default()).await;
    ends(&link, &mut peer, &[IsolateFrame::Hello { version: insula_wire::VERSION }]).await;
}
