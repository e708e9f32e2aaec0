//! Tries: to have the author shown files of the host's as the place of an error.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let error = ErrorReport {
        message: "\u{1b}[2J\u{1b}]0;title\u{7} cleared",
        stack: "at file:///etc/passwd:1",
        file: "../../../../../etc/passwd",
        line: 1,
        column: 1,
    };
    let frame = IsolateFrame::BootFailed { failure: BootFailure::Exception, error };
    let forgery = Forgery::new("wrong-stack").frame(frame);
    let said = forgery.fails_the_deploy(scene, "").await;
    assert!(!said.contains("root:"), "{said}");
    assert!(!said.contains('\u{1b}'), "the author's terminal was driven: {said:?}");
}
