//! What the attacks on the control link share.

use insula_tests::App;

pub use crate::driver::Scene;
pub use crate::frames::forgery::{Forgery, hex, is_told, response};
pub use insula_wire::{CordonMessage, ExitReason, VERSION};

/// Sends a packet on the control link, many times: the host must end this cordon, and log why.
pub async fn ends_the_cordon(scene: &Scene, times: u32, packet: &[u8], told: &str) {
    let log = scene.server.log().len();
    let line = format!("control {times} {}", hex(packet));
    // Whether the answer still gets out is a race; the tenant is served again in any case.
    let _ = Forgery::new("control").line(&line).line("stall").carried_out(scene).await;
    is_told(scene, log, told).await;
    is_told(scene, log, "cordon ended").await;
}

/// The report of an isolate's end.
pub fn exited(isolate: u64) -> Vec<u8> {
    CordonMessage::Exited { isolate, reason: ExitReason::Closed }.encode()
}

/// A file beside the binaries makes every cordon that starts from now on greet so. The one for a
/// tenant of its own comes to nothing, while those that are there go on; then all is well again.
pub async fn spoils_new_cordons(scene: &Scene, handshake: &str, told: &str) {
    let log = scene.server.log().len();
    scene.binaries.write("handshake", handshake);
    let app = App::module("export default {};");
    // Some spare cordons greeted before.
    let mut runs = Vec::new();
    let mut refused = false;
    for number in 0..6 {
        let tenant = format!("newcomer-{number}");
        let run = scene.server.try_deploy(&tenant, &app, &["--wall", "process"]).await;
        refused |= run.code == Some(1);
        runs.push((run.code, run.stdout, run.stderr));
        if refused {
            break;
        }
    }
    assert!(refused, "nobody noticed how cordons greet now: {runs:?}");
    is_told(scene, log, told).await;
    scene.binaries.remove("handshake");
    insula_tests::eventually("new tenants to find a cordon again", async || {
        let run = scene.server.try_deploy("newcomer", &app, &["--wall", "process"]).await;
        (run.code == Some(0)).then_some(())
    })
    .await;
    for tenant in (0..6).map(|number| format!("newcomer-{number}")).chain(["newcomer".to_owned()]) {
        scene.delete(&tenant).await;
    }
}
