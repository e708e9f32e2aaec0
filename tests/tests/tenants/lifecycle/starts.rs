use futures_util::future::join_all;
use insula_tests::{App, Server, get, host, streaming};

/// Deploys `app` so that no isolate of it is there, only code that is known to start.
async fn deploy(server: &Server, tenant: &str, app: &str, reuse: &str) {
    server.deploy_with(tenant, &App::module(app), &["--reuse", reuse]).await;
}

#[tokio::test]
async fn requests_of_every_kind_wait_for_a_start_that_takes_its_time() {
    const SLOW: &str = "await new Promise((done) => setTimeout(done, 300));
        let first = true;
        export default { async fetch(request) {
            const body = await request.text();
            if (first) console.log('the first one');
            first = false;
            return new Response(`${request.method} ${body.length}`);
        } };";
    for reuse in ["shared", "sequential", "oneshot"] {
        let server = Server::start().await;
        deploy(&server, "alice", SLOW, reuse).await;
        let gets = join_all((0..5).map(|_| server.get("alice", "/")));
        let posts = join_all([1, 5000, 1 << 20].map(|length| {
            let answer = server.post("alice", "/", vec![b'x'; length]);
            async move { (length, answer.await) }
        }));
        let streamed = async {
            let (sender, body) = streaming();
            let request = http::Request::post("/").header("host", host("alice")).body(body);
            let sending = async {
                sender.send("so".into()).await.expect("the server listens");
                sender.send("me".into()).await.expect("the server listens");
                drop(sender);
            };
            futures_util::future::join(server.send(request.expect("a request")), sending).await.0
        };
        let (gets, posts, streamed) = futures_util::future::join3(gets, posts, streamed).await;
        gets.iter().for_each(|answer| answer.assert_ok("GET 0"));
        posts.iter().for_each(|(length, answer)| answer.assert_ok(&format!("POST {length}")));
        streamed.assert_ok("POST 4");
        server.tail("alice").wait_for_text("the first one").await;
        server.end().await;
    }
}

#[tokio::test]
async fn who_leaves_during_a_start_does_not_end_it() {
    let server = Server::start().await;
    let slow = "await new Promise((done) => setTimeout(done, 300));
        let count = 0;
        export default { fetch: () => new Response(String(++count)) };";
    deploy(&server, "alice", slow, "shared").await;
    let mut connection = server.connect().await;
    let asking = tokio::spawn(async move { connection.send(get("alice", "/")).await });
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    asking.abort();
    assert_eq!(server.get("alice", "/").await.status, 200);
    assert_eq!(server.tenant("alice").await["counters"]["starts"], 1);
}

#[tokio::test]
async fn a_start_that_fails_is_told_to_its_request() {
    const UNLUCKY: &str = "const [dice] = crypto.getRandomValues(new Uint8Array(1));
if (dice < 128) throw new Error('unlucky');
export default { fetch: () => new Response('lucky') };";
    let server = Server::start().await;
    loop {
        let tried =
            server.try_deploy("alice", &App::module(UNLUCKY), &["--reuse", "oneshot"]).await;
        if tried.code == Some(0) {
            break;
        }
    }
    let mut tail = server.tail("alice");
    let (mut lucky, mut unlucky) = (0, 0);
    while lucky == 0 || unlucky == 0 {
        let answer = server.get("alice", "/").await;
        match answer.status {
            200 => lucky += 1,
            _ => {
                answer.assert_error(500, "startup-failed");
                unlucky += 1;
            }
        }
    }
    tail.wait_for_text("unlucky").await;
}
