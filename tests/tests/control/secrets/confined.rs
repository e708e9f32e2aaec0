//! Where a key and a secret must not turn up.

use std::fs;
use std::path::{Path, PathBuf};

use http::Request;
use insula_tests::{App, Connection, Options, Process, Server, children, empty};

const KEY: &str = "a3f1c2030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const SECRET: &str = "sk_live_51f0a9c7 a value that stands out";
const VARIABLE: &str = "a variable that stands out";

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

/// The files under `folder` that hold `text` anywhere.
fn files_with(folder: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
        } else if contains(&fs::read(&path).unwrap(), text) {
            found.push(path);
        }
    }
    found
}

async fn admin(server: &Server, path: &str) -> String {
    let token = fs::read_to_string(server.data().join("admin-token")).unwrap();
    let request = Request::get(path)
        .header("host", server.admin().to_string())
        .header("authorization", format!("Bearer {}", token.trim()));
    let mut connection = Connection::http1(server.admin()).await;
    connection.send(request.body(empty()).unwrap()).await.text().to_owned()
}

fn relatives(server: &Server) -> Vec<Process> {
    let relays = children(server.process());
    relays.into_iter().chain(server.cordons()).collect()
}

/// A tenant with a secret that has seen it, on a server that logs all it can.
async fn talkative(options: Options) -> Server {
    let server = Server::with(options).await;
    let app = App::handler(
        "(request, env) => {
            if (request.url.endsWith('/throw')) throw new Error('broken');
            return new Response(String(env.KEY === undefined ? 'none' : env.KEY.length));
        }",
    );
    let variable = format!("PLAIN={VARIABLE}");
    server.deploy_with("alice", &app, &["--var", &variable]).await;
    let put = server.command(&["secret", "put", "alice", "KEY"]).input(SECRET.as_bytes());
    let said = put.run().await.succeeded();
    assert!(!said.contains(SECRET), "{said}");
    server.get("alice", "/").await.assert_ok(&SECRET.len().to_string());
    server
}

#[tokio::test]
async fn neither_key_nor_secret_is_in_the_log_an_answer_or_a_cordon() {
    let options = Options::config("[log]\nlevel = \"trace\"\n").env("INSULA_SECRETS_KEY", KEY);
    let server = talkative(options).await;

    let failed = server.get("alice", "/throw").await;
    assert_eq!(failed.status, 500);
    let mut answers = vec![failed.text().to_owned()];
    for path in ["", "/alice", "/alice/secrets", "/alice/secrets/KEY", "/alice/deployments"] {
        answers.push(admin(&server, &format!("/v1/tenants{path}")).await);
    }
    answers.push(admin(&server, "/v1/status").await);
    answers.push(server.insula(&["secret", "list", "alice"]).await.succeeded());
    answers.push(server.insula(&["secret", "list", "alice", "--json"]).await.succeeded());
    let long = server.command(&["secret", "put", "alice", "LONG"]);
    answers.push(long.input(SECRET.repeat(2000).as_bytes()).run().await.failed(1));
    let bad = server.command(&["secret", "put", "alice", "a b"]);
    answers.push(bad.input(SECRET.as_bytes()).run().await.failed(1));
    assert!(answers.iter().any(|answer| answer.contains("KEY")), "{answers:?}");
    for answer in &answers {
        assert!(!answer.contains(SECRET) && !answer.contains(KEY), "{answer}");
    }

    let processes = relatives(&server);
    assert!(processes.len() >= 2, "a relay and a cordon at least");
    for process in processes {
        for file in ["environ", "cmdline"] {
            let path = format!("/proc/{}/{file}", process.id());
            let bytes = fs::read(&path).unwrap();
            assert!(!contains(&bytes, KEY) && !contains(&bytes, SECRET), "{path}");
        }
    }
    let own = fs::read(format!("/proc/{}/environ", server.process().id())).unwrap();
    assert!(contains(&own, KEY), "the server itself was given it");

    let server = server.kill_and_restart().await;
    server.get("alice", "/").await.assert_ok(&SECRET.len().to_string());
    server.insula(&["secret", "delete", "alice", "KEY"]).await.succeeded();
    server.get("alice", "/").await.assert_ok("none");
    let log = server.log();
    assert!(log.contains("TRACE"), "the log says all that it can");
    assert!(!log.contains(SECRET) && !log.contains(KEY));
}

#[tokio::test]
async fn the_made_key_is_in_its_file_and_nowhere_else() {
    let server = talkative(Options::config("[log]\nlevel = \"trace\"\n")).await;
    let path = server.data().join("secrets.key");
    let key = fs::read_to_string(&path).unwrap();
    let key = key.trim();
    assert_eq!(key.len(), 64);
    assert_eq!(files_with(&server.data(), key), [path]);
    assert!(!server.log().contains(key));
}

#[tokio::test]
async fn a_secret_is_in_no_file_of_the_data_folder() {
    let server = talkative(Options::default()).await;
    // What is not secret is found by the same search.
    assert_eq!(files_with(&server.data(), VARIABLE), [server.data().join("insula.db-wal")]);
    let nowhere = Vec::<PathBuf>::new();
    assert_eq!(files_with(&server.data(), SECRET), nowhere);
    let stopped = server.kill();
    assert_eq!(files_with(&stopped.data(), SECRET), nowhere, "after kill -9");
    let server = stopped.start().await;
    server.get("alice", "/").await.assert_ok(&SECRET.len().to_string());
    server.insula(&["secret", "delete", "alice", "KEY"]).await.succeeded();
    assert_eq!(files_with(&server.data(), SECRET), nowhere, "after delete");
}
