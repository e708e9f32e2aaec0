use std::time::Duration;

use insula_gateway::GatewayConfig;

use crate::server::Gateway;

const GET: &str = "GET / HTTP/1.1\r\nhost: alice.localhost\r\n\r\n";

fn impatient() -> GatewayConfig {
    GatewayConfig {
        header_timeout: Duration::from_millis(50),
        idle_timeout: Duration::from_millis(100),
        ..GatewayConfig::default()
    }
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let gateway = Gateway::start().await;
    let mut client = gateway.connect().await;
    for _ in 0..10 {
        client.send(GET).await;
        assert!(client.answer().await.expect("an answer").reached());
    }
    client.send(GET.repeat(10)).await;
    for _ in 0..10 {
        assert!(client.answer().await.expect("an answer").reached());
    }
}

#[tokio::test]
async fn a_head_that_does_not_come_ends_the_connection() {
    let gateway = Gateway::with(impatient()).await;
    for beginning in ["", "GET / HT", "GET / HTTP/1.1\r\nhost: a", "PRI * HTTP/2.0\r\n"] {
        let mut client = gateway.connect().await;
        client.send(beginning).await;
        assert!(client.is_closed().await, "{beginning:?}");
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let gateway = Gateway::with(impatient()).await;
    let mut client = gateway.connect().await;
    client.send(GET).await;
    assert!(client.answer().await.expect("an answer").reached());
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn connections_above_the_cap_wait_for_their_turn() {
    let config = GatewayConfig { max_connections: 2, ..GatewayConfig::default() };
    let gateway = Gateway::with(config).await;
    let mut first = gateway.connect().await;
    let mut second = gateway.connect().await;
    for client in [&mut first, &mut second] {
        client.send(GET).await;
        assert!(client.answer().await.expect("an answer").reached());
    }
    let mut third = gateway.connect().await;
    third.send(GET).await;
    let waiting = tokio::time::timeout(Duration::from_millis(100), third.0.readable()).await;
    assert!(waiting.is_err(), "a third connection was served beside two");
    drop(first);
    assert!(third.answer().await.expect("an answer").reached());
}
