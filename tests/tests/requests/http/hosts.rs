use http::Request;
use insula_tests::{Answer, Options, Server, empty};

async fn ask(server: &Server, host: &str) -> Answer {
    server.send(Request::get("/p?q").header("host", host).body(empty()).unwrap()).await
}

#[tokio::test]
async fn unknown_ones_are_404() {
    let server = Server::start().await;
    server.handler("alice", "() => new Response('here')").await;
    for host in [
        "bob.localhost",
        "localhost",
        "alice.example",
        "x.alice.localhost",
        "127.0.0.1",
        "[::1]",
        "alice",
    ] {
        ask(&server, host).await.assert_error(404, "no-such-tenant");
    }
}

#[tokio::test]
async fn case_port_and_final_dot_do_not_matter() {
    let server = Server::start().await;
    server.handler("alice", "(request) => new Response(request.url)").await;
    for host in ["alice.localhost", "ALICE.LocalHost", "alice.localhost:8080"] {
        let answer = ask(&server, host).await;
        assert_eq!(answer.status, 200, "{host}: {answer:?}");
        assert!(answer.text().starts_with("http://alice.localhost"), "{answer:?}");
        assert!(answer.text().ends_with("/p?q"), "{answer:?}");
    }
}

#[tokio::test]
async fn the_base_domain_is_the_operators_choice() {
    let server = Server::with(Options::default().args(&["--base-domain", "apps.example"])).await;
    server.handler("alice", "() => new Response('here')").await;
    ask(&server, "alice.apps.example").await.assert_ok("here");
    ask(&server, "alice.localhost").await.assert_error(404, "no-such-tenant");
}
