use futures_util::future::join_all;
use insula_tests::{App, Options, Server, get};

#[tokio::test]
async fn who_finds_no_place_is_told_when_to_come_back() {
    let server = Server::with(Options::config("[limits]\nconcurrency = 2\nqueue = 3\n")).await;
    let waits = App::handler(
        "() => new Promise((answer) => setTimeout(answer, 1000, new Response('late')))",
    );
    server.deploy_with("busy", &waits, &["--reuse", "sequential"]).await;
    server.handler("other", "() => new Response('here')").await;
    let answers = join_all((0..20).map(|_| server.get("busy", "/")));
    let other = async { server.get("other", "/").await.assert_ok("here") };
    let (answers, ()) = futures_util::future::join(answers, other).await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    for answer in &refused {
        answer.assert_error(503, "overloaded");
        assert_eq!(answer.header("retry-after"), "1");
    }
    assert!(!refused.is_empty(), "nobody was refused");
    assert!(refused.len() < 20, "everybody was refused");
    server.connect().await.send(get("busy", "/")).await.assert_ok("late");
}
