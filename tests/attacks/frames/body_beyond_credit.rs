//! Tries: to fill the host with a body that nobody reads.

use insula_tests::get;

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let chunk = IsolateFrame::Chunk { stream: 2, bytes: &[b'x'; 64 << 10] };
    let forgery = Forgery::new("beyond-credit").frame(streamed(2)).frames(500, chunk);
    forgery.deploy(scene, &[]).await;
    let log = scene.server.log().len();
    let before = scene.server.process().resident_bytes();
    let mut client = scene.server.connect().await;
    // Who read it would grant more.
    let exchange = client.open(get("beyond-credit", "/attack")).await;
    is_told(scene, log, "exceeds its credit").await;
    let grown = scene.server.process().resident_bytes().saturating_sub(before);
    assert!(grown < GROWTH, "the host grew by {grown} bytes");
    let is_error = exchange.status == 502;
    let answer = exchange.try_whole().await;
    assert!(is_error || answer.is_err(), "a body that broke off looks whole: {answer:?}");
    assert!(scene.delete("beyond-credit").await.status < 300);
}
