use insula_supervisor::RequestError;
use thiserror::Error;

/// Why a request gets an answer of Insula's own. `answer.rs` says which.
#[derive(Debug, Error)]
pub(crate) enum GatewayError {
    /// The request cannot be understood, or nobody may ask this.
    #[error("{0}")]
    BadRequest(&'static str),
    /// The request's head is above the caps.
    #[error("the request's head is too large")]
    HeadTooLarge,
    /// The request's body is above the tenant's limit, in bytes.
    #[error("the request's body is larger than {0} bytes")]
    BodyTooLarge(u64),
    /// The request's body did not arrive in time.
    #[error("the request's body did not arrive in time")]
    BodyTooSlow,
    /// Too much is held for this connection, and for all.
    #[error("too much of this connection's waits in the server")]
    NoRoom,
    /// Nobody answers to the host name.
    #[error("no tenant answers to this host name")]
    NoSuchTenant,
    /// The isolate did not answer.
    #[error(transparent)]
    Isolate(#[from] RequestError),
}
