//! Tries: to make the connection of a client its own by switching protocols.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("switching").response(101, b"upgrade\nx\nconnection\nupgrade\n");
    let answer = forgery.done().carried_out(scene).await;
    // Nobody asked for another protocol: the client gets an error, or its connection closed.
    if let Ok(answer) = answer {
        assert!(answer.status >= 400 || answer.body.is_empty(), "{answer:?}");
    }
}
