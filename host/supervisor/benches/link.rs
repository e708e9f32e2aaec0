//! Requests per second through supervisor, socket and another process, without HTTP. Without an
//! argument there is no JavaScript either: what the link itself costs. With the path of an
//! `insula-cordon`, the engine answers.

#[path = "../tests/process/echo.rs"]
mod echo;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue};
use insula_launcher::{Launcher, Terms};
use insula_supervisor::{
    BoxBody, Bundle, Deployment, Generation, IsolateRequest, Limits, Module, ModuleKind,
    RequestBody, Services, Subrequest, SubrequestError, Supervisor, SupervisorConfig, TenantEvent,
};

const CLIENTS: usize = 32;
const DURATION: Duration = Duration::from_secs(3);

fn main() {
    if echo::is_cordon() {
        return echo::run();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        for tenants in [1, 100] {
            measure(tenants).await;
        }
    });
}

async fn measure(tenants: usize) {
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let own = || std::env::current_exe().expect("a path");
    let cordon_binary = given.map_or_else(own, PathBuf::from);
    let launcher = Launcher::on_thread(cordon_binary, Terms::default()).expect("a launcher");
    let config = SupervisorConfig {
        launcher,
        handles: 1000,
        capacity: insula_supervisor::Capacity::default(),
    };
    let supervisor = Supervisor::new(config, Arc::new(Nothing)).expect("a supervisor");
    let deployments: Arc<[_]> = (0..tenants).map(deployment).collect();
    let begun = Instant::now();
    request(&supervisor, &deployments[0]).await;
    println!("first response, cordon included: {} µs", begun.elapsed().as_micros());
    let mut cold = Vec::new();
    for deployment in &deployments[1..] {
        let begun = Instant::now();
        request(&supervisor, deployment).await;
        cold.push(begun.elapsed());
    }
    if !cold.is_empty() {
        println!("first response of a tenant: {}", percentiles(&mut cold));
    }
    let deadline = Instant::now() + DURATION;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (supervisor, deployments) = (Arc::clone(&supervisor), Arc::clone(&deployments));
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                for turn in client.. {
                    let begun = Instant::now();
                    if begun >= deadline {
                        break;
                    }
                    request(&supervisor, &deployments[turn % deployments.len()]).await;
                    latencies.push(begun.elapsed());
                }
                latencies
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for client in clients {
        latencies.extend(client.await.expect("no panic"));
    }
    let rate = latencies.len() as f64 / DURATION.as_secs_f64();
    println!("{tenants:>4} tenants: {rate:>9.0} req/s, {}", percentiles(&mut latencies));
    supervisor.drain().await;
}

fn percentiles(latencies: &mut [Duration]) -> String {
    latencies.sort_unstable();
    let at = |percent: usize| latencies[latencies.len() * percent / 100].as_micros();
    format!("p50 {} µs, p99 {} µs", at(50), at(99))
}

async fn request(supervisor: &Supervisor, deployment: &Arc<Deployment>) {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("alice.localhost"));
    headers.insert("accept", HeaderValue::from_static("*/*"));
    headers.insert("user-agent", HeaderValue::from_static("bench"));
    headers.insert("x-forwarded-for", HeaderValue::from_static("127.0.0.1"));
    let url = "http://alice.localhost/";
    let request = IsolateRequest {
        asked: Instant::now(),
        method: "GET",
        url,
        headers: &headers,
        body: RequestBody::None,
        upgrade: false,
    };
    let response = supervisor.handle(deployment, request).await.expect("a response");
    assert_eq!(response.status(), 200);
}

fn deployment(number: usize) -> Arc<Deployment> {
    let module = Module {
        name: "index.js".to_owned(),
        kind: ModuleKind::JavaScript,
        source: Bytes::from_static(
            b"export default { fetch() { return new Response('Hello, world!') } }",
        ),
    };
    Arc::new(Deployment {
        wall: insula_supervisor::Wall::Shared,
        policy: Arc::default(),
        tenant: format!("tenant-{number}").into(),
        id: format!("version-{number}").into(),
        code: Bundle { entry: "index.js".to_owned(), modules: vec![module] }.into(),
        generation: Generation::next(),
        variables: Vec::new(),
        limits: Limits::default(),
    })
}

/// Services that nobody asks for anything.
struct Nothing;

impl Services for Nothing {
    fn fetch(
        &self,
        _deployment: Arc<Deployment>,
        _request: Subrequest,
    ) -> BoxFuture<'static, Result<http::Response<BoxBody>, SubrequestError>> {
        Box::pin(async { Err(SubrequestError::Network("none here".to_owned())) })
    }

    fn event(&self, _deployment: &Arc<Deployment>, _event: TenantEvent) {}
}
