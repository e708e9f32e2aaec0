//! A map is data of somebody who is not trusted: whatever it says, the deploy succeeds, the author
//! is warned, and errors are told as if there were none.

use insula_tests::{App, Server};

async fn deploy(server: &Server, map: &str) -> String {
    let app = App::files(&[
        ("index.js", "export default { fetch() { throw new Error('told') } };\n"),
        ("index.js.map", map),
    ]);
    let run = server.try_deploy("alice", &app, &[]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    run.stderr
}

#[tokio::test]
async fn what_is_no_map_is_ignored_with_a_warning() {
    let server = Server::start().await;
    for map in [
        String::new(),
        "<html>".to_owned(),
        r#"{"version":3,"sources":["a"],"mappings":"gggggggggggggggggggggA"}"#.to_owned(),
        r#"{"version":3,"sources":["a"],"mappings":"AAgggD"}"#.to_owned(),
        format!(r#"{{"version":3,"sources":["a"],"mappings":"{}"}}"#, ";".repeat(3_000_000)),
        "[".repeat(100_000),
        // Above the limit for bundles, and above that for bodies.
        format!(r#"{{"version":3,"sources":[],"mappings":"","x":"{}"}}"#, "x".repeat(11 << 20)),
        format!(r#"{{"version":3,"sources":[],"mappings":"","x":"{}"}}"#, "x".repeat(24 << 20)),
    ] {
        let start = map.get(..60).unwrap_or(&map).to_owned();
        let shown = deploy(&server, &map).await;
        assert!(shown.contains("warning: the source map"), "{start}: {shown}");
        let mut tail = server.tail("alice");
        assert_eq!(server.get("alice", "/").await.status, 500);
        let outcome = tail.outcome("/").await;
        assert_eq!(outcome["error"]["detail"]["file"], "index.js", "{start}: {outcome}");
        assert_eq!(outcome["error"]["detail"]["mapped"], false);
    }
}

#[tokio::test]
async fn what_a_map_says_cannot_drive_the_terminal() {
    let server = Server::start().await;
    let map = r#"{"version":3,"sources":["\u001b[2J/a\nb.ts"],"sourcesContent":["\u001b[31m red"],"mappings":"AAAA"}"#;
    assert_eq!(deploy(&server, map).await, "");
    let mut tail = server.tail("alice");
    server.get("alice", "/").await;
    let outcome = tail.outcome("/").await;
    assert_eq!(outcome["error"]["detail"]["file"], "\u{fffd}[2J/a\u{fffd}b.ts", "{outcome}");
}

#[tokio::test]
async fn equal_code_with_other_maps_keeps_its_own() {
    let server = Server::start().await;
    let of = |source: &str| format!(r#"{{"version":3,"sources":["{source}"],"mappings":"AAAA"}}"#);
    let code = "export default { fetch() { throw new Error('told') } };\n";
    for tenant in ["alice", "bob"] {
        let app = App::files(&[("index.js", code), ("index.js.map", &of(tenant))]);
        server.deploy(tenant, &app).await;
    }
    // Also after a restart.
    let server = server.kill_and_restart().await;
    for tenant in ["alice", "bob"] {
        let mut tail = server.tail(tenant);
        server.get(tenant, "/").await;
        assert_eq!(tail.outcome("/").await["error"]["detail"]["file"], tenant);
    }
}
