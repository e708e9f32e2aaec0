use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::capacity::cores;
use crate::{Code, EgressTarget};

/// An immutable version of a tenant's code, with everything an isolate needs to run it.
#[derive(Debug)]
pub struct Deployment {
    /// The tenant's name.
    pub tenant: Arc<str>,
    /// The version's id; unique across tenants.
    pub id: Arc<str>,
    /// Tells it from others that the server learned of earlier, under the same id too.
    pub generation: Generation,
    /// The code.
    pub code: Code,
    /// What the handlers find in `env`: variables and secrets.
    pub variables: Vec<(String, String)>,
    /// What the tenant may use.
    pub limits: Limits,
    /// What stands between the tenant and the rest: the strongest of what the author asks for and
    /// what the operator prescribes.
    pub wall: Wall,
    /// What the operator decides for the tenant.
    pub policy: Arc<Policy>,
}

/// The order in which the server learned of deployments: each is later than all that were made before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(u64);

impl Generation {
    /// One that is later than all others.
    pub fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

impl Deployment {
    /// What distinguishes the cordons that this deployment may run in from others.
    pub(crate) fn class(&self) -> CordonClass {
        CordonClass { level: self.policy.level.clone(), jit: self.policy.jit }
    }
}

/// Cordons that are alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct CordonClass {
    /// The trust level of all tenants in them.
    pub(crate) level: TrustLevel,
    /// Whether the engine makes machine code at run time.
    pub(crate) jit: bool,
}

/// What the operator decides for a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// How far the tenant is trusted. Tenants of different levels never share a cordon.
    pub level: TrustLevel,
    /// The weakest wall that will do.
    pub wall: Wall,
    /// Whether the engine may turn the tenant's code into machine code. Without, its code runs
    /// slower, and holes in the engine's compilers are out of reach; WebAssembly is too.
    pub jit: bool,
    /// Whether the tenant may compile WebAssembly from bytes at run time. Modules of its bundle
    /// work either way.
    pub wasm: bool,
    /// What its `fetch` may reach.
    pub egress: EgressPolicy,
}

/// What the operator decides about a tenant's `fetch`, beside what holds for all tenants.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EgressPolicy {
    /// What it may reach although it is not public.
    pub allow: Vec<EgressTarget>,
    /// What it may not reach, whatever else allows it.
    pub deny: Vec<EgressTarget>,
    /// Unless empty: all that it may reach.
    pub only: Vec<EgressTarget>,
    /// Subrequests that may be open at once, over all its isolates.
    pub connections: u32,
    /// Bytes of one subrequest's response body.
    pub response_bytes: u64,
}

/// Where a tenant's [`Policy`] differs from what the operator says for all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyOverride {
    /// How far the tenant is trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<TrustLevel>,
    /// The weakest wall that will do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall: Option<Wall>,
    /// Whether the engine may turn the tenant's code into machine code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jit: Option<bool>,
    /// Whether the tenant may compile WebAssembly from bytes at run time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wasm: Option<bool>,
    /// What it may reach although it is not public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress_allow: Option<Vec<EgressTarget>>,
    /// What it may not reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress_deny: Option<Vec<EgressTarget>>,
    /// Unless empty: all that it may reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress_only: Option<Vec<EgressTarget>>,
    /// Subrequests that may be open at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress_connections: Option<u32>,
    /// Bytes of one subrequest's response body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress_response_bytes: Option<u64>,
}

impl Policy {
    /// This policy, with what is different for a tenant.
    #[must_use]
    pub fn with(&self, different: &PolicyOverride) -> Self {
        let PolicyOverride { level, wall, jit, wasm, .. } = different.clone();
        let list = |own: &Option<Vec<EgressTarget>>, all: &Vec<EgressTarget>| {
            own.as_ref().unwrap_or(all).clone()
        };
        let egress = &self.egress;
        Self {
            level: level.unwrap_or_else(|| self.level.clone()),
            wall: wall.unwrap_or(self.wall),
            jit: jit.unwrap_or(self.jit),
            wasm: wasm.unwrap_or(self.wasm),
            egress: EgressPolicy {
                allow: list(&different.egress_allow, &egress.allow),
                deny: list(&different.egress_deny, &egress.deny),
                only: list(&different.egress_only, &egress.only),
                connections: different.egress_connections.unwrap_or(egress.connections),
                response_bytes: different.egress_response_bytes.unwrap_or(egress.response_bytes),
            },
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            level: TrustLevel::default(),
            wall: Wall::Shared,
            jit: true,
            wasm: false,
            egress: EgressPolicy::default(),
        }
    }
}

impl Default for EgressPolicy {
    fn default() -> Self {
        let (allow, deny, only) = Default::default();
        Self { allow, deny, only, connections: 256, response_bytes: 100 << 20 }
    }
}

/// How far an operator trusts a tenant: a name of lower-case letters, digits and dashes, at most 32.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrustLevel(Arc<str>);

/// A name that is no trust level.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no trust level: lower-case letters, digits and dashes, at most 32 of them")]
pub struct TrustLevelError(String);

impl TrustLevel {
    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TrustLevel {
    fn default() -> Self {
        Self("default".into())
    }
}

impl FromStr for TrustLevel {
    type Err = TrustLevelError;

    fn from_str(name: &str) -> Result<Self, TrustLevelError> {
        let is_good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=32).contains(&name.len()) && name.bytes().all(is_good) {
            return Ok(Self(name.into()));
        }
        Err(TrustLevelError(name.chars().take(64).collect()))
    }
}

impl TryFrom<String> for TrustLevel {
    type Error = TrustLevelError;

    fn try_from(name: String) -> Result<Self, TrustLevelError> {
        name.parse()
    }
}

impl From<TrustLevel> for String {
    fn from(level: TrustLevel) -> Self {
        level.0.as_ref().into()
    }
}

/// What stands between a tenant and the rest.
/// From the weakest to the strongest.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Wall {
    /// An isolate in a cordon that holds many tenants of one trust level.
    #[default]
    Shared,
    /// A cordon of the tenant's own.
    Process,
}

/// How requests share an isolate; the tenant's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReuseMode {
    /// One isolate serves many requests at once.
    #[default]
    Shared,
    /// One isolate serves many requests, one at a time.
    Sequential,
    /// Each request gets an isolate of its own.
    Oneshot,
}

/// Isolates of one version at the most, whatever is asked for.
pub const MOST_ISOLATES: u32 = 256;

/// What a tenant may use. The same in every build profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// CPU time per request, in milliseconds.
    pub cpu_ms: u64,
    /// Percent of `cpu_ms` after which a request is reported and its isolate replaced once it is
    /// over; 100 for never.
    pub cpu_soft_percent: u32,
    /// CPU time for top-level evaluation, in milliseconds.
    pub startup_cpu_ms: u64,
    /// Memory per isolate, in MiB.
    pub memory_mb: u64,
    /// Wall time until the response's head, in milliseconds.
    pub wall_ms: u64,
    /// Wall time for `waitUntil` after the response, in milliseconds.
    pub wait_until_ms: u64,
    /// Requests that one isolate handles at once.
    pub concurrency: u32,
    /// Requests that may wait for an isolate.
    pub queue: u32,
    /// Wall time that a request may wait for an isolate, in milliseconds.
    pub queue_ms: u64,
    /// Isolates that run the deployment at once.
    pub max_isolates: u32,
    /// Requests per second, over all isolates; 0 for no limit.
    pub requests_per_s: u32,
    /// Subrequests per request.
    pub subrequests: u32,
    /// Bytes of a request or response body.
    pub body_bytes: u64,
    /// WebSockets of clients that may be open at once, over all isolates.
    pub websockets: u32,
    /// Bytes of a message that arrives on a WebSocket.
    pub websocket_message_bytes: u64,
    /// How long a WebSocket's other side may say nothing before it is asked whether it lives, in
    /// milliseconds; and once more before it is given up.
    pub websocket_ping_ms: u64,
    /// How long there may be no message on a WebSocket, in milliseconds.
    pub websocket_idle_ms: u64,
    /// Bytes of all modules of a deployment together.
    pub bundle_bytes: u64,
    /// Bytes of log per request.
    pub log_bytes: u32,
    /// How requests share an isolate.
    pub reuse: ReuseMode,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cpu_ms: 50,
            cpu_soft_percent: 80,
            startup_cpu_ms: 400,
            memory_mb: 128,
            wall_ms: 30_000,
            wait_until_ms: 30_000,
            concurrency: 100,
            queue: 1000,
            queue_ms: 10_000,
            max_isolates: cores().min(MOST_ISOLATES),
            requests_per_s: 0,
            subrequests: 50,
            body_bytes: 100 << 20,
            websockets: 1000,
            websocket_message_bytes: 16 << 20,
            websocket_ping_ms: 30_000,
            websocket_idle_ms: 600_000,
            bundle_bytes: 10 << 20,
            log_bytes: 64 << 10,
            reuse: ReuseMode::Shared,
        }
    }
}

/// What a deploy asks to be different from the operator's defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsOverride {
    /// CPU time per request, in milliseconds.
    pub cpu_ms: Option<u64>,
    /// Memory per isolate, in MiB.
    pub memory_mb: Option<u64>,
    /// Wall time until the response's head, in milliseconds.
    pub wall_ms: Option<u64>,
    /// Isolates that run the deployment at once.
    pub max_isolates: Option<u32>,
    /// How requests share an isolate.
    pub reuse: Option<ReuseMode>,
}

impl Limits {
    /// These limits, with what `asked` changes.
    #[must_use]
    pub fn with(&self, asked: LimitsOverride) -> Self {
        Self {
            cpu_ms: asked.cpu_ms.unwrap_or(self.cpu_ms),
            memory_mb: asked.memory_mb.unwrap_or(self.memory_mb),
            wall_ms: asked.wall_ms.unwrap_or(self.wall_ms),
            max_isolates: asked.max_isolates.unwrap_or(self.max_isolates),
            reuse: asked.reuse.unwrap_or(self.reuse),
            ..self.clone()
        }
    }

    /// Wall time until the response's head.
    pub fn wall(&self) -> Duration {
        Duration::from_millis(self.wall_ms)
    }

    /// Wall time for `waitUntil` after the response.
    pub fn wait_until(&self) -> Duration {
        Duration::from_millis(self.wait_until_ms)
    }
}
