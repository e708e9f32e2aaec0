//! How the supervisor's types look in the OpenAPI document. They are defined where no schema
//! library is known; a test holds each of these to the keys of the type that it describes.

use utoipa::ToSchema;

/// Whose fault an error is.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) enum Blame {
    /// The one who sent the request.
    Client,
    /// The one whose code runs.
    Tenant,
    /// The one who runs Insula.
    Operator,
    /// Insula itself.
    Insula,
}

/// An error in a tenant's code.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct ErrorDetail {
    /// `TypeError: x is not a function`.
    message: String,
    /// The stack, one frame a line; may be empty.
    stack: String,
    /// The module's name in the bundle; empty when unknown.
    file: String,
    /// The line, from 1; 0 when unknown.
    line: u32,
    /// The column, from 1; 0 when unknown.
    column: u32,
    /// The author's source line; empty when unknown.
    source_line: String,
    /// Whether file, line, column and source line are those of what the author wrote, by the
    /// module's source map.
    mapped: bool,
}

/// How requests share an isolate.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) enum ReuseMode {
    /// One isolate serves many requests at once.
    Shared,
    /// One isolate serves many requests, one at a time.
    Sequential,
    /// Each request gets an isolate of its own.
    Oneshot,
}

/// What a deploy asks to be different from the operator's defaults.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct LimitsOverride {
    /// CPU time per request, in milliseconds.
    #[schema(minimum = 1, maximum = 300_000)]
    cpu_ms: Option<u64>,
    /// Memory per isolate, in MiB.
    #[schema(minimum = 8, maximum = 4096)]
    memory_mb: Option<u64>,
    /// Wall time until the response's head, in milliseconds.
    #[schema(minimum = 1, maximum = 900_000)]
    wall_ms: Option<u64>,
    /// Isolates that run the deployment at once.
    #[schema(minimum = 1, maximum = 256)]
    max_isolates: Option<u32>,
    /// How requests share an isolate.
    reuse: Option<ReuseMode>,
}

/// What a tenant may use.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct Limits {
    /// CPU time per request, in milliseconds.
    cpu_ms: u64,
    /// Percent of `cpu_ms` after which a request is reported and its isolate replaced once it is
    /// over; 100 for never.
    cpu_soft_percent: u32,
    /// CPU time for top-level evaluation, in milliseconds.
    startup_cpu_ms: u64,
    /// Memory per isolate, in MiB.
    memory_mb: u64,
    /// Wall time until the response's head, in milliseconds.
    wall_ms: u64,
    /// Wall time for `waitUntil` after the response, in milliseconds.
    wait_until_ms: u64,
    /// Requests that one isolate handles at once.
    concurrency: u32,
    /// Requests that may wait for an isolate.
    queue: u32,
    /// Wall time that a request may wait for an isolate, in milliseconds.
    queue_ms: u64,
    /// Isolates that run the deployment at once.
    max_isolates: u32,
    /// Requests per second, over all isolates; 0 for no limit.
    requests_per_s: u32,
    /// Subrequests per request.
    subrequests: u32,
    /// Bytes of a request or response body.
    body_bytes: u64,
    /// WebSockets of clients that may be open at once, over all isolates.
    websockets: u32,
    /// Bytes of a message that arrives on a WebSocket.
    websocket_message_bytes: u64,
    /// How long a WebSocket's other side may say nothing before it is asked whether it lives, in
    /// milliseconds; and once more before it is given up.
    websocket_ping_ms: u64,
    /// How long there may be no message on a WebSocket, in milliseconds.
    websocket_idle_ms: u64,
    /// Bytes of all modules of a deployment together.
    bundle_bytes: u64,
    /// Bytes of log per request.
    log_bytes: u32,
    /// How requests share an isolate.
    reuse: ReuseMode,
}

/// What the operator decides for a tenant.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct Policy {
    /// How far the tenant is trusted: lower-case letters, digits and dashes. Tenants of different
    /// levels never share a cordon.
    #[schema(max_length = 32)]
    level: String,
    /// The weakest wall that will do.
    wall: super::Wall,
    /// Whether the engine may turn the tenant's code into machine code.
    jit: bool,
    /// Whether the tenant may compile WebAssembly from bytes at run time.
    wasm: bool,
    /// What its `fetch` may reach.
    egress: EgressPolicy,
}

/// What the operator decides about a tenant's `fetch`. Targets: `10.0.0.0/8:443`, `api.example`,
/// `*.example:443`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct EgressPolicy {
    /// What it may reach although it is not public.
    allow: Vec<String>,
    /// What it may not reach, whatever else allows it.
    deny: Vec<String>,
    /// Unless empty: all that it may reach.
    only: Vec<String>,
    /// Subrequests that may be open at once, over all its isolates.
    connections: u32,
    /// Bytes of one subrequest's response body.
    response_bytes: u64,
}

/// Where a tenant's policy differs from what the operator says for all.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct PolicyOverride {
    /// How far the tenant is trusted.
    #[schema(max_length = 32)]
    level: Option<String>,
    /// The weakest wall that will do.
    wall: Option<super::Wall>,
    /// Whether the engine may turn the tenant's code into machine code.
    jit: Option<bool>,
    /// Whether the tenant may compile WebAssembly from bytes at run time.
    wasm: Option<bool>,
    /// What it may reach although it is not public.
    egress_allow: Option<Vec<String>>,
    /// What it may not reach.
    egress_deny: Option<Vec<String>>,
    /// Unless empty: all that it may reach.
    egress_only: Option<Vec<String>>,
    /// Subrequests that may be open at once.
    egress_connections: Option<u32>,
    /// Bytes of one subrequest's response body.
    egress_response_bytes: Option<u64>,
}
