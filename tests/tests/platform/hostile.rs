use insula_tests::Server;

#[tokio::test]
async fn a_tenant_that_patches_everything_still_gets_answers() {
    let server = Server::start().await;
    server
        .handler(
            "alice",
            "async (request) => {
                const prototypes = [Array.prototype, Map.prototype, Promise.prototype, String.prototype, Headers.prototype, Uint8Array.prototype.__proto__, RegExp.prototype];
                const own = Reflect.ownKeys, define = Object.defineProperty, value = () => { throw new Error('patched') };
                for (let i = 0; i < prototypes.length; i++) {
                    const keys = own(prototypes[i]);
                    for (let k = 0; k < keys.length; k++) {
                        if (keys[k] === 'constructor' || (prototypes[i] === Promise.prototype && keys[k] === 'then')) continue;
                        try { define(prototypes[i], keys[k], { value }) } catch {}
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
