use bytes::Bytes;
use http::Request;
use insula_tests::{host, streaming};

use super::fetching;

#[tokio::test]
async fn stream_through_the_tenant_both_ways() {
    let (server, _origin) = fetching(
        "async (request, env) => { const r = await fetch(env.ORIGIN + '/stream', { method: 'POST', body: request.body, duplex: 'half' }); return new Response(r.body) }",
    )
    .await;
    let (sender, body) = streaming();
    let request = Request::post("/").header("host", host("alice")).body(body).unwrap();
    let mut connection = server.connect().await;
    sender.send("one".into()).await.unwrap();
    let mut exchange = connection.open(request).await;
    assert_eq!(exchange.piece().await.as_deref(), Some(&b"one"[..]));
    sender.send("two".into()).await.unwrap();
    assert_eq!(exchange.piece().await.as_deref(), Some(&b"two"[..]));
    let sending = tokio::spawn(async move {
        for _ in 0..100 {
            sender.send(Bytes::from(vec![b'x'; 50_000])).await.unwrap();
        }
    });
    let mut rest = 0;
    while let Some(piece) = exchange.piece().await {
        rest += piece.len();
    }
    sending.await.unwrap();
    assert_eq!(rest, 5_000_000);
}

#[tokio::test]
async fn large_ones_arrive_whole() {
    let (server, _origin) = fetching(
        "async (request, env) => { const bytes = new Uint8Array(await (await fetch(env.ORIGIN + '/big')).arrayBuffer()); return Response.json([bytes.length, bytes.every((b) => b === 98)]) }",
    )
    .await;
    server.get("alice", "/").await.assert_ok("[5242880,true]");
}

#[tokio::test]
async fn can_be_cancelled() {
    let (server, _origin) = fetching(
        "async (request, env) => { const r = await fetch(env.ORIGIN + '/big'); const reader = r.body.getReader(); const { value } = await reader.read(); await reader.cancel('enough'); return new Response(String(value.length > 0)) }",
    )
    .await;
    for _ in 0..5 {
        server.get("alice", "/").await.assert_ok("true");
    }
}
