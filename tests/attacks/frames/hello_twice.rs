//! Tries: to begin the conversation anew in its middle.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("hello_twice").frame(IsolateFrame::Hello { version: insula_wire::VERSION });
    forgery.ends_the_link(scene, "Hello out of turn").await;
}
