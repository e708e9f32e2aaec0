//! Tries: to hold all connections with heads that never end.

use super::connections::*;

pub async fn attack(scene: &Scene) {
    let mut clients = Vec::new();
    for number in 0..200 {
        let mut client = scene.server.raw().await;
        client.send(&"GET / HTTP/1.1\r\nhost: victim.localhost\r\nx: "[..number % 40]).await;
        clients.push(client);
    }
    // Others are served meanwhile; the driver asks the victim, too.
    deploy_decoy(scene).await;
    let answer = exchange(scene, request("GET / HTTP/1.1", "connection: close\r\n\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // And the server does not wait for ever.
    let answer = clients.pop().expect("a client").rest().await;
    assert!(!answer.contains("200 OK"), "{answer}");
    scene.delete("decoy").await;
}
