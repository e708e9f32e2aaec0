use std::path::PathBuf;

use insula_tests::{Options, Process, Server, control_groups, descendants, eventually};

use crate::{ORDINARY, is_root, starters};

async fn started(starter: Option<u32>) -> (Server, Vec<Process>) {
    let server = Server::with(Options::default().user(starter)).await;
    eventually("two cordons", async || (server.cordons().len() >= 2).then_some(())).await;
    server.handler("alice", "() => new Response('here')").await;
    server.get("alice", "/").await.assert_ok("here");
    let all = descendants(server.process());
    // The launcher, and for each cordon its relay.
    assert!(all.len() >= 5, "{all:?}");
    (server, all)
}

async fn all_gone(all: &[Process]) {
    eventually("the end of every process", async || {
        all.iter().all(|process| !process.is_alive()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn nothing_outlives_a_killed_server() {
    for starter in starters() {
        let (mut server, all) = started(starter).await;
        let launcher = server.launcher();
        server.process().kill();
        server.ended().await;
        all_gone(&all).await;
        eventually("no control group", async || control_groups(launcher).is_empty().then_some(()))
            .await;
    }
}

#[tokio::test]
async fn a_server_ends_with_its_launcher() {
    for starter in starters() {
        let (mut server, all) = started(starter).await;
        let launcher = server.launcher();
        launcher.kill();
        let status = server.ended().await;
        assert_eq!(status.code(), Some(1), "{}", server.log());
        all_gone(&all).await;
        assert!(server.log().contains("launcher has ended"), "{}", server.log());
        // What a killed launcher cannot remove goes with the next start.
        let _next = Server::with(Options::default().user(starter)).await;
        assert_eq!(control_groups(launcher), [] as [PathBuf; 0]);
    }
}

#[tokio::test]
async fn a_stopped_server_leaves_nothing() {
    for starter in starters() {
        let (server, all) = started(starter).await;
        let launcher = server.launcher();
        // As a service manager does that tells every process of a service.
        all.iter().for_each(|process| process.terminate());
        server.get("alice", "/").await.assert_ok("here");
        assert!(all.iter().all(|process| process.is_alive()), "{all:?}");
        let _folder = server.end().await;
        assert!(all.iter().all(|process| !process.is_alive()), "{all:?}");
        assert_eq!(control_groups(launcher), [] as [PathBuf; 0]);
    }
}

#[tokio::test]
async fn who_serves_cannot_end_the_launcher_of_root() {
    if !is_root() {
        return;
    }
    let server = Server::start().await;
    let uid = server.process().status("Uid");
    let uid: u32 = uid.split_whitespace().next().and_then(|uid| uid.parse().ok()).expect("a user");
    assert_ne!(uid, ORDINARY);
    use std::os::unix::process::CommandExt;
    let mut kill = std::process::Command::new("kill");
    let kill = kill.args(["-9", &server.launcher().id().to_string()]).uid(uid).gid(uid);
    assert!(!kill.status().expect("kill runs").success());
    assert!(server.launcher().is_alive());
}
