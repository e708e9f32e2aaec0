//! Tries: to have the host fetch from loopback with URLs that no engine would have let pass.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let port = scene.canary.address().port();
    let mut forgery = Forgery::new("fetch-inwards");
    let urls = [
        format!("http://127.0.0.1:{port}/"),
        format!("http://127.1:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f000001:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://LOCALHOST:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://x@127.0.0.1:{port}/"),
        format!("http://0:{port}/"),
        format!("127.0.0.1:{port}"),
        "file:///etc/passwd".to_owned(),
        String::new(),
        "http://".to_owned(),
        "http://a b/".to_owned(),
        "http://a\r\nx: y/".to_owned(),
    ];
    for (number, url) in (0..).zip(&urls) {
        forgery = forgery.frame(fetch(2 * number + 1, 2, url));
    }
    // The refusals are read by nobody; that the canary was not reached, the driver sees.
    let answer = forgery.frame(response(2)).carried_out(scene).await.expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
}
