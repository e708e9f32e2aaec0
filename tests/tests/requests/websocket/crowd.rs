use futures_util::future::join_all;

use super::{Client, server_with};

/// Clients, each of which sends as much as the host would take for one WebSocket alone: together more than it
/// holds for an isolate.
const CLIENTS: usize = 400;
const MESSAGES: usize = 5;
const LENGTH: usize = 60 << 10;

#[tokio::test]
async fn many_who_speak_at_once_wait_for_a_slow_isolate_and_harm_nobody() {
    let server = server_with(
        "(ws) => {
            globalThis.heard ??= 0;
            ws.onmessage = (e) => {
                let sum = 0;
                for (let i = 0; i < 1e6; i++) sum += i % 7;
                ws.send(`${e.data.byteLength} ${++heard}`);
            };
        }",
        "[limits]\ncpu_ms = 5000\nmax_isolates = 1\n",
    )
    .await;
    // No neighbour has an isolate: who computes much moves away from others, and its WebSockets close.
    let cordons = server.cordons();
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(Client::open(&server, "/").await);
    }
    let message = vec![1; LENGTH];
    join_all(clients.iter_mut().map(async |client| {
        for _ in 0..MESSAGES {
            client.send(message.clone()).await;
        }
    }))
    .await;
    let mut last = 0;
    for client in &mut clients {
        for _ in 0..MESSAGES {
            let text = client.text().await;
            let (length, heard) = text.split_once(' ').expect("two numbers");
            assert_eq!(length, LENGTH.to_string());
            last = last.max(heard.parse().expect("a number"));
        }
    }
    // One isolate has heard all of it.
    assert_eq!(last, CLIENTS * MESSAGES);
    // And nobody was harmed, or blamed.
    assert!(cordons.iter().all(|cordon| cordon.is_alive()), "a cordon died");
    assert!(server.tenant("alice").await["quarantine"].is_null());
}
