use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, Request, Response};
use insula_tests::{Answer, Connection, Origin, OriginAnswer, OriginRequest, Server, empty};

use super::canaries::Canaries;
use super::listener::Listener;
use super::user::{Binaries, Cordon, User};
use super::victim::Victim;

/// A server with a victim, and what attackers may want to reach.
pub struct Scene {
    pub user: User,
    pub server: Server,
    pub binaries: Binaries,
    pub victim: Victim,
    pub canaries: Canaries,
    /// A service on loopback that nobody may reach.
    pub canary: Listener,
    /// The one address on loopback that the operator has allowed.
    pub origin: Origin,
    asked: Arc<AtomicUsize>,
    token: String,
}

impl Scene {
    /// A victim that shares its cordon with the attackers.
    pub async fn shared(user: User) -> Self {
        Self::start(user, Cordon::Real, &[]).await
    }

    /// Cordons that have been taken over, each with one tenant.
    pub async fn taken_over(user: User) -> Self {
        Self::start(user, Cordon::Hostile, &["--wall", "process"]).await
    }

    async fn start(user: User, cordon: Cordon, wall: &[&str]) -> Self {
        let mut canaries = Canaries::default();
        let inside = canaries.plant("the answer of a service on loopback");
        let canary = Listener::start("127.0.0.1:0", &inside).await;
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let origin = Origin::start(move |request| {
            count.fetch_add(1, Ordering::SeqCst);
            outside(request).boxed()
        });
        let origin = origin.await;
        let binaries = Binaries::new(user, cordon);
        let server = Server::with(binaries.options(&origin.allowed())).await;
        let token = std::fs::read_to_string(server.data().join("admin-token")).expect("a token");
        let token = token.trim().to_owned();
        canaries.add("the admin token", token.clone());
        canaries.add("the server's folder", server.data().display().to_string());
        let victim = Victim::deploy(&server, &mut canaries, wall).await;
        let scene = Self { user, server, binaries, victim, canaries, canary, origin, asked, token };
        assert_eq!(scene.victim.ask(&scene.server).await, Ok(true));
        scene
    }

    /// What attackers are told of the world: they would find it out.
    pub fn variables(&self) -> Vec<String> {
        vec![
            format!("ORIGIN={}", self.origin.address()),
            format!("CANARY_PORT={}", self.canary.address().port()),
            format!("ADMIN_PORT={}", self.server.admin().port()),
            format!("LISTEN_PORT={}", self.server.listen().port()),
        ]
    }

    /// Requests that the allowed address has had.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Removes a tenant, and with it what its isolates hold.
    pub async fn delete(&self, tenant: &str) -> Answer {
        let request = Request::delete(format!("/v1/tenants/{tenant}"))
            .header("host", "admin")
            .header("authorization", format!("Bearer {}", self.token));
        let request = request.body(empty()).expect("a request");
        Connection::http1(self.server.admin()).await.send(request).await
    }
}

/// What a tenant's own server outside could do: redirect to wherever the query says, for ever, or
/// say nothing. Its answers tell how it was asked.
async fn outside(request: OriginRequest) -> OriginAnswer {
    let to = match request.uri().path() {
        "/hang" => pending().await,
        "/loop" => "/loop",
        _ => request.uri().query().unwrap_or_default(),
    };
    let named = |name: &str| {
        let value = request.headers().get(name)?.to_str().ok()?;
        Some(format!("{name}: {value}"))
    };
    let framing: Vec<_> = FRAMING.into_iter().filter_map(named).collect();
    let names: Vec<_> = request.headers().keys().map(HeaderName::as_str).collect();
    let host = request.headers().get("host").cloned();
    let response = Response::builder()
        .status(302)
        .header("location", to)
        .header("x-framing", framing.join(", "))
        .header("x-header-names", names.join(" "))
        .header("x-host", host.unwrap_or(HeaderValue::from_static("")));
    response.body(empty()).expect("a query is a legal value")
}

/// What a tenant must not say for the host.
const FRAMING: [&str; 8] = [
    "content-length",
    "transfer-encoding",
    "connection",
    "te",
    "trailer",
    "upgrade",
    "proxy-connection",
    "keep-alive",
];
