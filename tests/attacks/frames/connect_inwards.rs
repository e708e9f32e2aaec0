//! Tries: to open WebSockets to what is inside: the platform inside the wall would not have asked.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let admin = format!("http://{}/v1/tenants", scene.server.admin());
    let urls = [admin.as_str(), "http://169.254.169.254/", "http://[::1]/", "file:///etc/passwd", "ws://127.0.0.1/", ""];
    let mut forgery = Forgery::new("connect_inwards");
    for (n, url) in (0..).zip(urls) {
        forgery = forgery.frame(connect(2 * n + 1, 2, url));
    }
    let answer = forgery.frame(response(2)).done().carried_out(scene).await;
    assert_eq!(answer.map(|answer| answer.status), Ok(200));
}
