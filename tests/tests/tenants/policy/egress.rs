use futures_util::FutureExt as _;
use insula_tests::{App, Options, Origin, Server, answer};

const FETCHING: &str = "async (request, env) => {
    try { return new Response(await (await fetch(env.ORIGIN)).text()) } catch (error) { return new Response(error.message) }
}";

async fn origin() -> Origin {
    Origin::start(|_| async { answer(200, "reached") }.boxed()).await
}

async fn fetching(server: &Server, origin: &Origin, handler: &str) {
    let variable = format!("ORIGIN={}", origin.url("/"));
    let flags = ["--var", &variable, "--cpu-ms", "5000"];
    server.deploy_with("a", &App::handler(handler), &flags).await;
}

async fn set(server: &Server, args: &[&str]) {
    server.insula(&[&["policy", "set", "a"], args].concat()).await.succeeded();
}

#[tokio::test]
async fn a_tenant_reaches_what_its_lists_let_it_reach() {
    let origin = origin().await;
    let server = Server::start().await;
    fetching(&server, &origin, FETCHING).await;
    let there = origin.address().to_string();
    let said = async || server.get("a", "/").await.text().to_owned();
    assert!(said().await.contains("not a public one"));
    set(&server, &["--egress-allow", &there]).await;
    assert_eq!(said().await, "reached");
    // The connection that waits from before is no way around it.
    set(&server, &["--egress-deny", "127.0.0.0/8"]).await;
    assert!(said().await.contains("denies"));
    set(&server, &["--egress-deny=", "--egress-only", "*.example,10.0.0.0/8:443"]).await;
    assert!(said().await.contains("list"));
    set(&server, &["--egress-only", &format!("*.example,{there}")]).await;
    assert_eq!(said().await, "reached");
    // What one tenant may, another may not.
    let variable = format!("ORIGIN={}", origin.url("/"));
    server.deploy_with("b", &App::handler(FETCHING), &["--var", &variable]).await;
    assert!(server.get("b", "/").await.text().contains("not a public one"));
}

#[tokio::test]
async fn subrequests_at_once_are_counted_over_all_requests() {
    let origin = Origin::start(|request| {
        async move {
            if request.uri().path() == "/never" {
                std::future::pending::<()>().await;
            }
            answer(200, "reached")
        }
        .boxed()
    })
    .await;
    let server = Server::with(Options::config(origin.allowed())).await;
    let handler = "async (request, env) => {
        const { pathname } = new URL(request.url);
        try {
            const asked = fetch(env.ORIGIN + pathname.slice(1));
            if (pathname === '/never') console.log('asked');
            return new Response(await (await asked).text());
        } catch (error) { return new Response(error.message) }
    }";
    fetching(&server, &origin, handler).await;
    set(&server, &["--egress-connections", "1"]).await;
    let mut connection = server.connect().await;
    let waiting = connection.send(insula_tests::get("a", "/never"));
    let others = async {
        server.tail("a").wait_for_text("asked").await;
        let answer = server.get("a", "/fine").await;
        let refused = answer.text();
        assert!(refused.contains("too many subrequests at once"), "{refused}");
    };
    futures_util::future::select(std::pin::pin!(waiting), std::pin::pin!(others)).await;
    // The client that waited has gone, and with it its place.
    drop(connection);
    insula_tests::eventually("a place", async || {
        (server.get("a", "/fine").await.text() == "reached").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_response_ends_at_its_limit() {
    let origin = Origin::start(|_| async { answer(200, vec![b'x'; 3 << 20]) }.boxed()).await;
    let server = Server::with(Options::config(origin.allowed())).await;
    let handler = "async (request, env) => {
        try { return new Response((await (await fetch(env.ORIGIN)).text()).length) } catch (error) { return new Response(error.message) }
    }";
    fetching(&server, &origin, handler).await;
    server.get("a", "/").await.assert_ok("3145728");
    set(&server, &["--egress-response-bytes", "1000000"]).await;
    let answer = server.get("a", "/").await;
    let answer = answer.text();
    assert!(answer.contains("larger than 1000000 bytes"), "{answer}");
}
