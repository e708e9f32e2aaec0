use std::cell::Cell;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::Request;
use http_body_util::BodyExt as _;
use insula_tests::{
    Answer, Connection, Options, Origin, OriginAnswer, OriginRequest, Process, Server, answer,
    children, empty,
};
use serde_json::Value;

use crate::innocent::{self, Innocent};
use crate::ledger::Ledger;
use crate::{crashes, hostile, rude};

/// Parts of the innocent tenants that take turns in not being asked.
const SHIFTS: u32 = 5;

/// How often each part rests.
const RESTS: u32 = 3;

/// A server with all its tenants, and what is known of it.
pub struct Scene {
    pub server: Server,
    pub ledger: Ledger,
    pub innocents: Vec<Innocent>,
    /// Cordons that innocents live in. Nobody may bring them down, so they stay.
    pub protected: Vec<Process>,
    /// What tenants fetch from.
    _origin: Origin,
    began: Instant,
    total: Duration,
    until: Cell<Instant>,
    token: String,
}

impl Scene {
    /// Starts a server and deploys everybody, for a load of `total` in all.
    pub async fn start(total: Duration) -> Self {
        let origin = Origin::start(|request| outside(request).boxed()).await;
        let server = Server::with(Options::config(origin.allowed())).await;
        let token = std::fs::read_to_string(server.data().join("admin-token")).expect("a token");
        let now = Instant::now();
        let mut scene = Self {
            server,
            ledger: Ledger::default(),
            innocents: innocent::all(&origin.url("")),
            protected: Vec::new(),
            _origin: origin,
            began: now,
            total,
            until: Cell::new(now),
            token: token.trim().to_owned(),
        };
        for innocent in &scene.innocents {
            innocent.deploy(&scene).await;
        }
        scene.deploy_hostile().await;
        // Before there is a tenant of another trust level.
        scene.protected = scene.server.cordons();
        crashes::deploy(&scene.server).await;
        scene.began = Instant::now();
        scene
    }

    /// Makes a version of every tenant live that disturbs innocents' cordons.
    pub async fn deploy_hostile(&self) {
        hostile::deploy_all(&self.server).await;
        rude::deploy(&self.server).await;
    }

    /// Load goes on until then.
    pub fn run_until(&self, until: Instant) {
        self.until.set(until);
    }

    /// Whether load goes on.
    pub fn is_on(&self) -> bool {
        Instant::now() < self.until.get()
    }

    /// Waits, but not longer than load goes on.
    pub async fn pause(&self, time: Duration) {
        let until = (Instant::now() + time).min(self.until.get());
        tokio::time::sleep_until(until.into()).await;
    }

    /// Time since everybody was deployed.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Whether the innocent with this number is asked now, or has a rest.
    pub fn is_awake(&self, innocent: usize) -> bool {
        let shift = self.total / (SHIFTS * RESTS);
        let resting = self.elapsed().as_millis() / shift.as_millis().max(1) % u128::from(SHIFTS);
        innocent as u128 % u128::from(SHIFTS) != resting
    }

    /// Starts of innocents' isolates so far, but of those that live for one request.
    pub async fn isolate_starts(&self) -> u64 {
        let mut starts = 0;
        for innocent in self.innocents.iter().filter(|innocent| !innocent.is_oneshot()) {
            let shown = self.admin(&format!("/v1/tenants/{}", innocent.name)).await;
            starts += shown["counters"]["starts"].as_u64().expect("a number");
        }
        starts
    }

    /// Cordons that hold tenants of the trust level `level`, or one tenant alone that is no innocent.
    pub async fn cordons_at(&self, level: &str) -> Vec<Process> {
        let metrics = self.ask_admin("/metrics").await;
        let (level, own) = (format!("level=\"{level}\""), "kind=\"own\"");
        let relays = metrics.text().lines().filter_map(|line| {
            let labels = line.strip_prefix("insula_cordon_resident_bytes{pid=\"")?;
            let (pid, labels) = labels.split_once('"')?;
            let is_it = labels.contains(&level) || labels.contains(own);
            is_it.then(|| Process::new(pid.parse().expect("a process id")))
        });
        let cordons = relays.flat_map(children);
        cordons.filter(|cordon| !self.protected.contains(cordon)).collect()
    }

    /// Asks the admin API.
    pub async fn admin(&self, path: &str) -> Value {
        self.ask_admin(path).await.json()
    }

    async fn ask_admin(&self, path: &str) -> Answer {
        let request = Request::get(path)
            .header("host", "admin")
            .header("authorization", format!("Bearer {}", self.token));
        let request = request.body(empty()).expect("a request");
        Connection::http1(self.server.admin()).await.send(request).await
    }
}

/// Answers with what was asked, and how long the body was.
async fn outside(request: OriginRequest) -> OriginAnswer {
    let path = request.uri().path().to_owned();
    let mut body = request.into_body();
    let mut bytes = 0;
    while let Some(Ok(frame)) = body.frame().await {
        bytes += frame.data_ref().map_or(0, Bytes::len);
    }
    answer(200, format!("{path} {bytes}"))
}
