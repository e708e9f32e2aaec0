//! What tenants fetch: judged, sent, redirected, decoded.

mod address;
mod config;
mod connect;
mod decode;
mod hop;
mod origin;
mod places;
mod policy;
mod pool;
mod resolve;
mod switch;
mod tally;
mod windows;

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, ACCEPT_ENCODING, RANGE};
use http::{HeaderMap, HeaderValue, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use insula_supervisor::{BoxBody, Deployment, RedirectMode, Subrequest, SubrequestError};
use tokio::time::Instant;

use self::connect::Connector;
use self::decode::decode;
use self::hop::{Hop, location};
use self::origin::Origin;
use self::places::{HeldBody, Places};
use self::pool::{Key, LeasedBody, Link, Pool};
use self::tally::Tally;
use self::windows::{Window, Windows};
use crate::headers::strip_hop_by_hop;

pub use self::config::{EgressConfig, EgressConfigError};

/// Redirects that are followed (Fetch, HTTP-redirect fetch, step 7).
const REDIRECTS: usize = 20;

/// Connections from the pool that may turn out closed before a new one is opened.
const STALE_TRIES: usize = 3;

/// What is asked for on behalf of a tenant that does not say; all of it is decoded.
const CODINGS: HeaderValue = HeaderValue::from_static("gzip, deflate, br");

/// The same, without what takes a window.
const CODINGS_WITHOUT_WINDOW: HeaderValue = HeaderValue::from_static("gzip, deflate");

/// Performs what tenants `fetch`. Clones share connections.
#[derive(Clone)]
pub struct Egress {
    connector: Arc<Connector>,
    pool: Pool,
    places: Places,
    windows: Windows,
    head_timeout: Duration,
}

impl Egress {
    /// An egress without connections.
    ///
    /// # Errors
    ///
    /// [`EgressConfigError`] names the entry that cannot be understood.
    pub fn new(config: EgressConfig) -> Result<Self, EgressConfigError> {
        let connector = Arc::new(Connector::new(&config)?);
        let (pool, places) = (Pool::new(config.waiting), Places::new(config.open));
        let windows = Windows::default();
        Ok(Self { connector, pool, places, windows, head_timeout: config.head_timeout })
    }

    /// Performs `request` for a tenant: judges every address before connecting, follows redirects
    /// as asked, decodes the content coding if the tenant negotiated none. Bodies stream; dropping
    /// the future or the response's body closes the exchange. After a redirect, the response
    /// carries the URL that answered as an [`http::Uri`] extension.
    ///
    /// # Errors
    ///
    /// [`SubrequestError`], in words for the tenant's author.
    pub async fn fetch(
        &self,
        deployment: Arc<Deployment>,
        request: Subrequest,
    ) -> Result<Response<BoxBody>, SubrequestError> {
        let rules = &deployment.policy.egress;
        let place = self.places.take(&deployment.tenant, rules.connections)?;
        let mode = request.redirect;
        let mut hop = Hop::first(request.request).await?;
        let take_window = || self.windows.take(&deployment.tenant);
        let coding = negotiate(&mut hop.headers, take_window);
        let mut redirects = 0;
        loop {
            let response = self.exchange(&deployment, &mut hop).await?;
            let target = location(&response)?;
            match (mode, target) {
                (RedirectMode::Manual, _) | (_, None) => {
                    let limit = rules.response_bytes;
                    let mut response = undo(response, coding, limit, take_window)?;
                    if redirects > 0 {
                        response.extensions_mut().insert(hop.url);
                    }
                    let held = |body| HeldBody::new(body, limit, place);
                    return Ok(response.map(|body| held(body).boxed_unsync()));
                }
                (RedirectMode::Error, Some(_)) => {
                    let why = format!("{} redirects, which the request forbids", hop.url);
                    return Err(SubrequestError::Redirect(why));
                }
                (RedirectMode::Follow, Some(_)) if redirects == REDIRECTS => {
                    let why = format!("more than {REDIRECTS} redirects");
                    return Err(SubrequestError::Redirect(why));
                }
                (RedirectMode::Follow, Some(target)) => {
                    hop = hop.follow(response.status(), &target)?;
                    redirects += 1;
                }
            }
        }
    }

    /// One request, one response: over a connection that waits, or a new one.
    async fn exchange(
        &self,
        deployment: &Deployment,
        hop: &mut Hop,
    ) -> Result<Response<BoxBody>, SubrequestError> {
        let origin = Origin::of(&hop.url)?;
        let Deployment { tenant, policy, .. } = deployment;
        let key = Key { tenant: Arc::clone(tenant), policy: Arc::clone(policy), origin };
        let failed = |why: &dyn std::fmt::Display| {
            SubrequestError::Network(format!("the request to {} failed: {why}", key.origin))
        };
        let mut body = hop.body();
        for attempt in 0.. {
            let waiting = if attempt < STALE_TRIES { self.pool.take(&key) } else { None };
            let is_new = waiting.is_none();
            let mut link = match waiting {
                Some(link) => link,
                None => self.open(&key).await?,
            };
            let request = hop.request(matches!(link, Link::Http2(..)), body);
            let late = Instant::now() + self.head_timeout;
            let sent = tokio::time::timeout_at(late, link.send(request)).await;
            match sent.map_err(|_| failed(&"no response in time"))? {
                // Fetch knows 200 to 599; the rest are a protocol switch that nobody asked for, or
                // nonsense.
                Ok(response) if !(200..600).contains(&response.status().as_u16()) => {
                    return Err(failed(&"the response's status is not one"));
                }
                Ok(response) => return Ok(self.lease(response, key, link)),
                Err(mut error) => match error.take_message() {
                    // The server had closed the connection while it waited; nothing was sent.
                    Some(request) if !is_new => body = request.into_body(),
                    _ => return Err(failed(&describe(error.error(), link.tally()))),
                },
            }
        }
        Err(failed(&"the server closes every connection"))
    }

    async fn open(&self, key: &Key) -> Result<Link, SubrequestError> {
        let link = self.connector.connect(key).await?;
        if let Link::Http2(sender, tally) = &link {
            // Others may use it from now on.
            self.pool.give(key, Link::Http2(sender.clone(), tally.clone()));
        }
        Ok(link)
    }

    fn lease(&self, response: Response<Incoming>, key: Key, link: Link) -> Response<BoxBody> {
        let pool = self.pool.clone();
        response.map(|incoming| LeasedBody::new(incoming, pool, key, link).boxed_unsync())
    }
}

/// What becomes of a response's content codings.
enum Coding {
    /// The tenant asked for them.
    Keep,
    /// They are undone. The window is there if brotli was asked for.
    Undo(Option<Window>),
}

/// Fills in what Fetch sends by default (HTTP-network-or-cache fetch). Brotli is asked for only if
/// its decoder has room: a server that hears so sends something else, and nobody has to wait.
fn negotiate(headers: &mut HeaderMap, window: impl FnOnce() -> Option<Window>) -> Coding {
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    if headers.contains_key(ACCEPT_ENCODING) {
        return Coding::Keep;
    }
    if headers.contains_key(RANGE) {
        // A part of a compressed body cannot be decoded.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        return Coding::Keep;
    }
    let window = window();
    let codings = if window.is_some() { CODINGS } else { CODINGS_WITHOUT_WINDOW };
    headers.insert(ACCEPT_ENCODING, codings);
    Coding::Undo(window)
}

/// The response as the tenant gets it, but for its limits.
fn undo(
    mut response: Response<BoxBody>,
    coding: Coding,
    limit: u64,
    take_window: impl FnOnce() -> Option<Window>,
) -> Result<Response<BoxBody>, SubrequestError> {
    strip_hop_by_hop(response.headers_mut());
    let Coding::Undo(window) = coding else { return Ok(response) };
    // Some servers have nothing but brotli, whatever they are asked for.
    decode(response, limit, || window.or_else(take_window)).ok_or_else(|| {
        SubrequestError::Network(format!(
            "the response is in brotli, though the request did not accept it: {} such responses \
             of this tenant are open, or {} of all tenants, and there may be no more; read or \
             cancel responses, or decode it yourself and say so in accept-encoding",
            windows::EACH,
            windows::ALL,
        ))
    })
}

/// A failed exchange, in words that name nothing of this host.
fn describe(error: &hyper::Error, tally: &Tally) -> &'static str {
    if tally.is_exceeded() {
        "the server sends interim responses (1xx) without end, and no final one"
    } else if error.is_parse() {
        "the response is malformed"
    } else if error.is_user() {
        "its body broke off"
    } else {
        "the connection was lost"
    }
}
