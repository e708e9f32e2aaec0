use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use insula_tests::{Command, Options, Server};

use crate::{is_root, server_of, starters};

/// Everything in a folder, and the folder.
fn all(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![folder.to_owned()];
    let mut at = 0;
    while at < all.len() {
        let inside = fs::read_dir(&all[at]).into_iter().flatten().flatten();
        all.extend(inside.map(|entry| entry.path()).collect::<Vec<_>>());
        at += 1;
    }
    all
}

async fn fails(data: &Path) -> String {
    let serve = ["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data"];
    let arguments = serve.into_iter().chain([data.to_str().expect("a path in UTF-8")]);
    Command::insula(arguments).run().await.failed(1)
}

#[tokio::test]
async fn the_data_folder_belongs_to_who_serves_and_to_nobody_else() {
    for starter in starters() {
        let server = Server::with(Options::default().user(starter)).await;
        server.handler("alice", "() => new Response('here')").await;
        for path in all(&server.data()) {
            let Ok(stat) = path.symlink_metadata() else { continue };
            assert_eq!(stat.uid(), server_of(starter), "{}", path.display());
        }
        for name in ["admin-token", "run.json", "lock"] {
            let stat = fs::metadata(server.data().join(name)).expect("is there");
            assert_eq!(stat.mode() & 0o777, 0o600, "{name}");
        }
        assert_eq!(fs::metadata(server.data()).expect("is there").mode() & 0o777, 0o700);
    }
}

#[tokio::test]
async fn a_folder_that_root_served_from_goes_on_to_serve() {
    if !is_root() {
        return;
    }
    let server = Server::start().await;
    server.handler("alice", "() => new Response('here')").await;
    let data = server.data();
    let stopped = server.end().await;
    // As a server that remained root has left it.
    for path in all(&data) {
        chown(&path, Some(0), Some(0)).expect("root takes it back");
    }
    let server = stopped.start().await;
    server.get("alice", "/").await.assert_ok("here");
    let server = server.end().await.start().await;
    server.get("alice", "/").await.assert_ok("here");
}

#[tokio::test]
async fn somebody_else_s_folder_is_refused() {
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    fs::create_dir(&data).expect("a folder");
    chown(&data, Some(7), Some(7)).expect("gives");
    let shown = fails(&data).await;
    assert!(shown.contains("belongs to user 7"), "{shown}");
    assert!(shown.contains("`user`"), "{shown}");
    assert_eq!(fs::metadata(&data).expect("is there").uid(), 7);
}

#[tokio::test]
async fn a_folder_that_who_serves_cannot_reach_is_refused() {
    if !is_root() {
        return;
    }
    let outer = tempfile::tempdir().expect("a folder");
    fs::set_permissions(outer.path(), Permissions::from_mode(0o700)).expect("closes");
    let shown = fails(&outer.path().join("a/data")).await;
    let closed = outer.path().to_str().expect("a path in UTF-8");
    assert!(shown.contains(&format!("{closed} is closed")), "{shown}");
}

#[tokio::test]
async fn a_key_for_root_alone_is_read_before_root_goes() {
    if !is_root() {
        return;
    }
    let outer = tempfile::tempdir().expect("a folder");
    fs::set_permissions(outer.path(), Permissions::from_mode(0o700)).expect("closes");
    let key = outer.path().join("key");
    fs::write(&key, "0123456789abcdef".repeat(4)).expect("writes");
    fs::set_permissions(&key, Permissions::from_mode(0o600)).expect("closes");
    let config = format!("[secrets]\nkey_file = {key:?}\n");
    let server = Server::with(Options::config(config)).await;
    server.handler("alice", "(_, env) => new Response(env.KEY)").await;
    let put = server.command(&["secret", "put", "alice", "KEY"]).input(b"secret").run().await;
    put.succeeded();
    let server = server.end().await.start().await;
    server.get("alice", "/").await.assert_ok("secret");
    assert_eq!(fs::metadata(&key).expect("is there").uid(), 0);
}

#[tokio::test]
async fn links_in_the_folder_lead_root_nowhere() {
    if !is_root() {
        return;
    }
    let server = Server::start().await;
    let data = server.data();
    let stopped = server.end().await;
    let target = tempfile::NamedTempFile::new().expect("a file");
    for (name, help) in [("lock", "cannot lock"), ("more", "neither a file nor a folder")] {
        let link = data.join(name);
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(target.path(), &link).expect("links");
        let shown = fails(&data).await;
        assert!(shown.contains(help), "{shown}");
        fs::remove_file(&link).expect("is there");
    }
    assert_eq!(fs::metadata(target.path()).expect("is there").uid(), 0);
    drop(stopped);
}
