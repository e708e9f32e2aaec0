use insula_tests::Server;

#[tokio::test]
async fn a_tenant_that_patches_everything_still_gets_answers() {
    let server = Server::start().await;
    server
        .handler(
            "alice",
            "async (request) => {
                for (const prototype of [Array.prototype, Map.prototype, Promise.prototype, String.prototype, Headers.prototype, Uint8Array.prototype.__proto__, RegExp.prototype]) {
                    for (const key of Reflect.ownKeys(prototype)) {
                        if (key === 'constructor' || (prototype === Promise.prototype && key === 'then')) continue;
                        try { Object.defineProperty(prototype, key, { value: () => { throw new Error('patched') } }) } catch {}
                    }
                }
                const text = await request.text();
                return new Response(text + text, { headers: { 'x-a': 'b' } });
            }",
        )
        .await;
    for _ in 0..3 {
        let answer = server.post("alice", "/", "x".repeat(100_000)).await;
        assert_eq!((answer.status, answer.body.len(), answer.header("x-a")), (200, 200_000, "b"));
    }
}
