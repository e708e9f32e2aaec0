use insula_tests::{App, Server};
use serde_json::json;

use super::fetching;

#[tokio::test]
async fn private_addresses_are_refused() {
    let server = Server::start().await;
    server
        .handler(
            "alice",
            "async (request, env) => {
                const urls = ['http://127.0.0.1:1/', 'http://localhost:1/', 'http://[::1]:1/', 'http://10.0.0.1/', 'http://192.168.0.1/', 'http://169.254.169.254/latest/meta-data/',
                    'http://0.0.0.0/', 'http://[::ffff:127.0.0.1]/', 'http://2130706433/', 'http://0x7f.1/', 'http://[fe80::1]/', 'http://[fd00::1]/'];
                const results = await Promise.all(urls.map((url) => fetch(url).then((r) => url + ' ' + r.status, (error) => error.name)));
                return Response.json([...new Set(results)]);
            }",
        )
        .await;
    assert_eq!(server.get("alice", "/").await.json(), json!(["TypeError"]));
}

#[tokio::test]
async fn the_admin_api_is_out_of_reach() {
    let server = Server::start().await;
    let url = format!("URL=http://{}/v1/tenants", server.admin());
    let app = App::handler(
        "(request, env) => fetch(env.URL).then((r) => new Response('reached'), (e) => new Response(e.name))",
    );
    server.deploy_with("alice", &app, &["--var", &url]).await;
    server.get("alice", "/").await.assert_ok("TypeError");
}

#[tokio::test]
async fn other_schemes_are_refused() {
    let (server, _origin) = fetching(
        "async () => Response.json(await Promise.all(['ftp://x/', 'file:///etc/passwd', 'gopher://x/', 'not a url', ''].map((url) => fetch(url).then(() => 'reached', (e) => e.name))))",
    )
    .await;
    let answer = server.get("alice", "/").await;
    assert_eq!(
        answer.json(),
        json!(["TypeError", "TypeError", "TypeError", "TypeError", "TypeError"])
    );
}

#[tokio::test]
async fn an_abort_ends_it() {
    let (server, _origin) = fetching(
        "async (request, env) => {
            const controller = new AbortController();
            setTimeout(() => controller.abort(), 10);
            const aborted = await fetch(env.ORIGIN + '/never', { signal: controller.signal }).catch((e) => e.name);
            const reason = await fetch(env.ORIGIN + '/never', { signal: AbortSignal.abort('why') }).catch((e) => e);
            const late = await fetch(env.ORIGIN + '/never', { signal: AbortSignal.timeout(10) }).catch((e) => e.name);
            return Response.json([aborted, reason, late]);
        }",
    )
    .await;
    assert_eq!(server.get("alice", "/").await.json(), json!(["AbortError", "why", "TimeoutError"]));
}

#[tokio::test]
async fn an_origin_that_is_not_there_rejects() {
    let (server, origin) = fetching(
        "async (request, env) => new Response(await fetch(env.ORIGIN + '/hello').then(() => 'reached', (e) => e.name))",
    )
    .await;
    server.get("alice", "/").await.assert_ok("reached");
    drop(origin);
    insula_tests::eventually("the origin to be gone", async || {
        (server.get("alice", "/").await.text() == "TypeError").then_some(())
    })
    .await;
}

#[tokio::test]
async fn at_top_level_it_is_rejected() {
    let server = Server::start().await;
    let app = App::module("await fetch('http://example.com/');\nexport default { fetch() {} };\n");
    let shown = server.try_deploy("alice", &app, &[]).await.failed(1);
    assert!(shown.contains("fetch"), "{shown}");
}

#[tokio::test]
async fn each_request_has_fifty() {
    let (server, _origin) = fetching(
        "async (request, env) => {
            const results = [];
            for (let i = 0; i < 52; i++) results.push(await fetch(env.ORIGIN + '/hello').then((r) => r.text(), (e) => e.name));
            return Response.json([results.slice(0, 50).every((r) => r === 'hello'), results.slice(50)]);
        }",
    )
    .await;
    for _ in 0..2 {
        assert_eq!(
            server.get("alice", "/").await.json(),
            json!([true, ["TypeError", "TypeError"]])
        );
    }
}
