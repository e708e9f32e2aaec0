use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use insula_tests::{Options, Server, Stopped};

const KEY: &str = "a3f1c2030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const OTHER: &str = "b3f1c2030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const SHOW: &str = "(request, env) => new Response(String(env.KEY))";

async fn with_secret(options: Options) -> Server {
    let server = Server::with(options).await;
    server.handler("alice", SHOW).await;
    server.command(&["secret", "put", "alice", "KEY"]).input(b"value").run().await.succeeded();
    server
}

/// A start that must fail, and be the operator's; what it says.
async fn refused(stopped: &Stopped) -> String {
    operators(stopped.command().run().await.failed(1))
}

fn operators(shown: String) -> String {
    assert!(shown.contains("blame: the server's machine or configuration"), "{shown}");
    shown
}

#[tokio::test]
async fn a_lost_key_ends_the_start_and_its_return_mends_it() {
    let stopped = with_secret(Options::default()).await.kill();
    let path = stopped.data().join("secrets.key");
    let aside = stopped.data().join("elsewhere");
    fs::rename(&path, &aside).unwrap();
    for _ in 0..2 {
        let shown = refused(&stopped).await;
        assert!(shown.contains("secrets.key is missing"), "{shown}");
        assert!(!path.exists());
    }
    fs::rename(&aside, &path).unwrap();
    stopped.start().await.get("alice", "/").await.assert_ok("value");
}

#[tokio::test]
async fn a_key_that_others_can_read_ends_the_start() {
    let stopped = with_secret(Options::default()).await.kill();
    let path = stopped.data().join("secrets.key");
    let set_mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    set_mode(0o644);
    let shown = refused(&stopped).await;
    assert!(shown.contains("secrets.key") && shown.contains("644"), "{shown}");
    let key = fs::read_to_string(&path).unwrap();
    assert!(!shown.contains(key.trim()), "{shown}");
    set_mode(0o600);
    stopped.start().await.get("alice", "/").await.assert_ok("value");
}

#[tokio::test]
async fn a_key_from_the_environment_is_needed_again_and_checked() {
    let server = with_secret(Options::default().env("INSULA_SECRETS_KEY", KEY)).await;
    assert!(!server.data().join("secrets.key").exists());
    let stopped = server.kill();
    let shown = refused(&stopped).await;
    assert!(shown.contains("secrets.key is missing"), "{shown}");
    for (value, word) in
        [(OTHER, "not the one"), (&KEY[1..], "INSULA_SECRETS_KEY"), ("", "INSULA_SECRETS_KEY")]
    {
        let run = stopped.command().env("INSULA_SECRETS_KEY", value).run().await;
        let shown = operators(run.failed(1));
        assert!(shown.contains(word), "{shown}");
        assert!(value.is_empty() || !shown.contains(value), "{shown}");
    }
    let server = stopped.start().await;
    server.get("alice", "/").await.assert_ok("value");
}

#[tokio::test]
async fn a_key_file_that_the_configuration_names_is_used_and_never_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("insula.key");
    let write = |key: &str| {
        fs::write(&path, key).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    };
    write(KEY);
    let config = format!("[secrets]\nkey_file = {path:?}\n");
    let server = with_secret(Options::config(config)).await;
    assert!(!server.data().join("secrets.key").exists());
    let stopped = server.kill();
    fs::remove_file(&path).unwrap();
    let shown = refused(&stopped).await;
    assert!(shown.contains("insula.key"), "{shown}");
    assert!(!path.exists());
    write(OTHER);
    let shown = refused(&stopped).await;
    assert!(shown.contains("insula.key") && shown.contains("not the one"), "{shown}");
    write(KEY);
    stopped.start().await.get("alice", "/").await.assert_ok("value");
}
