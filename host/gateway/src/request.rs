use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::header::{CONNECTION, HOST, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Request, Response, Version};
use http_body::Body;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use insula_supervisor::{
    Deployment, ErrorDetail, IsolateRequest, RequestBody, RequestError, ResponseBody,
};
use insula_wire::FailureCode;

use crate::activity::InFlight;
use crate::answer::{accepts_html, answer};
use crate::connection::Connection;
use crate::error::GatewayError;
use crate::headers::{X_FORWARDED_FOR, X_FORWARDED_PROTO, strip_hop_by_hop};
use crate::reply::{ReplyBody, clean, reply};
use crate::request_body::{BodyFate, BodyPlan, StreamLimits};
use crate::target::Target;
use crate::websocket::{Answer, Offer, Role, Terms, converse, linger};

/// One request's life in the gateway. It cannot fail: every error has its answer.
pub(crate) async fn handle(
    connection: Arc<Connection>,
    request: Request<Incoming>,
) -> Result<Response<ReplyBody<InFlight>>, Infallible> {
    let has_one_request = request.version() < Version::HTTP_2;
    if !request.body().is_end_stream() {
        connection.activity.body_begins();
    } else if has_one_request {
        connection.activity.body_ends();
    }
    let in_flight = InFlight::begin(Arc::clone(&connection), request.version());
    let (mut head, body) = request.into_parts();
    let mut routed = None;
    let mut response = match respond(in_flight, &mut head, body, &mut routed).await {
        Ok(response) => response,
        Err(error) => {
            let page = error_page(&connection, routed, &error, &head);
            let page = match page {
                Some(page) => Some(page.await),
                None => None,
            };
            answer(&error, &head.headers, page).map(ReplyBody::own)
        }
    };
    // Who answers in pieces may be reading still, piece by piece.
    let is_whole = response.body().size_hint().exact().is_some();
    if has_one_request && is_whole && connection.activity.body_left() {
        // Hyper closes a connection on which a part of a body is still to come. Who does not know sends the next
        // request there, which may be for another tenant, and never hears of it.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

fn error_page(
    connection: &Connection,
    routed: Option<Arc<Deployment>>,
    error: &GatewayError,
    head: &Parts,
) -> Option<BoxFuture<'static, String>> {
    let GatewayError::Isolate(error) = error else { return None };
    let deployment = routed.filter(|_| accepts_html(&head.headers))?;
    connection.server.routes.error_page(deployment, error)
}

/// The layers, outermost first.
async fn respond(
    in_flight: InFlight,
    head: &mut Parts,
    body: Incoming,
    routed: &mut Option<Arc<Deployment>>,
) -> Result<Response<ReplyBody<InFlight>>, GatewayError> {
    let connection = in_flight.connection();
    let server = &connection.server;

    // Upgrade: who asks for a WebSocket may get one; to the tenant it is a GET, whatever HTTP it came with.
    let offer = if body.is_end_stream() { Offer::take(head) } else { None };

    // Target: one host and one path, or the request means different things to different readers.
    let target = Target::parse(head, &server.config.scheme)?;

    // Route: the host name alone decides whose code answers.
    let deployment = server.routes.route(target.host()).ok_or(GatewayError::NoSuchTenant)?;
    let deployment = routed.insert(deployment);
    let limits = &deployment.limits;

    // Admission: an announced body above the limit is refused before a byte of it is read.
    let plan = BodyPlan::new(&body, limits.body_bytes)?;

    // Room: until an isolate has them, head and body are held here, where no tenant's limit counts them.
    if !in_flight.hold(target.url().len() + length_of(&head.headers) + plan.held()) {
        return Err(GatewayError::NoRoom);
    }

    // Headers: what concerns this connection ends here; who asks is what the socket says.
    strip_hop_by_hop(&mut head.headers);
    identify(connection, head)?;
    if offer.is_some() {
        Offer::show(&mut head.headers);
    }

    // Clock: all that follows until the response's head shares the tenant's wall time.
    let asked = Instant::now();
    let mut deadline = connection.timer.deadline(limits.wall());

    // Body: a small one is read whole and travels with the head, a large one at its reader's pace.
    let stream = StreamLimits { bytes: limits.body_bytes, stall: server.config.idle_timeout };
    let fate = BodyFate::of(plan);
    let body = deadline
        .run(plan.take(body, stream, &fate))
        .await
        .map_err(|_elapsed| GatewayError::BodyTooSlow)??;
    if matches!(body, RequestBody::Full(_)) {
        connection.activity.body_ends();
    }

    // Hand-over: dropping this future, as hyper does when the client goes away, aborts the request.
    // Hyper does not while it waits for more of the body, so its end is listened for here.
    let request = IsolateRequest {
        asked,
        method: head.method.as_str(),
        url: target.url(),
        headers: &head.headers,
        body,
        upgrade: offer.is_some(),
    };
    let handled = async {
        tokio::select! {
            biased;
            response = server.supervisor.handle(deployment, request) => response,
            () = fate.client_left() => Err(RequestError::Cancelled),
        }
    };
    let response = deadline
        .run(handled)
        .await
        .unwrap_or_else(|_elapsed| Err(RequestError::WallLimit(limits.wall_ms)));
    drop(deadline);
    in_flight.hold(0);
    if fate.is_complete() {
        connection.activity.body_ends();
    }
    let response = response.map_err(|error| blame_overrun(error, &fate, limits.body_bytes))?;

    // Response: out as the tenant made it, within what HTTP lets a tenant say.
    if response.status().is_informational() {
        return match offer {
            Some(offer) => switch(offer, response, Terms::of(limits), in_flight),
            None => Err(not_a_response()),
        };
    }
    let limit = limits.body_bytes;
    Ok(reply(response, &head.method, limit, in_flight))
}

/// Answers that the connection, or the stream, is a WebSocket from here on, and starts to carry it.
fn switch(
    offer: Offer,
    response: Response<ResponseBody>,
    terms: Terms,
    in_flight: InFlight,
) -> Result<Response<ReplyBody<InFlight>>, GatewayError> {
    let (mut head, body) = response.into_parts();
    let socket = body.into_socket().ok_or_else(not_a_response)?;
    clean(&mut head.headers);
    let Answer { head, on_upgrade } = offer.accept(head.headers);
    let sockets = in_flight.connection().sockets.clone();
    let open = in_flight.connection().server.websockets.open();
    sockets.spawn(async move {
        let leaving = in_flight.connection().leaving.clone();
        match on_upgrade.await {
            Ok(upgraded) => {
                let io = TokioIo::new(upgraded);
                let rest = converse(io, socket, Role::Server, terms, leaving).await;
                // Whoever waits for the end need not wait for those who do not hang up.
                drop(open);
                linger(rest).await;
            }
            Err(error) => tracing::debug!(%error, "a client left before its WebSocket was open"),
        }
    });
    Ok(head.map(|()| ReplyBody::own(Bytes::new())))
}

/// Bytes of a header's fields, and of what keeps them.
fn length_of(headers: &HeaderMap) -> usize {
    const FIELD: usize = 64;
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + FIELD).sum()
}

/// Says who asks, in fields that a client cannot forge, and gives HTTP/2 requests a `host`.
fn identify(connection: &Connection, head: &mut Parts) -> Result<(), GatewayError> {
    let proto = match connection.server.config.scheme.as_str() {
        "https" => HeaderValue::from_static("https"),
        _ => HeaderValue::from_static("http"),
    };
    if let Some(authority) = head.uri.authority().filter(|_| !head.headers.contains_key(HOST)) {
        let host = HeaderValue::from_str(authority.as_str())
            .map_err(|_| GatewayError::BadRequest("the host is malformed"))?;
        head.headers.insert(HOST, host);
    }
    head.headers.insert(X_FORWARDED_FOR, connection.client.clone());
    head.headers.insert(X_FORWARDED_PROTO, proto);
    Ok(())
}

/// A handler that fails because its request's body went beyond the limit is not to blame for it.
fn blame_overrun(error: RequestError, fate: &BodyFate, limit: u64) -> GatewayError {
    if fate.is_overrun() { GatewayError::BodyTooLarge(limit) } else { GatewayError::Isolate(error) }
}

fn not_a_response() -> GatewayError {
    let detail = ErrorDetail {
        message: "an informational status is no response".to_owned(),
        ..ErrorDetail::default()
    };
    GatewayError::Isolate(RequestError::Tenant { code: FailureCode::NotAResponse, detail })
}
