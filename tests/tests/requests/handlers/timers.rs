use futures_util::future::join_all;
use insula_tests::Server;

#[tokio::test]
async fn requests_wait_side_by_side() {
    let server = Server::start().await;
    server
        .handler("alice", "async (request) => { const n = new URL(request.url).searchParams.get('n'); await new Promise((r) => setTimeout(r, n % 7)); return new Response(n) }")
        .await;
    let asking = (0..80).map(async |number| {
        server.get("alice", &format!("/?n={number}")).await.assert_ok(&number.to_string());
    });
    join_all(asking).await;
}

#[tokio::test]
async fn the_clock_stands_still_while_javascript_runs() {
    let server = Server::start().await;
    server
        .handler(
            "alice",
            "async () => {
                const [wall, steady] = [Date.now(), performance.now()];
                let sum = 0; for (let i = 0; i < 5e6; i++) sum += i;
                const still = Date.now() === wall && performance.now() === steady;
                await new Promise((r) => setTimeout(r, 30));
                return Response.json([still, Date.now() - wall >= 29, performance.now() - steady >= 29]);
            }",
        )
        .await;
    server.get("alice", "/").await.assert_ok("[true,true,true]");
}
