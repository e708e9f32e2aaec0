//! Tries: to fill the host's memory and its log with lines, of which the sandbox counts none.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let text = "x".repeat(60_000);
    let log = scene.server.log().len();
    let line = IsolateFrame::Log { stream: 2, level: LogLevel::Log, text: &text };
    let stray = IsolateFrame::Log { stream: 0, level: LogLevel::Log, text: &text };
    let forgery = Forgery::new("log-flood").frames(2000, line).frames(2000, stray);
    let answer = forgery.frame(response(2)).done().carried_out(scene).await.expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
    let news = scene.server.log().len() - log;
    assert!(news < 64 << 10, "the host's log grew by {news} bytes");
}
