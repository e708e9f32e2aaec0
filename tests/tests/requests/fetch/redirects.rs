use serde_json::json;

use super::fetching;

#[tokio::test]
async fn are_followed_refused_or_shown() {
    let (server, origin) = fetching(
        "async (request, env) => {
            const show = async (path, init) => { try { const r = await fetch(env.ORIGIN + path, init); return [r.status, r.redirected, r.url, (await r.text()).slice(0, 5)] } catch (error) { return error.name } };
            return Response.json([
                await show('/302'),
                await show('/chain'),
                await show('/302', { redirect: 'error' }),
                await show('/hello', { redirect: 'error' }),
                await show('/loop'),
                await show('/private'),
                await show('/file'),
            ]);
        }",
    )
    .await;
    let hello = json!([201, true, origin.url("/hello"), "hello"]);
    assert_eq!(
        server.get("alice", "/").await.json(),
        json!([
            hello,
            hello,
            "TypeError",
            [201, false, origin.url("/hello"), "hello"],
            "TypeError",
            "TypeError",
            "TypeError"
        ])
    );
}

#[tokio::test]
async fn are_shown_when_they_are_handled_by_hand() {
    let (server, _origin) = fetching(
        "async (request, env) => { const r = await fetch(env.ORIGIN + '/302', { redirect: 'manual' }); return Response.json([r.status, r.headers.get('location'), r.redirected]) }",
    )
    .await;
    assert_eq!(server.get("alice", "/").await.json(), json!([302, "/hello", false]));
}

#[tokio::test]
async fn keep_or_change_the_method() {
    let (server, _origin) = fetching(
        "async (request, env) => { const to = async (path) => (await (await fetch(env.ORIGIN + path, { method: 'POST', body: 'body' })).text()).replace(/x-\\S+ /g, ''); return Response.json([await to('/307'), await to('/303')]) }",
    )
    .await;
    assert_eq!(server.get("alice", "/").await.json(), json!(["POST body", "GET "]));
}
