use crate::server::Gateway;

#[tokio::test]
async fn a_host_name_decides() {
    let gateway = Gateway::start().await;
    let answer = gateway.ask("GET / HTTP/1.1\r\nhost: Alice.localhost:8080\r\n\r\n").await;
    assert!(answer.reached(), "{answer:?}");
    let answer = gateway.ask("GET / HTTP/1.1\r\nhost: bob.localhost\r\n\r\n").await;
    assert_eq!((answer.status(), answer.code()), (404, "no-such-tenant"));
    assert_eq!(*gateway.names.asked.lock().expect("a lock"), ["alice.localhost", "bob.localhost"]);
}

#[tokio::test]
async fn an_absolute_target_decides_too() {
    let gateway = Gateway::start().await;
    let head = "GET http://alice.localhost/x HTTP/1.1\r\nhost: alice.localhost\r\n\r\n";
    assert!(gateway.ask(head).await.reached());
}

#[tokio::test]
async fn an_error_is_text_or_json() {
    let gateway = Gateway::start().await;
    let answer = gateway.ask("GET / HTTP/1.1\r\nhost: bob\r\n\r\n").await;
    assert_eq!(answer.field("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(answer.body, b"no-such-tenant: no tenant answers to this host name\n");
    let answer =
        gateway.ask("GET / HTTP/1.1\r\nhost: bob\r\naccept: application/json\r\n\r\n").await;
    assert_eq!(answer.field("content-type"), Some("application/json"));
    let body: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(body["error"]["code"], "no-such-tenant");
    assert_eq!(body["error"]["blame"], "client");
}

#[tokio::test]
async fn a_tenant_that_does_not_answer_uses_up_its_wall_time() {
    let gateway = Gateway::mute().await;
    let mut client = gateway.connect().await;
    for _ in 0..3 {
        client.send("GET / HTTP/1.1\r\nhost: hasty.localhost\r\n\r\n").await;
        let answer = client.answer().await.expect("an answer");
        assert_eq!((answer.status(), answer.code()), (504, "wall-limit"));
    }
    client.send("GET / HTTP/1.1\r\nhost: bob.localhost\r\n\r\n").await;
    assert_eq!(client.answer().await.expect("an answer").status(), 404);
}
