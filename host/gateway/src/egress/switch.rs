//! Subrequests that shall become WebSockets.

use std::sync::Arc;

use http::header::CONTENT_LENGTH;
use http::{Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use insula_supervisor::{BoxBody, Connected, Deployment, Subrequest, SubrequestError};
use tokio_util::sync::CancellationToken;

use super::Egress;
use super::hop::Hop;
use super::origin::Origin;
use super::places::HeldBody;
use super::pool::{Key, Link};
use super::tally::Tally;
use crate::headers::strip_hop_by_hop;
use crate::websocket::{Asked, Role, Terms, converse, linger};

impl Egress {
    /// Asks a server for a WebSocket, for a tenant whose `request` is a GET. The address is judged as for others;
    /// redirects are the tenant's to follow, and so is any other answer.
    ///
    /// # Errors
    ///
    /// [`SubrequestError`], in words for the tenant's author.
    pub async fn connect(
        &self,
        deployment: Arc<Deployment>,
        request: Subrequest,
    ) -> Result<Connected, SubrequestError> {
        let rules = &deployment.policy.egress;
        let place = self.places.take(&deployment.tenant, rules.connections)?;
        let mut hop = Hop::first(request.request).await?;
        let asked = Asked::new(&mut hop.headers).map_err(|error| {
            tracing::error!(%error, "no WebSocket: the system gives no random numbers");
            SubrequestError::Network("the host cannot make a WebSocket's key".to_owned())
        })?;
        let origin = Origin::of(&hop.url)?;
        let Deployment { tenant, policy, .. } = &*deployment;
        let key = Key { tenant: Arc::clone(tenant), policy: Arc::clone(policy), origin };
        let (mut sender, tally) = self.connector.connect_to_switch(&key).await?;
        let response = self.ask(&mut sender, &tally, &mut hop, &key).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            let mut response = self.lease(response, key, Link::Http1(sender, tally));
            strip_hop_by_hop(response.headers_mut());
            let held = |body| HeldBody::new(body, rules.response_bytes, place);
            return Ok(Connected::Refused(response.map(|body| held(body).boxed_unsync())));
        }
        tally.switch();
        asked.check(response.headers()).map_err(|why| failed(&key, why))?;
        let terms = Terms::of(&deployment.limits);
        let (mut head, _) = Response::new(()).into_parts();
        head.headers = response.headers().clone();
        head.headers.remove(CONTENT_LENGTH);
        strip_hop_by_hop(&mut head.headers);
        let on_upgrade = hyper::upgrade::on(response);
        let drive = Box::new(move |socket| {
            let carried = async move {
                // The sender keeps the connection until it has been handed over.
                let upgraded = on_upgrade.await;
                drop(sender);
                if let Ok(upgraded) = upgraded {
                    let io = TokioIo::new(upgraded);
                    let never = CancellationToken::new();
                    linger(converse(io, socket, Role::Client, terms, never).await).await;
                }
                drop(place);
            };
            Box::pin(carried) as futures_util::future::BoxFuture<'static, ()>
        });
        Ok(Connected::Open(Response::from_parts(head, ()), drive))
    }

    async fn ask(
        &self,
        sender: &mut SendRequest<BoxBody>,
        tally: &Tally,
        hop: &mut Hop,
        key: &Key,
    ) -> Result<Response<Incoming>, SubrequestError> {
        let body = hop.body();
        let asking = sender.send_request(hop.request(false, body));
        let response = tokio::time::timeout(self.head_timeout, asking).await;
        let response = response.map_err(|_| failed(key, "no response in time"))?;
        let response = response.map_err(|error| failed(key, super::describe(&error, tally)))?;
        tally.begin_anew();
        match response.status().as_u16() {
            101 | 200..600 => Ok(response),
            _ => Err(failed(key, "the response's status is not one")),
        }
    }
}

fn failed(key: &Key, why: &str) -> SubrequestError {
    SubrequestError::Network(format!("the request to {} failed: {why}", key.origin))
}
