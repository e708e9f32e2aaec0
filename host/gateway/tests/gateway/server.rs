//! A gateway on a free port, and a client that sends bytes as they are.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use insula_gateway::{GatewayConfig, Routes, WebSockets, serve};
use insula_launcher::{Launcher, Terms};
use insula_supervisor::{
    BoxBody, Bundle, Deployment, Generation, Limits, Services, Subrequest, SubrequestError,
    Supervisor, SupervisorConfig, TenantEvent,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Long enough for any step on a loaded machine; running into it is a failure.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The tenant's body limit.
pub const BODY_LIMIT: u64 = 100_000;

/// Routes `alice.localhost`, and `hasty.localhost` with little wall time; remembers what it was asked.
#[derive(Default)]
pub struct Names {
    pub asked: Mutex<Vec<String>>,
}

impl Routes for Names {
    fn route(&self, host: &str) -> Option<Arc<Deployment>> {
        self.asked.lock().expect("a lock").push(host.to_owned());
        match host {
            "alice.localhost" => Some(deployment(Limits::default())),
            "hasty.localhost" => Some(deployment(Limits { wall_ms: 50, ..Limits::default() })),
            _ => None,
        }
    }
}

fn deployment(limits: Limits) -> Arc<Deployment> {
    Arc::new(Deployment {
        wall: insula_supervisor::Wall::Shared,
        policy: Default::default(),
        tenant: "alice".into(),
        id: "alice-1".into(),
        code: Bundle { entry: "index.js".into(), modules: Vec::new() }.into(),
        generation: Generation::next(),
        variables: Vec::new(),
        limits: Limits { body_bytes: BODY_LIMIT, ..limits },
    })
}

struct NoServices;

impl Services for NoServices {
    fn fetch(
        &self,
        _deployment: Arc<Deployment>,
        request: Subrequest,
    ) -> BoxFuture<'static, Result<http::Response<BoxBody>, SubrequestError>> {
        let url = request.request.uri().to_string();
        Box::pin(async move { Err(SubrequestError::BadUrl(url)) })
    }

    fn event(&self, _deployment: &Arc<Deployment>, _event: TenantEvent) {}
}

fn supervisor(cordon: &str) -> Arc<Supervisor> {
    let launcher = Launcher::on_thread(cordon, Terms::default()).expect("a launcher");
    let config = SupervisorConfig {
        launcher,
        handles: 1000,
        capacity: insula_supervisor::Capacity::default(),
    };
    Supervisor::new(config, Arc::new(NoServices)).expect("a supervisor")
}

/// A running gateway. Its supervisor takes no requests, so one that gets through every layer is
/// answered with [`REACHED`], unless its cordon is [`Gateway::mute`].
pub struct Gateway {
    pub address: SocketAddr,
    pub names: Arc<Names>,
    pub task: JoinHandle<()>,
    stop: Option<oneshot::Sender<()>>,
}

/// The code that says: the request was handed over.
pub const REACHED: &str = "shutting-down";

impl Gateway {
    pub async fn start() -> Self {
        Self::with(GatewayConfig::default()).await
    }

    pub async fn with(config: GatewayConfig) -> Self {
        let supervisor = supervisor("/nonexistent");
        supervisor.drain().await;
        Self::over(supervisor, config).await
    }

    /// One whose cordon listens and never says a word.
    pub async fn mute() -> Self {
        Self::over(supervisor("/bin/cat"), GatewayConfig::default()).await
    }

    async fn over(supervisor: Arc<Supervisor>, config: GatewayConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let address = listener.local_addr().expect("an address");
        let names = Arc::new(Names::default());
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _ = stopped.await;
        };
        let routes: Arc<dyn Routes> = Arc::clone(&names) as _;
        let task = tokio::spawn(serve(
            listener,
            config,
            routes,
            supervisor,
            WebSockets::default(),
            shutdown,
        ));
        Self { address, names, task, stop: Some(stop) }
    }

    pub fn stop(&mut self) {
        self.stop.take();
    }

    pub async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.address).await.expect("a connection"))
    }

    /// Sends `bytes` on a connection of their own; the first answer.
    pub async fn ask(&self, bytes: impl AsRef<[u8]>) -> Answer {
        let mut client = self.connect().await;
        client.send(bytes).await;
        client.answer().await.expect("an answer")
    }
}

pub struct Client(pub TcpStream);

impl Client {
    /// Sends as much as the server takes: it may close before the end.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.0.write_all(bytes.as_ref()).await;
    }

    /// The next answer, or `None` if the connection was closed instead.
    pub async fn answer(&mut self) -> Option<Answer> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.byte().await?);
        }
        let mut answer = Answer { head: String::from_utf8(head).expect("text"), body: Vec::new() };
        let length = answer.field("content-length").map_or(0, |n| n.parse().expect("a number"));
        for _ in 0..length {
            answer.body.push(self.byte().await?);
        }
        Some(answer)
    }

    /// Whether the server closes the connection without another byte.
    pub async fn is_closed(&mut self) -> bool {
        self.byte().await.is_none()
    }

    async fn byte(&mut self) -> Option<u8> {
        let read = tokio::time::timeout(PATIENCE, self.0.read_u8()).await;
        read.expect("the server does something in time").ok()
    }
}

#[derive(Debug)]
pub struct Answer {
    head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn status(&self) -> u16 {
        self.head[9..12].parse().expect("a status")
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub fn code(&self) -> &str {
        self.field("insula-error").unwrap_or("none")
    }

    /// Whether the request got through to the supervisor.
    pub fn reached(&self) -> bool {
        self.code() == REACHED
    }
}
