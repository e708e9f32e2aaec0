use insula_tests::Server;

#[tokio::test]
async fn a_patched_prototype_is_the_patchers_own_affair() {
    let server = Server::start().await;
    server
        .handler(
            "alice",
            "() => {
                Array.prototype.map = Object.prototype.toString = String.prototype.split = () => 'patched';
                Object.defineProperty(Object.prototype, 'leak', { get: () => 'leak', configurable: true });
                return new Response([1].map((x) => x) + ' ' + ({}).leak);
            }",
        )
        .await;
    server
        .handler(
            "bob",
            "() => new Response([1].map((x) => x + 1) + ' ' + ({}).leak + ' ' + 'a,b'.split(','))",
        )
        .await;
    server.get("alice", "/").await.assert_ok("patched leak");
    server.get("bob", "/").await.assert_ok("2 undefined a,b");
    // The platform keeps working for the one who patched, too.
    server.get("alice", "/").await.assert_ok("patched leak");
}
