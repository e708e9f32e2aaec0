use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;

use crate::{BoxBody, Deployment, RequestError, ResponseBody, Services, StartError};

/// How the supervisor runs cordons.
#[derive(Debug, Clone)]
pub struct SupervisorConfig {
    /// The `insula-cordon` binary.
    pub cordon_binary: PathBuf,
    /// Isolates per cordon before another cordon is started.
    pub isolates_per_cordon: usize,
}

/// A request for a tenant's isolate.
#[derive(Debug)]
pub struct IsolateRequest<'a> {
    /// The method.
    pub method: &'a str,
    /// The absolute URL as the tenant shall see it.
    pub url: &'a str,
    /// The header fields as the tenant shall see them.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: RequestBody,
}

/// A request's body.
#[derive(Debug)]
pub enum RequestBody {
    /// There is none.
    None,
    /// It is here, whole.
    Full(Bytes),
    /// It is on its way.
    Stream {
        /// The body.
        body: BoxBody,
        /// Its length in bytes, when the client announced it.
        length: Option<u64>,
    },
}

/// What is known of a deployment that has started once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BootReport {
    /// CPU time of top-level evaluation, in microseconds.
    pub cpu_us: u64,
    /// Wall time of the whole start, in microseconds.
    pub wall_us: u64,
}

/// Counts of what lives now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Cordon processes.
    pub cordons: usize,
    /// Isolates that hold a deployment.
    pub isolates: usize,
    /// Requests in flight.
    pub requests: usize,
}

/// Cordons and the isolates in them.
pub struct Supervisor {
    _config: SupervisorConfig,
    _services: Arc<dyn Services>,
}

impl Supervisor {
    /// A supervisor without cordons; the first one starts with the first isolate.
    pub fn new(config: SupervisorConfig, services: Arc<dyn Services>) -> Arc<Self> {
        Arc::new(Self { _config: config, _services: services })
    }

    /// Boots `deployment` in an isolate of its own, then throws the isolate away.
    ///
    /// # Errors
    ///
    /// [`StartError`], with file, line and column when the tenant's code is at fault.
    pub async fn check(&self, _deployment: &Arc<Deployment>) -> Result<BootReport, StartError> {
        Err(StartError::ShuttingDown)
    }

    /// Hands a request to an isolate of `deployment`, starting one if there is none, and returns
    /// when the response's head is there. Dropping the future, or the response's body before its
    /// end, aborts the request inside the isolate.
    ///
    /// # Errors
    ///
    /// [`RequestError`]; the wall time is the caller's to watch.
    pub async fn handle(
        &self,
        _deployment: &Arc<Deployment>,
        _request: IsolateRequest<'_>,
    ) -> Result<http::Response<ResponseBody>, RequestError> {
        Err(RequestError::CordonCrashed)
    }

    /// Lets the isolates of the deployment with this id finish what they have and go.
    pub fn retire(&self, _deployment_id: &str) {}

    /// Takes no more requests, waits until those in flight are over, ends all cordons.
    pub async fn drain(&self) {}

    /// What lives now.
    pub fn counts(&self) -> Counts {
        Counts::default()
    }
}
