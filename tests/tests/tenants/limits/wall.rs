use insula_tests::{App, Server};

#[tokio::test]
async fn no_answer_in_time_is_504_and_aborts_the_request() {
    let server = Server::start().await;
    let app = App::handler(
        "(request) => {
            if (request.url.endsWith('/quick')) return new Response('quick');
            request.signal.addEventListener('abort', () => console.log('aborted', request.signal.reason.name));
            return new Promise((answer) => setTimeout(answer, 600000, new Response('too late')));
        }",
    );
    server.deploy_with("slow", &app, &["--wall-ms", "200"]).await;
    server.get("slow", "/slow").await.assert_error(504, "wall-limit");
    server.get("slow", "/quick").await.assert_ok("quick");
    let mut tail = server.tail("slow");
    tail.wait_for_text("aborted AbortError").await;
    let outcome = server.tail("slow").outcome("/slow").await;
    assert!(outcome["error"]["message"].as_str().unwrap().contains("200 ms"), "{outcome}");
}

#[tokio::test]
async fn a_body_may_take_longer_than_its_head() {
    let server = Server::start().await;
    let app = App::handler(
        "() => {
            let left = 8;
            return new Response(new ReadableStream({
                async pull(controller) {
                    await new Promise((done) => setTimeout(done, 50));
                    if (left-- > 0) controller.enqueue(new TextEncoder().encode('.'));
                    else controller.close();
                },
            }));
        }",
    );
    server.deploy_with("steady", &app, &["--wall-ms", "150"]).await;
    server.get("steady", "/").await.assert_ok("........");
}
