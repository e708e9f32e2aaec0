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
    /// How requests share an isolate.
    reuse: Option<ReuseMode>,
}

/// What a tenant may use.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct Limits {
    /// CPU time per request, in milliseconds.
    cpu_ms: u64,
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
    /// Subrequests per request.
    subrequests: u32,
    /// Bytes of a request or response body.
    body_bytes: u64,
    /// Bytes of all modules of a deployment together.
    bundle_bytes: u64,
    /// Bytes of log per request.
    log_bytes: u32,
    /// How requests share an isolate.
    reuse: ReuseMode,
}
