//! Tries: to write lines of the host's own into its log, and to drive the terminal that shows it.

use super::forgery::*;

const LINES: &[u8] = b"\",\"level\":\"ERROR\",\"forged\":\"1\"}\n{\"level\":\"ERROR\",\"message\":\"forged 2\"}\n\
    \x1b[2J\x1b]0;title\x07\r{\"message\":\"forged 3\"}\0\xff\n";

pub async fn attack(scene: &Scene) {
    let log = scene.server.log().len();
    let line = format!("error 1 {}", hex(LINES));
    let forgery = Forgery::new("log-lines").line(&line).frame(response(2)).done();
    let answer = forgery.carried_out(scene).await.expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
    is_told(scene, log, "forged 3").await;
    let text = scene.server.log();
    for line in text[log..].lines() {
        let event: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        let message = event["message"].as_str().unwrap_or_default();
        assert!(event.get("forged").is_none() && !message.starts_with("forged"), "{line}");
        assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
    }
}
