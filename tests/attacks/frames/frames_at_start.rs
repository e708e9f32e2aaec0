//! Tries: to answer, to log and to fetch before it has started.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    for (frame, told) in [
        (response(2), "which is not open"),
        (IsolateFrame::Hello { version: 1 }, "Hello out of turn"),
        (fetch(1, 2, "http://127.0.0.1/"), "which is not open"),
        (IsolateFrame::End { stream: 1 }, "which is not open"),
    ] {
        let forgery = Forgery::new("at-start").frame(frame);
        forgery.fails_the_deploy(scene, told).await;
    }
}
