use futures_util::future::join_all;
use insula_tests::{App, Server};

/// Counts its requests, and how many of them overlapped.
const COUNTING: &str = "let count = 0, open = 0, most = 0;
export default { async fetch() {
    count += 1;
    most = Math.max(most, ++open);
    await new Promise((done) => setTimeout(done, 20));
    open -= 1;
    return Response.json({ count, most });
} };";

async fn answers(reuse: &str, tenant: &str) -> Vec<(u64, u64)> {
    let server = Server::start().await;
    server.deploy_with(tenant, &App::module(COUNTING), &["--reuse", reuse]).await;
    let answers = join_all((0..12).map(|_| server.get(tenant, "/"))).await;
    let pair = |answer: &insula_tests::Answer| {
        let json = answer.json();
        (json["count"].as_u64().unwrap(), json["most"].as_u64().unwrap())
    };
    answers.iter().map(pair).collect()
}

#[tokio::test]
async fn oneshot_gives_each_request_an_isolate() {
    assert_eq!(answers("oneshot", "fresh").await, [(1, 1); 12]);
}

#[tokio::test]
async fn sequential_lets_requests_follow_each_other() {
    let answers = answers("sequential", "orderly").await;
    assert!(answers.iter().all(|(_, most)| *most == 1), "requests overlapped: {answers:?}");
    assert!(answers.iter().any(|(count, _)| *count > 1), "nothing was reused: {answers:?}");
}

#[tokio::test]
async fn shared_lets_requests_overlap() {
    let answers = answers("shared", "open").await;
    assert!(answers.iter().any(|(_, most)| *most > 1), "nothing overlapped: {answers:?}");
}
