//! Clients that go away, or do not read.

use std::time::Duration;

use futures_util::future::join_all;
use insula_tests::{Raw, Server};

use crate::scene::Scene;

const TENANT: &str = "rude-clients";

/// Between two turns of one client.
const PAUSE: Duration = Duration::from_millis(200);

/// A client that goes away, after its request is surely with the tenant.
const A_MOMENT: Duration = Duration::from_millis(40);

/// A client that does not read, and then leaves.
const A_WHILE: Duration = Duration::from_secs(3);

const HANDLER: &str = "async (request) => {
    const piece = new Uint8Array(16384);
    let left = 512;
    switch (new URL(request.url).pathname) {
        case '/slow': await new Promise((done) => setTimeout(done, 10000)); break;
        case '/endless': return new Response(new ReadableStream({ pull(c) { c.enqueue(piece) } }));
        case '/large': return new Response(new ReadableStream({
            pull(c) { if (left--) c.enqueue(piece); else c.close() },
        }));
        default: return new Response((await request.text()).length);
    }
    return new Response('late');
}";

/// Ways to misbehave.
#[derive(Debug, Clone, Copy)]
enum Way {
    InTheHead,
    BeforeTheAnswer,
    InTheBody,
    InTheAnswer,
    DoesNotRead,
}

const WAYS: [Way; 5] =
    [Way::InTheHead, Way::BeforeTheAnswer, Way::InTheBody, Way::InTheAnswer, Way::DoesNotRead];

pub async fn deploy(server: &Server) {
    server.handler(TENANT, HANDLER).await;
}

/// One client of each kind, for as long as load goes on.
pub async fn misbehave(scene: &Scene) {
    join_all(WAYS.map(async |way| {
        while scene.is_on() {
            let mut connection = scene.server.raw().await;
            way.ask(scene, &mut connection).await;
            drop(connection);
            scene.ledger.done(way.name());
            scene.pause(PAUSE).await;
        }
    }))
    .await;
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::InTheHead => "clients that left in the head",
            Self::BeforeTheAnswer => "clients that left before the answer",
            Self::InTheBody => "clients that left in their body",
            Self::InTheAnswer => "clients that left in the answer",
            Self::DoesNotRead => "clients that did not read",
        }
    }

    /// All that it does on a connection before that is dropped.
    async fn ask(self, scene: &Scene, connection: &mut Raw) {
        let line = match self {
            Self::InTheHead | Self::BeforeTheAnswer => "GET /slow",
            Self::InTheBody => "POST /",
            Self::InTheAnswer => "GET /endless",
            Self::DoesNotRead => "GET /large",
        };
        let head = format!("{line} HTTP/1.1\r\nhost: {TENANT}.localhost\r\n");
        connection.send(head).await;
        match self {
            Self::InTheHead => {}
            Self::BeforeTheAnswer => {
                connection.send("\r\n").await;
                scene.pause(A_MOMENT).await;
            }
            Self::InTheBody => {
                connection.send("content-length: 1000000\r\n\r\n").await;
                connection.send(vec![b'x'; 100_000]).await;
                scene.pause(A_MOMENT).await;
            }
            Self::InTheAnswer => {
                connection.send("\r\n").await;
                connection.head().await;
            }
            Self::DoesNotRead => {
                connection.send("\r\n").await;
                connection.head().await;
                scene.pause(A_WHILE).await;
            }
        }
    }
}
