use crate::server::Gateway;

const HOST: &str = "host: alice.localhost\r\n";

#[tokio::test]
async fn malformed_heads_get_400_or_a_closed_connection() {
    let gateway = Gateway::start().await;
    let heads = [
        "nonsense\r\n\r\n".to_owned(),
        "GET\r\n\r\n".to_owned(),
        format!("GET / HTTP/9.9\r\n{HOST}\r\n"),
        format!("GET / x HTTP/1.1\r\n{HOST}\r\n"),
        format!("G@T / HTTP/1.1\r\n{HOST}\r\n"),
        format!("GET /\0 HTTP/1.1\r\n{HOST}\r\n"),
        format!("GET / HTTP/1.1\r\n{HOST}no colon\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{HOST}a b: c\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{HOST}a : c\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{HOST}a: b\r\n folded\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{HOST}a: \0\r\n\r\n"),
        "\x16\x03\x01\x02\x00\x01\x00\x01\u{fc}\x03\x03".to_owned() + "\r\n\r\n",
    ];
    for head in heads {
        let mut client = gateway.connect().await;
        client.send(&head).await;
        if let Some(answer) = client.answer().await {
            assert_eq!(answer.status(), 400, "{head:?}");
            assert!(client.is_closed().await, "{head:?}");
        }
    }
    assert!(gateway.names.asked.lock().expect("a lock").is_empty());
}

#[tokio::test]
async fn a_request_names_exactly_one_host() {
    let gateway = Gateway::start().await;
    for head in [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nhost:\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: alice.localhost\r\nhost: bob.localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: alice.localhost, bob.localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: alice.localhost/x\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: x@alice.localhost\r\n\r\n",
        "GET http://bob.localhost/ HTTP/1.1\r\nhost: alice.localhost\r\n\r\n",
        "GET http://x@alice.localhost/ HTTP/1.1\r\nhost: alice.localhost\r\n\r\n",
        "CONNECT alice.localhost:80 HTTP/1.1\r\nhost: alice.localhost:80\r\n\r\n",
        "TRACE / HTTP/1.1\r\nhost: alice.localhost\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nhost: alice.localhost\r\n\r\n",
    ] {
        let answer = gateway.ask(head).await;
        assert_eq!((answer.status(), answer.code()), (400, "bad-request"), "{head:?}");
    }
    assert!(gateway.names.asked.lock().expect("a lock").is_empty());
}

#[tokio::test]
async fn bodies_that_could_be_framed_in_two_ways_are_refused() {
    let gateway = Gateway::start().await;
    let smuggled = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: bob.localhost\r\n\r\n";
    for fields in [
        "content-length: 4\r\ncontent-length: 5\r\n",
        "content-length: 4, 5\r\n",
        "content-length: +4\r\n",
        "content-length: 0x4\r\n",
        "content-length: -1\r\n",
        "content-length: 99999999999999999999999\r\n",
        "transfer-encoding: gzip\r\n",
        "transfer-encoding: chunked, gzip\r\n",
        "transfer-encoding: xchunked\r\n",
        "transfer-encoding:\x0bchunked\r\n",
    ] {
        let mut client = gateway.connect().await;
        client.send(format!("POST / HTTP/1.1\r\n{HOST}{fields}\r\n{smuggled}")).await;
        if let Some(answer) = client.answer().await {
            assert_eq!(answer.status(), 400, "{fields:?}");
            assert!(client.is_closed().await, "{fields:?}");
        }
    }
    assert!(!gateway.names.asked.lock().expect("a lock").contains(&"bob.localhost".to_owned()));
}

#[tokio::test]
async fn a_body_with_both_framings_ends_the_connection() {
    let gateway = Gateway::start().await;
    let mut client = gateway.connect().await;
    let fields = "content-length: 4\r\ntransfer-encoding: chunked\r\n";
    let smuggled = "GET /smuggled HTTP/1.1\r\nhost: bob.localhost\r\n\r\n";
    client.send(format!("POST / HTTP/1.1\r\n{HOST}{fields}\r\n0\r\n\r\n{smuggled}")).await;
    let answer = client.answer().await;
    assert!(answer.is_none_or(|answer| answer.status() == 400 || answer.reached()));
    while let Some(answer) = client.answer().await {
        // Read as chunked, as RFC 9112 §6.3 has it, what follows is a request of its own.
        assert_eq!(answer.code(), "no-such-tenant");
    }
}

#[tokio::test]
async fn large_heads_get_431() {
    let gateway = Gateway::start().await;
    let field = format!("x: {}\r\n", "y".repeat(100 << 10));
    let many = "x: y\r\n".repeat(1000);
    for fields in [field, many] {
        let mut client = gateway.connect().await;
        client.send(format!("GET / HTTP/1.1\r\n{HOST}{fields}\r\n")).await;
        if let Some(answer) = client.answer().await {
            assert_eq!(answer.status(), 431);
        }
    }
    let field = format!("x: {}\r\n", "y".repeat(50 << 10));
    assert!(gateway.ask(format!("GET / HTTP/1.1\r\n{HOST}{field}\r\n")).await.reached());
}
