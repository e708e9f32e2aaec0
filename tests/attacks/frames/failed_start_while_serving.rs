//! Tries: to report a failed start when it serves already.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("failed_start_while_serving")
        .frame(IsolateFrame::BootFailed {
            failure: BootFailure::Exception,
            error: ErrorReport::default(),
        });
    forgery.ends_the_link(scene, "out of turn").await;
}
