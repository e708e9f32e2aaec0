//! Tries: to fill the host's memory with errors that name files and lines at will.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let stack = "x".repeat(30_000);
    let error = ErrorReport {
        message: "m",
        stack: &stack,
        file: "../../../../etc/passwd",
        line: u32::MAX,
        column: u32::MAX,
    };
    let forgery = Forgery::new("exception-flood")
        .frames(2000, IsolateFrame::Exception { stream: 2, error })
        .frame(response(2));
    let answer = forgery.done().carried_out(scene).await.expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
}
