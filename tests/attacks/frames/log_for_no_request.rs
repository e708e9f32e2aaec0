//! Tries: to log in the name of a request that there is not.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("log_for_no_request")
        .frame(IsolateFrame::Log { stream: 400, level: LogLevel::Log, text: "not mine" });
    forgery.ends_the_link(scene, "which is not open").await;
}
