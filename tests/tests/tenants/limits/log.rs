use insula_tests::Server;

#[tokio::test]
async fn a_flood_of_log_is_cut_and_marked() {
    let server = Server::start().await;
    server
        .handler(
            "loud",
            "(request) => {
                if (request.url.endsWith('/flood')) for (let i = 0; i < 300; i++) console.log('x'.repeat(1000));
                else console.log('quiet again');
                return new Response('logged');
            }",
        )
        .await;
    let mut tail = server.tail("loud");
    server.get("loud", "/").await.assert_ok("logged");
    // The reader is there before the flood: what is kept for latecomers is bounded too.
    tail.wait_for_text("quiet again").await;
    server.get("loud", "/flood").await.assert_ok("logged");
    server.get("loud", "/").await.assert_ok("logged");
    tail.wait_for_text("quiet again").await;
    let lines: Vec<&str> = tail.seen().iter().filter_map(|event| event["text"].as_str()).collect();
    let bytes: usize = lines.iter().map(|line| line.len()).sum();
    assert!(bytes <= 66 << 10, "{bytes} bytes were logged");
    assert!(bytes >= 60 << 10, "{bytes} bytes were logged");
    assert!(lines.iter().any(|line| line.contains("log") && !line.starts_with('x')), "no mark");
}
