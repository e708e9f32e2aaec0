use tokio::io::AsyncWriteExt;

use crate::server::{BODY_LIMIT, Gateway};

const HEAD: &str = "POST / HTTP/1.1\r\nhost: alice.localhost\r\n";

#[tokio::test]
async fn an_announced_body_above_the_limit_is_refused_unread() {
    let gateway = Gateway::start().await;
    for accept in ["", "accept: application/json\r\n"] {
        let length = BODY_LIMIT + 1;
        let head = format!("{HEAD}{accept}content-length: {length}\r\n\r\n");
        let answer = gateway.ask(head).await;
        assert_eq!((answer.status(), answer.code()), (413, "payload-too-large"));
    }
}

#[tokio::test]
async fn a_refused_client_is_not_asked_to_continue() {
    let gateway = Gateway::start().await;
    let length = BODY_LIMIT + 1;
    let head = format!("{HEAD}expect: 100-continue\r\ncontent-length: {length}\r\n\r\n");
    assert_eq!(gateway.ask(head).await.status(), 413);
    let mut client = gateway.connect().await;
    client.send(format!("{HEAD}expect: 100-continue\r\ncontent-length: 4\r\n\r\n")).await;
    assert_eq!(client.answer().await.expect("an answer").status(), 100);
    client.send("body").await;
    assert!(client.answer().await.expect("an answer").reached());
}

#[tokio::test]
async fn a_small_body_is_awaited_before_the_hand_over() {
    let gateway = Gateway::start().await;
    let mut client = gateway.connect().await;
    client.send(format!("{HEAD}content-length: 8\r\n\r\nhalf")).await;
    tokio::task::yield_now().await;
    client.send("half").await;
    assert!(client.answer().await.expect("an answer").reached());
    // The connection goes on where the body ended.
    client.send(format!("{HEAD}content-length: 0\r\n\r\n")).await;
    assert!(client.answer().await.expect("an answer").reached());
}

#[tokio::test]
async fn a_client_that_leaves_amid_its_body_ends_its_connection_only() {
    let gateway = Gateway::start().await;
    for fields in ["content-length: 8\r\n\r\nhalf", "transfer-encoding: chunked\r\n\r\n5\r\nha"] {
        let mut client = gateway.connect().await;
        client.send(format!("{HEAD}{fields}")).await;
        drop(client);
    }
    assert!(gateway.ask(format!("{HEAD}content-length: 4\r\n\r\nbody")).await.reached());
}

#[tokio::test]
async fn an_answer_amid_a_body_says_that_the_connection_ends() {
    let gateway = Gateway::start().await;
    let unknown = HEAD.replace("alice", "bob");
    let fields = ["content-length: 8\r\n\r\nhalf", "transfer-encoding: chunked\r\n\r\n"];
    for beginning in fields.map(|fields| format!("{unknown}{fields}")) {
        let mut client = gateway.connect().await;
        client.send(&beginning).await;
        let answer = client.answer().await.expect("an answer");
        assert_eq!((answer.status(), answer.field("connection")), (404, Some("close")));
        assert!(client.is_closed().await);
    }
    let mut client = gateway.connect().await;
    for body in ["content-length: 4\r\n\r\nbody", "content-length: 0\r\n\r\n"] {
        client.send(format!("{HEAD}{body}")).await;
        let answer = client.answer().await.expect("an answer");
        assert!(answer.reached());
        assert_eq!(answer.field("connection"), None);
    }
}

#[tokio::test]
async fn a_small_body_that_does_not_come_uses_up_the_wall_time() {
    let gateway = Gateway::start().await;
    let mut client = gateway.connect().await;
    client.send("POST / HTTP/1.1\r\nhost: hasty.localhost\r\ncontent-length: 8\r\n\r\nhalf").await;
    let answer = client.answer().await.expect("an answer");
    assert_eq!((answer.status(), answer.code()), (408, "bad-request"));
}

#[tokio::test]
async fn a_client_that_sends_a_refused_body_regardless_still_gets_its_answer() {
    let gateway = Gateway::start().await;
    let body = vec![b'x'; 8 << 20];
    for host in ["alice.localhost", "bob.localhost"] {
        let mut client = gateway.connect().await;
        let length = body.len();
        let head = format!("POST / HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\n\r\n");
        client.send(head).await;
        // Like the many clients that look for an answer only when they have said all.
        client.0.write_all(&body).await.expect("the server takes it");
        let answer = client.answer().await.expect("an answer");
        assert!([404, 413].contains(&answer.status()), "{answer:?}");
        assert!(client.is_closed().await);
    }
}
