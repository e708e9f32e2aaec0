//! The cordons of a scene, and what the kernel says of them.

use std::fs;

use insula_tests::{App, Process};

pub use crate::driver::{Scene, User};

/// The kernel's names of the namespaces that a cordon has for itself.
pub const NAMESPACES: [&str; 6] = ["mnt", "net", "pid", "ipc", "uts", "cgroup"];

/// All cordons, among them one that holds a single tenant.
pub async fn cordons(scene: &Scene) -> Vec<Process> {
    let app = App::handler("() => new Response('alone')");
    scene.server.deploy_with("alone", &app, &["--wall", "process"]).await;
    scene.server.get("alone", "/").await.assert_ok("alone");
    let cordons = scene.server.cordons();
    assert!(cordons.len() > 1, "{cordons:?}");
    // One that is being started may not have locked itself in yet.
    let locked = |it: &Process| status(*it, "Seccomp").as_deref() == Some("2");
    let locked: Vec<_> = cordons.into_iter().filter(locked).collect();
    assert!(locked.len() > 1, "{locked:?}");
    locked
}

/// A line of a process's status.
pub fn status(process: Process, name: &str) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{}/status", process.id())).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What tells a namespace of a process's from another.
pub fn namespace(process: Process, kind: &str) -> Option<String> {
    let link = fs::read_link(format!("/proc/{}/ns/{kind}", process.id())).ok()?;
    Some(link.display().to_string())
}
