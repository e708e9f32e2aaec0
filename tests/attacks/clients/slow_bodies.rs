//! Tries: to hold places and memory with bodies that do not come.

use super::connections::*;

pub async fn attack(scene: &Scene) {
    deploy_decoy(scene).await;
    let before = scene.server.process().resident_bytes();
    let mut clients = Vec::new();
    for number in 0..150 {
        let mut client = scene.server.raw().await;
        let length = if number % 2 == 0 { "content-length: 60000" } else { "transfer-encoding: chunked" };
        client.send(request("POST / HTTP/1.1", &format!("{length}\r\n\r\n5\r\nsome"))).await;
        clients.push(client);
    }
    let grown = scene.server.process().resident_bytes().saturating_sub(before);
    assert!(grown < GROWTH, "the host grew by {grown} bytes");
    drop(clients);
    let answer = exchange(scene, request("GET / HTTP/1.1", "connection: close\r\n\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    scene.delete("decoy").await;
}
