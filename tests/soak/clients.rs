//! Clients of the innocent tenants.

use std::time::Duration;

use insula_tests::Connection;

use crate::scene::Scene;

/// How many ask at once.
pub const CLIENTS: u64 = 8;

/// Between two requests of one client: the load is moderate, so that a failure is nobody's overload.
const PAUSE: Duration = Duration::from_millis(12);

/// Requests on a connection, for clients that keep theirs.
const KEPT_FOR: u64 = 500;

/// Longer than this is no answer.
const PATIENCE: Duration = Duration::from_secs(50);

/// One client, for as long as load goes on. Which one it is decides how it uses connections.
pub async fn ask(scene: &Scene, client: u64) {
    let listen = scene.server.listen();
    let mut connection: Option<Connection> = None;
    let mut on_it = 0;
    // Anywhere, but not in the order in which others ask.
    let mut draw = client;
    while scene.is_on() {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let number = draw >> 40;
        let which = (draw >> 33) as usize % scene.innocents.len();
        if !scene.is_awake(which) {
            // A pause, since by chance all that are drawn may rest.
            tokio::task::yield_now().await;
            continue;
        }
        let (mut open, how) = match (connection.take(), client % 4) {
            (Some(open), _) => (open, "kept"),
            (None, 0) => (Connection::http2(listen).await, "new"),
            (None, _) => (Connection::http1(listen).await, "new"),
        };
        let innocent = &scene.innocents[which];
        let kind = innocent.kind.name();
        let asked = tokio::time::timeout(PATIENCE, open.try_send(innocent.request(number))).await;
        match asked {
            Ok(Ok(answer)) => match innocent.judge(number, &answer) {
                None => {
                    scene.ledger.innocent(kind);
                    on_it += 1;
                    if client % 4 != 3 && on_it < KEPT_FOR {
                        connection = Some(open);
                    } else {
                        on_it = 0;
                    }
                }
                Some(problem) => scene.ledger.innocent_failed(kind, problem),
            },
            Ok(Err(error)) => {
                let problem = format!("{}, on a {how} connection: {error}", innocent.name);
                scene.ledger.innocent_failed(kind, problem);
            }
            Err(_) => {
                scene.ledger.innocent_failed(kind, format!("{}: no answer", innocent.name));
            }
        }
        scene.pause(PAUSE).await;
    }
}
