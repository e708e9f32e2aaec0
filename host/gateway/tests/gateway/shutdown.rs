use tokio::net::TcpStream;

use crate::server::{Gateway, PATIENCE};

const HEAD: &str = "POST / HTTP/1.1\r\nhost: alice.localhost\r\ncontent-length: 4\r\n\r\n";

#[tokio::test]
async fn requests_in_flight_are_finished_and_no_more_are_accepted() {
    let mut gateway = Gateway::start().await;
    let mut idle = gateway.connect().await;
    idle.send(format!("{HEAD}body")).await;
    assert!(idle.answer().await.expect("an answer").reached());
    let mut busy = gateway.connect().await;
    busy.send(HEAD.replace("content", "expect: 100-continue\r\ncontent")).await;
    assert_eq!(busy.answer().await.expect("an answer").status(), 100);

    gateway.stop();
    assert!(idle.is_closed().await);
    assert!(TcpStream::connect(gateway.address).await.is_err());
    assert!(!gateway.task.is_finished());

    busy.send("body").await;
    assert!(busy.answer().await.expect("an answer").reached());
    assert!(busy.is_closed().await);
    tokio::time::timeout(PATIENCE, gateway.task).await.expect("it ends").expect("it ends well");
}

#[tokio::test]
async fn dropping_the_server_closes_all_connections() {
    let gateway = Gateway::start().await;
    let mut client = gateway.connect().await;
    client.send(format!("{HEAD}body")).await;
    assert!(client.answer().await.expect("an answer").reached());
    gateway.task.abort();
    assert!(client.is_closed().await);
}
