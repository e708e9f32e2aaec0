use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::Admin;
use super::answer::AdminError;
use super::extract::discard;

/// Whether a request with the token came over a connection. Whoever serves the connection puts it into
/// the extensions of its requests, and can tell strangers from operators before an answer is there.
#[derive(Debug, Clone, Default)]
pub struct Vouched(Arc<AtomicBool>);

impl Vouched {
    /// Whether there was a token that is known.
    pub fn is_so(&self) -> bool {
        self.0.load(Relaxed)
    }
}

/// Lets a request pass that carries `Authorization: Bearer TOKEN` with a token that is known.
pub(super) async fn require_token(
    State(admin): State<Admin>,
    request: Request,
    next: Next,
) -> Result<Response, AdminError> {
    // A request without a token takes the same path as one with a wrong token.
    let token = bearer(request.headers()).unwrap_or_default();
    if !admin.control.tokens.accept(token) {
        discard(request.into_body()).await;
        return Err(AdminError::Unauthorized);
    }
    if let Some(Vouched(connection)) = request.extensions().get() {
        connection.store(true, Relaxed);
    }
    Ok(next.run(request).await)
}

/// The token in an `Authorization` field (RFC 6750 §2.1; the scheme's case does not matter).
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let field = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, rest) = field.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| rest.trim_ascii())
}
