use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::Admin;
use super::answer::AdminError;
use super::extract::discard;

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
    Ok(next.run(request).await)
}

/// The token in an `Authorization` field (RFC 6750 §2.1; the scheme's case does not matter).
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let field = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, rest) = field.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| rest.trim_ascii())
}
