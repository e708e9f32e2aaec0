use insula_tests::Server;

#[tokio::test]
async fn requests_that_are_no_http_are_refused_and_closed() {
    let server = Server::start().await;
    server.handler("alice", "async (request) => new Response(await request.text())").await;
    for bytes in [
        "nonsense\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\nhost: alice.localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nhost alice.localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: alice.localhost\r\nx y: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: alice.localhost\r\n: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: alice.localhost\r\nx: a\0b\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: alice.localhost\r\ncontent-length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: alice.localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nhost: alice.localhost\r\ncontent-length: 99999999999999999999\r\n\r\nab",
        "POST / HTTP/1.1\r\nhost: alice.localhost\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n",
    ] {
        let mut client = server.raw().await;
        client.send(bytes).await;
        let answer = client.rest().await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{bytes:?}: {answer}");
    }
    server.post("alice", "/", "works").await.assert_ok("works");
}

#[tokio::test]
async fn a_request_without_a_host_is_400() {
    let server = Server::start().await;
    server.handler("alice", "() => new Response('here')").await;
    for bytes in [
        "GET / HTTP/1.1\r\nconnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: alice.localhost\r\nhost: bob.localhost\r\nconnection: close\r\n\r\n",
    ] {
        let mut client = server.raw().await;
        client.send(bytes).await;
        let answer = client.rest().await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{bytes:?}: {answer}");
    }
}

#[tokio::test]
async fn smuggling_does_not_reach_another_tenant() {
    let server = Server::start().await;
    server
        .handler("alice", "async (request) => new Response('alice ' + await request.text())")
        .await;
    server
        .handler("bob", "() => { console.log('bob was asked'); return new Response('bob') }")
        .await;
    let hidden = "GET / HTTP/1.1\r\nhost: bob.localhost\r\n\r\n";
    for head in [
        "content-length: 0\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 5",
        "transfer-encoding : chunked",
        "transfer-encoding: xchunked",
    ] {
        let mut client = server.raw().await;
        let head = format!("POST / HTTP/1.1\r\nhost: alice.localhost\r\n{head}\r\n\r\n");
        client.send(format!("{head}{:x}\r\n{hidden}\r\n0\r\n\r\n", hidden.len())).await;
        client.finish().await;
        let answer = client.rest().await;
        assert!(!answer.contains("\r\n\r\nbob"), "{head}: {answer}");
    }
    server.get("bob", "/last").await.assert_ok("bob");
    let mut tail = server.tail("bob");
    tail.outcome("/last").await;
    let asked = tail.seen().iter().filter(|event| event["text"] == "bob was asked").count();
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn a_broken_chunk_ends_the_request() {
    let server = Server::start().await;
    server.handler("alice", "async (request) => new Response(await request.text().catch((e) => 'broken ' + e.name))").await;
    let mut client = server.raw().await;
    client.send("POST / HTTP/1.1\r\nhost: alice.localhost\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n").await;
    let answer = client.rest().await;
    assert!(!answer.contains("200 OK") || answer.contains("broken"), "{answer}");
    server.post("alice", "/", "works").await.assert_ok("works");
}
