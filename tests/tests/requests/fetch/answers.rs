use serde_json::json;

use super::fetching;

#[tokio::test]
async fn have_status_headers_url_and_body() {
    let (server, origin) = fetching(
        "async (request, env) => {
            const r = await fetch(env.ORIGIN + '/hello');
            return Response.json([r.status, r.ok, r.headers.get('x-from'), r.headers.getSetCookie(), r.url, r.redirected, r.type, await r.text(), r.bodyUsed]);
        }",
    )
    .await;
    assert_eq!(
        server.get("alice", "/").await.json(),
        json!([
            201,
            true,
            "origin",
            ["a=1", "b=2"],
            origin.url("/hello"),
            false,
            "basic",
            "hello",
            true
        ])
    );
}

#[tokio::test]
async fn can_be_passed_on_whole() {
    let (server, _origin) = fetching("(request, env) => fetch(env.ORIGIN + '/hello')").await;
    let answer = server.get("alice", "/").await;
    assert_eq!((answer.status, answer.header("x-from"), answer.text()), (201, "origin", "hello"));
}

#[tokio::test]
async fn requests_carry_method_headers_and_body() {
    let (server, _origin) = fetching(
        "async (request, env) => {
            const r = await fetch(new Request(env.ORIGIN + '/echo', { method: 'PUT', headers: { 'x-a': '1' }, body: 'text' }), { headers: { 'x-b': '2' } });
            return new Response(await r.text());
        }",
    )
    .await;
    let answer = server.get("alice", "/").await;
    assert!(
        answer.text().starts_with("PUT ")
            && answer.text().contains("x-b=2")
            && answer.text().ends_with("text"),
        "{answer:?}"
    );
    assert!(!answer.text().contains("x-a=1"), "{answer:?}");
}

#[tokio::test]
async fn many_come_side_by_side() {
    let (server, _origin) = fetching(
        "async (request, env) => {
            const all = await Promise.all(Array.from({ length: 30 }, (_, i) => fetch(env.ORIGIN + '/echo', { method: 'POST', body: '#' + i }).then((r) => r.text())));
            return new Response(String(all.every((text, i) => text.endsWith('#' + i))));
        }",
    )
    .await;
    server.get("alice", "/").await.assert_ok("true");
}
