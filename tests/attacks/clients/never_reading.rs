//! Tries: to fill the host with answers that are asked for and never read.

use super::connections::*;

pub async fn attack(scene: &Scene) {
    deploy_decoy(scene).await;
    let before = scene.server.process().resident_bytes();
    let mut clients = Vec::new();
    for _ in 0..20 {
        let mut client = scene.server.raw().await;
        let once = request("GET /large HTTP/1.1", "\r\n");
        // It takes no more requests while it cannot answer those that it has.
        assert!(client.fills_up(once.as_bytes(), 32 << 20, 300).await, "it takes without end");
        clients.push(client);
    }
    let grown = scene.server.process().resident_bytes().saturating_sub(before);
    assert!(grown < GROWTH, "the host grew by {grown} bytes");
    drop(clients);
    scene.delete("decoy").await;
}
