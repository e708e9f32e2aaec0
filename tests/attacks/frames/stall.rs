//! Tries: never to read again, while its clients send and send.

use futures_util::future::join_all;
use http::Request;
use insula_tests::{host, whole};

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    // What it writes to standard error is in the host's log: so it is known to have stalled.
    let forgery = Forgery::new("stall").line(&format!("error 1 {}", hex(b"stalled now\n")));
    forgery.line("stall").deploy(scene, &["--wall-ms", "1500"]).await;
    let before = scene.server.process().resident_bytes();
    let ask = |path: &'static str, size: usize| async move {
        let request = Request::post(path).header("host", host("stall"));
        let request = request.body(whole(vec![b'x'; size])).expect("a request");
        scene.server.connect().await.try_send(request).await
    };
    let from = scene.server.log().len();
    let sending = async {
        is_told(scene, from, "stalled now").await;
        join_all((0..8).map(|_| ask("/more", 32 << 20))).await
    };
    let (stalled, others) = tokio::join!(ask("/attack", 10), sending);
    for answer in others.into_iter().chain([stalled]).flatten() {
        assert!(answer.status >= 500, "{answer:?}");
    }
    let grown = scene.server.process().resident_bytes().saturating_sub(before);
    assert!(grown < GROWTH, "the host grew by {grown} bytes");
    assert!(scene.delete("stall").await.status < 300);
}
