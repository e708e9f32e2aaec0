//! Tries: to keep the host busy with frames that mean nothing.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("abort-flood")
        .frames(200_000, IsolateFrame::Abort { stream: 2 })
        .frames(200_000, IsolateFrame::Credit { stream: 2, bytes: 1 })
        .frame(response(2));
    let answer = forgery.done().carried_out(scene).await;
    // Its credit may have been too much in sum, which is its own fault.
    if let Ok(answer) = answer {
        assert!([200, 502].contains(&answer.status), "{answer:?}");
    }
}
