//! What the admin API says and hears: JSON bodies, shared by the server and its clients.
//!
//! Times are milliseconds since the Unix epoch; durations name their unit.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use insula_supervisor::TenantUsage;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use insula_supervisor::{
    Blame, ErrorDetail, Limits, LimitsOverride, Policy, PolicyOverride, ReuseMode,
};

pub(crate) mod schema;

/// A new version of a tenant's code: `POST /v1/tenants/{name}/deployments`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeployRequest {
    /// The name of the module whose exports are the handlers; one of `modules`.
    pub entry: String,
    /// The code. Names are distinct.
    pub modules: Vec<ModuleUpload>,
    /// Variables that handlers find in `env`. A secret of the same name wins.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vars: BTreeMap<String, String>,
    /// Where this deployment's limits differ from the operator's defaults.
    #[serde(default)]
    #[schema(value_type = schema::LimitsOverride)]
    pub limits: LimitsOverride,
    /// What stands between the tenant and the rest; `shared` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall: Option<Wall>,
    /// Whether the engine shall not turn this version into machine code: slower, and out of reach
    /// of holes in the engine's compilers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_jit: bool,
    /// What the author says about this version, at most 1,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Where the code comes from: shown with errors, never run. Those that are wrong are ignored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source_maps: Vec<SourceMapUpload>,
}

/// The source map of one module of a [`DeployRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceMapUpload {
    /// The name of the module, which is JavaScript.
    pub module: String,
    /// The map (ECMA-426, version 3) in base64 (RFC 4648 §4, padded).
    #[schema(content_encoding = "base64")]
    pub map: String,
}

impl SourceMapUpload {
    /// The map of `module`, encoded.
    pub fn new(module: impl Into<String>, map: &[u8]) -> Self {
        Self { module: module.into(), map: BASE64.encode(map) }
    }

    /// The map; `None` when it is not base64.
    pub fn decode(&self) -> Option<Vec<u8>> {
        BASE64.decode(&self.map).ok()
    }
}

/// One module of a [`DeployRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModuleUpload {
    /// Its path in the bundle: relative, `/`-separated, without `.` and `..`.
    pub name: String,
    /// What the source is.
    pub kind: ModuleKind,
    /// The source, in base64 (RFC 4648 §4, padded).
    #[schema(content_encoding = "base64")]
    pub source: String,
}

impl ModuleUpload {
    /// A module with this source, encoded.
    pub fn new(name: impl Into<String>, kind: ModuleKind, source: &[u8]) -> Self {
        Self { name: name.into(), kind, source: BASE64.encode(source) }
    }

    /// The source; `None` when it is not base64.
    pub fn decode(&self) -> Option<Vec<u8>> {
        BASE64.decode(&self.source).ok()
    }
}

/// What a module's source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ModuleKind {
    /// An ECMAScript module, UTF-8.
    JavaScript,
    /// A JSON module, UTF-8.
    Json,
    /// A text module, UTF-8; its default export is a string.
    Text,
    /// A data module; its default export is an `ArrayBuffer`.
    Data,
    /// A WebAssembly module; its default export is a `WebAssembly.Module`.
    Wasm,
}

impl From<ModuleKind> for insula_supervisor::ModuleKind {
    fn from(kind: ModuleKind) -> Self {
        match kind {
            ModuleKind::JavaScript => Self::JavaScript,
            ModuleKind::Json => Self::Json,
            ModuleKind::Text => Self::Text,
            ModuleKind::Data => Self::Data,
            ModuleKind::Wasm => Self::Wasm,
        }
    }
}

impl From<insula_supervisor::ModuleKind> for ModuleKind {
    fn from(kind: insula_supervisor::ModuleKind) -> Self {
        use insula_supervisor::ModuleKind as Wire;
        match kind {
            Wire::JavaScript => Self::JavaScript,
            Wire::Json => Self::Json,
            Wire::Text => Self::Text,
            Wire::Data => Self::Data,
            Wire::Wasm => Self::Wasm,
        }
    }
}

/// What stands between a tenant and the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Wall {
    /// An isolate in a shared cordon.
    #[default]
    Shared,
    /// A cordon of its own.
    Process,
}

impl From<Wall> for insula_supervisor::Wall {
    fn from(wall: Wall) -> Self {
        match wall {
            Wall::Shared => Self::Shared,
            Wall::Process => Self::Process,
        }
    }
}

impl From<insula_supervisor::Wall> for Wall {
    fn from(wall: insula_supervisor::Wall) -> Self {
        match wall {
            insula_supervisor::Wall::Shared => Self::Shared,
            insula_supervisor::Wall::Process => Self::Process,
        }
    }
}

/// A deployment that is live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeployResponse {
    /// The tenant's name.
    pub tenant: String,
    /// The version's id: unique across tenants, sorts by time.
    pub id: String,
    /// The version's number, counted per tenant from 1.
    pub number: u64,
    /// Where the tenant answers.
    pub url: String,
    /// Bytes of all modules together.
    pub bundle_bytes: u64,
    /// CPU time of top-level evaluation, in microseconds.
    pub startup_cpu_us: u64,
    /// Wall time of the whole start, in microseconds.
    pub startup_wall_us: u64,
    /// What the author should know although it is no error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Which version to go back to: `POST /v1/tenants/{name}/rollback`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollbackRequest {
    /// The version's id, or `v` and its number. When absent: the version that was live when the
    /// present one was deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// One version of a tenant's code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeploymentSummary {
    /// The version's id: unique across tenants, sorts by time.
    pub id: String,
    /// The version's number, counted per tenant from 1.
    pub number: u64,
    /// Whether it is the live one.
    pub active: bool,
    /// When it was deployed.
    pub created_ms: u64,
    /// Bytes of all modules together.
    pub bundle_bytes: u64,
    /// The bundle's SHA-256, in hexadecimal.
    pub bundle_sha256: String,
    /// CPU time of top-level evaluation at the deploy, in microseconds.
    pub startup_cpu_us: u64,
    /// Wall time of the start at the deploy, in microseconds.
    pub startup_wall_us: u64,
    /// What the author said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// `GET /v1/tenants/{name}/deployments`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeploymentList {
    /// The versions.
    pub deployments: Vec<DeploymentSummary>,
}

/// `GET /v1/tenants`, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TenantList {
    /// The tenants.
    pub tenants: Vec<TenantSummary>,
}

/// A tenant, in a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TenantSummary {
    /// Its name.
    pub name: String,
    /// Where it answers.
    pub url: String,
    /// When it came into being.
    pub created_ms: u64,
    /// The live version's id, when there is one.
    pub active: Option<String>,
    /// The live version's number, when there is one.
    pub number: Option<u64>,
    /// Whether this server can answer for it. `false` with an `active` version means that the
    /// bundle is damaged or lost: deploy again.
    pub serving: bool,
}

/// A tenant, whole: `GET /v1/tenants/{name}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TenantDetail {
    /// Name, URL, live version.
    #[serde(flatten)]
    pub summary: TenantSummary,
    /// What stands between it and the rest.
    pub wall: Wall,
    /// What the operator decides for it, all told.
    #[schema(value_type = schema::Policy)]
    pub policy: Policy,
    /// Where that differs from what holds for all.
    #[schema(value_type = schema::PolicyOverride)]
    pub policy_override: PolicyOverride,
    /// Why it is kept in cordons of its own, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<Quarantine>,
    /// What it may use.
    #[schema(value_type = schema::Limits)]
    pub limits: Limits,
    /// The live version.
    pub deployment: Option<DeploymentSummary>,
    /// Host names that it owns, beside its URL's.
    pub hosts: Vec<String>,
    /// Names of the live version's variables.
    pub vars: Vec<String>,
    /// Names of its secrets.
    pub secrets: Vec<String>,
    /// What it did since this server started.
    pub counters: TenantCounters,
}

/// Why a tenant is kept in cordons of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Quarantine {
    /// What it did.
    pub why: String,
    /// Since when.
    pub since_ms: u64,
}

/// `GET /v1/audit`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditList {
    /// The entries.
    pub entries: Vec<AuditEntry>,
}

/// Who changed what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// When.
    pub at_ms: u64,
    /// The token's name, or `insula` for what the server did by itself.
    pub actor: String,
    /// What: `deploy`, `rollback`, `delete`, `put-secret`, `delete-secret`, `put-host`,
    /// `delete-host`, `set-policy`, `quarantine`, `release`.
    pub action: String,
    /// The tenant.
    pub tenant: String,
    /// Of what, or why; never a secret's value.
    pub detail: String,
}

/// What a tenant did since the server started.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TenantCounters {
    /// Requests that are over.
    pub requests: u64,
    /// Of those, the ones that its code did not answer.
    pub failed: u64,
    /// The same by code, such as `cpu-limit`; codes that never happened are left out.
    pub failures: BTreeMap<String, u64>,
    /// CPU time of all requests and starts together, in microseconds.
    pub cpu_us: u64,
    /// Isolates started for it.
    pub starts: u64,
    /// Starts that failed.
    pub failed_starts: u64,
    /// Isolates that live now.
    pub isolates: u64,
    /// Bytes that are charged to them now, as they last said.
    pub memory_bytes: u64,
    /// The most bytes that were charged at once to one isolate.
    pub memory_peak_bytes: u64,
    /// Breaches of limits, by limit.
    pub breaches: BTreeMap<String, u64>,
    /// Isolates that were told to go, by reason.
    pub evictions: BTreeMap<String, u64>,
    /// Requests that waited for a place in an isolate.
    pub queued: u64,
    /// How long they waited together, in microseconds.
    pub queue_us: u64,
    /// Exceptions that nothing caught.
    pub exceptions: u64,
    /// Console lines.
    pub log_lines: u64,
    /// Subrequests that were carried out.
    pub subrequests: u64,
    /// CPU time that the server has spent on them, in microseconds; it is not in `cpu_us`.
    pub host_cpu_us: u64,
    /// Whether the tenant computes so much that it lives apart from those that compute little.
    pub heavy: bool,
}

impl From<TenantUsage> for TenantCounters {
    fn from(usage: TenantUsage) -> Self {
        let named = |counts: Vec<(&str, u64)>| {
            counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
        };
        let failed = usage.failed.iter().map(|(_, count)| count).sum();
        Self {
            requests: usage.succeeded + failed,
            failed,
            failures: named(usage.failed),
            cpu_us: usage.cpu_us,
            starts: usage.starts,
            failed_starts: usage.failed_starts,
            isolates: usage.isolates,
            memory_bytes: usage.memory_bytes,
            memory_peak_bytes: usage.memory_peak_bytes,
            breaches: named(usage.breaches),
            evictions: named(usage.evictions),
            queued: usage.queued.iter().sum(),
            queue_us: usage.queue_us,
            exceptions: usage.exceptions,
            log_lines: usage.log_lines,
            subrequests: usage.subrequests,
            host_cpu_us: usage.host_cpu_us,
            heavy: usage.is_heavy,
        }
    }
}

/// `GET /v1/tenants/{name}/secrets`, by name. Values are never shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecretList {
    /// The names.
    pub secrets: Vec<String>,
}

/// `GET /v1/status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// The server's version.
    pub version: String,
    /// Seconds since the server started.
    pub uptime_s: u64,
    /// Tenants in the store.
    pub tenants: usize,
    /// Tenants that this server can answer for.
    pub serving: usize,
    /// Cordon processes.
    pub cordons: usize,
    /// Isolates that hold a deployment.
    pub isolates: usize,
    /// Requests in flight.
    pub requests: usize,
}

/// `GET /v1/health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `ok`.
    pub status: String,
}

/// The body of every answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// The error.
    pub error: ErrorInfo,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorInfo {
    /// A fixed word for programs, such as `no-such-tenant` or `deploy-rejected`.
    pub code: String,
    /// A text for people.
    pub message: String,
    /// Whose fault it is.
    #[schema(value_type = schema::Blame)]
    pub blame: Blame,
    /// Where in the tenant's code, when the code is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::ErrorDetail>)]
    pub detail: Option<ErrorDetail>,
}

/// One line of `GET /v1/tenants/{name}/tail` (newline-delimited JSON).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TailLine {
    /// When it happened.
    pub time_ms: u64,
    /// The id of the version that it happened in.
    pub deployment: String,
    /// What happened.
    #[serde(flatten)]
    pub event: TailEvent,
}

/// Something that happened in a tenant's isolate; the field `type` says what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum TailEvent {
    /// A console line.
    Log {
        /// The request that wrote it, if one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<u64>,
        /// Its level.
        level: TailLevel,
        /// The text.
        text: String,
    },
    /// An exception that nothing caught, or a rejection that nothing handled.
    Exception {
        /// The request during which it happened, if one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<u64>,
        /// What and where.
        #[schema(value_type = schema::ErrorDetail)]
        detail: ErrorDetail,
    },
    /// A request is over.
    Outcome {
        /// Its number; log lines carry the same.
        request: u64,
        /// `GET https://…`.
        request_line: String,
        /// The status that the tenant's code answered with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// Why the tenant's code did not answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<TailError>,
        /// CPU time, in microseconds.
        cpu_us: u64,
        /// Wall time, in microseconds.
        wall_us: u64,
    },
    /// An isolate of the deployment started.
    Started {
        /// CPU time of top-level evaluation, in microseconds.
        cpu_us: u64,
        /// Wall time of the start, in microseconds.
        wall_us: u64,
    },
    /// A limit was broken, or a soft one passed.
    Breach {
        /// The request that did it, if one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<u64>,
        /// `cpu-limit`, `cpu-soft`, `memory-limit` or `wall-limit`.
        limit: String,
    },
    /// The limits were broken over and over: there is no further isolate for a while.
    BackingOff {
        /// How long, in milliseconds.
        pause_ms: u64,
    },
    /// Lines were left out because this reader is too slow.
    Missed {
        /// How many.
        count: u64,
    },
}

/// The level of a console line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TailLevel {
    /// `console.debug`, `console.trace`.
    Debug,
    /// `console.log` and what has no level of its own.
    Log,
    /// `console.info`.
    Info,
    /// `console.warn`.
    Warn,
    /// `console.error`, `console.assert`.
    Error,
}

/// Why a request was not answered by the tenant's code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TailError {
    /// A text for the author.
    pub message: String,
    /// Whose fault it is.
    #[schema(value_type = schema::Blame)]
    pub blame: Blame,
    /// Where in the code, when the code is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::ErrorDetail>)]
    pub detail: Option<ErrorDetail>,
}
