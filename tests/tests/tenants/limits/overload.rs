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

#[tokio::test]
async fn who_has_waited_too_long_is_told_to_come_back() {
    let config = "[limits]\nconcurrency = 1\nqueue_ms = 50\nmax_isolates = 1\n";
    let server = Server::with(Options::config(config)).await;
    let slow = "() => new Promise((answer) => setTimeout(answer, 1500, new Response('late')))";
    server.handler("slow", slow).await;
    let mut tail = server.tail("slow");
    let first = async { server.get("slow", "/").await.assert_ok("late") };
    let second = async {
        tail.wait_for("the start", |event| event["type"] == "started").await;
        let answer = server.get("slow", "/").await;
        answer.assert_error(503, "overloaded");
        assert_eq!(answer.header("retry-after"), "1");
    };
    futures_util::future::join(first, second).await;
}

#[tokio::test]
async fn more_requests_per_second_than_allowed_are_refused() {
    let server = Server::with(Options::config("[limits]\nrequests_per_s = 5\n")).await;
    server.handler("eager", "() => new Response('here')").await;
    server.handler("other", "() => new Response('there')").await;
    let answers = join_all((0..30).map(|_| server.get("eager", "/"))).await;
    let (fine, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.status == 200);
    for answer in &refused {
        answer.assert_error(429, "rate-limited");
        assert_eq!(answer.header("retry-after"), "1");
    }
    assert!(fine.len() >= 5, "{} of 30 got through", fine.len());
    assert!(!refused.is_empty());
    server.get("other", "/").await.assert_ok("there");
    let counters = &server.tenant("eager").await["counters"];
    assert_eq!(counters["failures"]["rate-limited"], refused.len(), "{counters}");
}
