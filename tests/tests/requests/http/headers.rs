use http::{HeaderValue, Request};
use insula_tests::{Server, empty, get, host};
use serde_json::json;

#[tokio::test]
async fn a_head_above_the_limit_is_refused() {
    let server = Server::start().await;
    server
        .handler("alice", "(request) => new Response(String(request.headers.get('x-big')?.length))")
        .await;
    let with = |size: usize| {
        Request::get("/")
            .header("host", host("alice"))
            .header("x-big", "x".repeat(size))
            .body(empty())
            .unwrap()
    };
    server.send(with(8_000)).await.assert_ok("8000");
    let mut connection = server.connect().await;
    if let Ok(answer) = connection.try_send(with(200_000)).await {
        assert_eq!(answer.status, 431, "{answer:?}");
    }
    server.get("alice", "/").await.assert_ok("undefined");
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let server = Server::start().await;
    server.handler("alice", "() => new Response('here')").await;
    let mut client = server.raw().await;
    client.send("GET / HTTP/1.1\r\nhost: alice.localhost\r\n").await;
    let sent = client
        .send_until_refused(b"x-more: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 64 << 20)
        .await;
    assert!(sent < 64 << 20, "the server took {sent} bytes of a head");
    server.get("alice", "/").await.assert_ok("here");
}

#[tokio::test]
async fn tenants_cannot_split_headers() {
    let server = Server::start().await;
    server
        .handler(
            "alice",
            r"() => {
                const bad = ['a\r\nset-cookie: x=1', 'a\nb', 'a\rb', 'a\0b'];
                const thrown = (f) => { try { f(); return 'no error' } catch (error) { return error.name } };
                const out = [];
                for (const value of bad) {
                    out.push(thrown(() => new Headers({ x: value })), thrown(() => new Headers([['x', value]])));
                    out.push(thrown(() => new Headers().set('x', value)), thrown(() => new Headers().append(value, 'x')));
                    out.push(thrown(() => new Response('', { headers: { x: value } })));
                    out.push(thrown(() => new Response('', { statusText: value })));
                    out.push(thrown(() => new Request('http://x/', { headers: { x: value } })));
                    out.push(thrown(() => new Request('http://x/', { method: value })));
                }
                return Response.json([...new Set(out)], { headers: { 'x-trimmed': ' \r\n\ta ' } });
            }",
        )
        .await;
    let answer = server.get("alice", "/").await;
    assert_eq!(answer.json(), json!(["TypeError"]));
    assert_eq!(answer.header("x-trimmed"), "a");
}

#[tokio::test]
async fn arrive_and_leave_as_they_were() {
    let server = Server::start().await;
    server
        .handler(
            "alice",
            "(request) => {
                const headers = new Headers([['set-cookie', 'a=1'], ['set-cookie', 'b=2'], ['x-latin', '\\u00e9']]);
                return Response.json([...request.headers].filter(([name]) => name.startsWith('x-') && !name.startsWith('x-forwarded')), { headers, status: 299, statusText: 'Odd' });
            }",
        )
        .await;
    let request = Request::get("/")
        .header("host", host("alice"))
        .header("X-One", "1")
        .header("x-two", "a")
        .header("x-two", "b")
        .header("x-bytes", HeaderValue::from_bytes(b"\xe9").unwrap());
    let answer = server.send(request.body(empty()).unwrap()).await;
    assert_eq!(answer.status, 299);
    assert_eq!(answer.json(), json!([["x-bytes", "é"], ["x-one", "1"], ["x-two", "a, b"]]));
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    assert_eq!(answer.headers["x-latin"].as_bytes(), b"\xe9");
}

#[tokio::test]
async fn tenants_cannot_speak_for_insula() {
    let server = Server::start().await;
    server
        .handler(
            "alice",
            "() => new Response('mine', { status: 503, headers: { 'insula-error': 'cpu-limit' } })",
        )
        .await;
    let answer = server.get("alice", "/").await;
    assert_eq!((answer.status, answer.header("insula-error"), answer.text()), (503, "", "mine"));
}

#[tokio::test]
async fn clients_cannot_forge_where_they_come_from() {
    let server = Server::start().await;
    server
        .handler("alice", "(request) => new Response(request.headers.get('x-forwarded-for'))")
        .await;
    server.get("alice", "/").await.assert_ok("127.0.0.1");
    let mut connection = server.connect().await;
    let mut request = get("alice", "/");
    request.headers_mut().insert("x-forwarded-for", HeaderValue::from_static("8.8.8.8"));
    let answer = connection.send(request).await;
    assert!(answer.text().ends_with("127.0.0.1"), "{answer:?}");
}
