use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use insula_wire::ModuleKind;
use serde::{Deserialize, Serialize};

/// An immutable version of a tenant's code, with everything an isolate needs to run it.
#[derive(Debug)]
pub struct Deployment {
    /// The tenant's name.
    pub tenant: Arc<str>,
    /// The version's id; unique across tenants.
    pub id: Arc<str>,
    /// The code.
    pub bundle: Arc<Bundle>,
    /// What the handlers find in `env`: variables and secrets.
    pub variables: Vec<(String, String)>,
    /// What the tenant may use.
    pub limits: Limits,
    /// What stands between the tenant and the rest.
    pub wall: Wall,
    /// How far the operator trusts the tenant: a name. Tenants of different levels never share a
    /// cordon.
    pub level: Arc<str>,
}

/// What stands between a tenant and the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wall {
    /// An isolate in a cordon that holds many tenants of one trust level.
    #[default]
    Shared,
    /// A cordon of the tenant's own.
    Process,
}

/// The trust level of tenants that have no other.
pub const DEFAULT_LEVEL: &str = "default";

/// A deployment's modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The name of the module whose exports are the handlers; one of `modules`.
    pub entry: String,
    /// All modules, by distinct names.
    pub modules: Vec<Module>,
}

/// One module of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Its path in the bundle: relative, `/`-separated, without `.` and `..`.
    pub name: String,
    /// What the source is.
    pub kind: ModuleKind,
    /// The source.
    pub source: Bytes,
}

impl Bundle {
    /// Bytes of all sources together: what the bundle limit counts.
    pub fn size(&self) -> u64 {
        self.modules.iter().map(|module| module.source.len() as u64).sum()
    }
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

/// What a tenant may use. The same in every build profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// CPU time per request, in milliseconds.
    pub cpu_ms: u64,
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
    /// Subrequests per request.
    pub subrequests: u32,
    /// Bytes of a request or response body.
    pub body_bytes: u64,
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
            startup_cpu_ms: 400,
            memory_mb: 128,
            wall_ms: 30_000,
            wait_until_ms: 30_000,
            concurrency: 100,
            queue: 1000,
            subrequests: 50,
            body_bytes: 100 << 20,
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
