use insula_tests::{App, Server};

const GREEDY: &str = r"async (request) => {
    switch (new URL(request.url).pathname.slice(1)) {
        case 'strings': { const kept = []; for (let i = 0;; i++) kept.push(('abc' + i).repeat(1000)); }
        case 'fine': return new Response('fine');
    }
}";

#[tokio::test]
async fn a_heap_that_grows_for_ever_ends_its_request_only() {
    let server = Server::start().await;
    // Plenty of CPU, so that memory is what runs out.
    let flags = ["--cpu-ms", "20000", "--memory-mb", "32"];
    server.deploy_with("greedy", &App::handler(GREEDY), &flags).await;
    server.handler("victim", "() => new Response('here')").await;
    server.get("victim", "/").await.assert_ok("here");
    let cordons = server.cordons();
    let answer = server.get("greedy", "/strings").await;
    answer.assert_error(503, "memory-limit");
    server.get("greedy", "/fine").await.assert_ok("fine");
    server.get("victim", "/").await.assert_ok("here");
    assert!(cordons.iter().all(|cordon| cordon.is_alive()), "a cordon died");
}

#[tokio::test]
async fn a_deploy_that_takes_all_memory_is_rejected() {
    let server = Server::start().await;
    let app = App::module(
        "const kept = [];\nfor (let i = 0;; i++) kept.push(('abc' + i).repeat(1000));\nexport default { fetch() {} };\n",
    );
    let shown = server.try_deploy("alice", &app, &["--memory-mb", "16"]).await.failed(1);
    assert!(shown.contains("memory") || shown.contains("CPU"), "{shown}");
    assert_eq!(server.get("alice", "/").await.status, 404);
}
