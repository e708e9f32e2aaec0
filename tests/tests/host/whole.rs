use insula_tests::{App, Options, Origin, Server, answer, eventually};

use crate::starters;

/// All that a server does, under the filter and without rights.
#[tokio::test]
async fn everything_works() {
    for starter in starters() {
        let origin = Origin::start(|_| Box::pin(async { answer(200, "from the origin") })).await;
        let port = origin.address().port();
        let config = format!("[egress]\nallow = [\"localhost:{port}\", \"127.0.0.1:{port}\"]\n");
        let server = Server::with(Options::config(config).user(starter)).await;

        // Deploys, versions, behind both walls.
        let app =
            |text: &str| App::handler(&format!("(_, env) => new Response('{text}' + env.KEY)"));
        server.deploy("alice", &app("one ")).await;
        server.deploy("alice", &app("two ")).await;
        server.deploy_with("bob", &app("own "), &["--wall", "process"]).await;
        server.get("bob", "/").await.assert_ok("own undefined");

        // Secrets, and versions again.
        let put = server.command(&["secret", "put", "alice", "KEY"]).input(b"secret").run().await;
        put.succeeded();
        server.get("alice", "/").await.assert_ok("two secret");
        server.insula(&["rollback", "alice"]).await.succeeded();
        server.get("alice", "/").await.assert_ok("one secret");

        // Names: one that is known here, one that a name server is asked for, none.
        server
            .handler(
                "carol",
                "async (request) => {
                    console.log('asked');
                    try {
                        const to = new URL(request.url).searchParams.get('to');
                        return new Response(await (await fetch(to)).text());
                    } catch (error) {
                        return new Response('failed: ' + error.message);
                    }
                }",
            )
            .await;
        let found = server.get("carol", &format!("/?to=http://localhost:{port}/")).await;
        found.assert_ok("from the origin");
        let lost = server.get("carol", "/?to=http://no-such-name.invalid/").await;
        assert!(lost.text().contains("failed"), "{lost:?}");
        server.tail("carol").wait_for_text("asked").await;

        // A cordon that dies, and another one in its place.
        let cordons = server.cordons();
        cordons.iter().for_each(|cordon| cordon.kill());
        eventually("another cordon", async || {
            let answer = server.get("alice", "/").await;
            (answer.status == 200).then_some(())
        })
        .await;

        // A restart after the worst end.
        let server = server.kill_and_restart().await;
        server.get("alice", "/").await.assert_ok("one secret");
        server.insula(&["tenants", "show", "bob"]).await.succeeded();
        let log = server.log();
        assert!(!log.contains("EPERM") && !log.contains("Operation not permitted"), "{log}");
        drop(server.end().await);
    }
}
