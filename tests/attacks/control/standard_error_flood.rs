//! Tries: to fill the host's log through its standard error.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let log = scene.server.log().len();
    let line = format!("error 60000 {}", hex(b"a line of a flood\n"));
    let forgery = Forgery::new("error-flood").line(&line).frame(response(2)).done();
    let answer = forgery.carried_out(scene).await.expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
    let news = scene.server.log().len() - log;
    assert!(news < 1 << 20, "the host's log grew by {news} bytes");
}
