//! Tries: to say nothing at all, and to let everybody wait.

use std::time::Duration;

use insula_tests::{App, eventually};

use crate::control::forgery::*;

pub async fn attack(scene: &Scene) {
    let log = scene.server.log().len();
    scene.binaries.write("handshake", "hello ");
    let app = App::module("export default {};");
    // A new tenant takes a spare cordon, and a silent one starts in its place, unless another was
    // on its way.
    let tenant = |number: usize| format!("patient-{number}");
    let mut number = 0;
    loop {
        // It may be too late for this one already.
        let _ = scene.server.try_deploy(&tenant(number), &app, &["--wall", "process"]).await;
        number += 1;
        let told = is_told(scene, log, "says nothing");
        if tokio::time::timeout(Duration::from_secs(1), told).await.is_ok() {
            break;
        }
        assert!(number < 5, "no silent cordon was started");
    }
    scene.binaries.remove("handshake");
    is_told(scene, log, "no greeting within").await;
    for number in 0..number {
        scene.delete(&tenant(number)).await;
    }
    eventually("new tenants to find a cordon again", async || {
        let run = scene.server.try_deploy("patient", &app, &["--wall", "process"]).await;
        (run.code == Some(0)).then_some(())
    })
    .await;
    scene.delete("patient").await;
}
