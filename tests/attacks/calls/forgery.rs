//! What the attacks on the kernel share.

pub use crate::driver::Scene;
use crate::frames::forgery::{Forgery, is_told};

/// Whether a call may be told from one that was never made.
const KILLED: &str = "SIGSYS";

/// The kernel ends the cordon for it, which the host logs with the signal.
pub async fn is_killed(scene: &Scene, call: &str) {
    let log = scene.server.log().len();
    let answer = attempt(scene, call).await;
    assert!(answer.is_none(), "the process lives: {answer:?}");
    is_told(scene, log, KILLED).await;
}

/// It is let through to the kernel, which refuses it: there is nothing to reach.
pub async fn is_refused(scene: &Scene, call: &str) {
    let answer = attempt(scene, call).await;
    let answer = answer.expect("the process lives");
    assert!(answer.starts_with(&format!("{call}: refused")), "{answer}");
}

/// One of both.
pub async fn is_held(scene: &Scene, call: &str) {
    let answer = attempt(scene, call).await;
    let answer = answer.unwrap_or_else(|| format!("{call}: refused"));
    assert!(answer.starts_with(&format!("{call}: refused")), "{answer}");
}

/// Has the call made; returns what the cordon has to say about it, if it can still say something.
async fn attempt(scene: &Scene, call: &str) -> Option<String> {
    let forgery = Forgery::new(&format!("call-{call}")).line(&format!("call {call}"));
    let answer = forgery.carried_out(scene).await.ok()?;
    match answer.status {
        200 => Some(answer.text().to_owned()),
        _ => {
            answer.assert_error(502, "cordon-crashed");
            None
        }
    }
}
