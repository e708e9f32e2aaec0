mod answers;
mod bodies;
mod bounds;
mod events;
mod redirects;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::Response;
use http_body_util::BodyExt as _;
use insula_tests::{App, Options, Origin, OriginAnswer, OriginRequest, Server, answer, whole};

/// A server, an origin that it may reach, and a tenant whose handler gets the origin's URL in
/// `env.ORIGIN`.
async fn fetching(handler: &str) -> (Server, Origin) {
    let origin = Origin::start(|request| respond(request).boxed()).await;
    let server = Server::with(Options::config(origin.allowed())).await;
    let variable = format!("ORIGIN={}", origin.url(""));
    let flags = ["--var", &variable, "--cpu-ms", "10000"];
    server.deploy_with("alice", &App::handler(handler), &flags).await;
    (server, origin)
}

/// What the origin does at each path.
async fn respond(request: OriginRequest) -> OriginAnswer {
    let path = request.uri().path().to_owned();
    let redirect = |status: u16, to: &str| {
        Response::builder().status(status).header("location", to).body(whole("moved")).unwrap()
    };
    match path.as_str() {
        "/hello" => {
            let response = Response::builder().status(201).header("x-from", "origin");
            let response = response.header("set-cookie", "a=1").header("set-cookie", "b=2");
            response.body(whole("hello")).unwrap()
        }
        "/echo" => {
            let line = format!("{} {}", request.method(), show(&request));
            let mut body = request.into_body();
            let mut all = line.into_bytes();
            while let Some(Ok(frame)) = body.frame().await {
                all.extend_from_slice(frame.data_ref().unwrap_or(&Bytes::new()));
            }
            answer(200, all)
        }
        "/stream" => {
            Response::new(request.into_body().map_err(|_| unreachable_body()).boxed_unsync())
        }
        "/events" => {
            let last = request.headers().get("last-event-id").map(|id| id.as_bytes().to_vec());
            let text = match last.as_deref() {
                None => "retry: 10\nid: 1\ndata: one\n\nevent: two\ndata: 2\n\n",
                Some(b"1") => "data: again\n\n",
                Some(_) => "data: what?\n\n",
            };
            let response = Response::builder().header("content-type", "text/event-stream");
            response.body(whole(text)).unwrap()
        }
        "/big" => answer(200, vec![b'b'; 5 << 20]),
        "/never" => std::future::pending().await,
        "/302" => redirect(302, "/hello"),
        "/307" => redirect(307, "/echo"),
        "/303" => redirect(303, "/echo"),
        "/chain" => redirect(301, "/302"),
        "/loop" => redirect(302, "/loop"),
        "/private" => redirect(302, "http://127.0.0.1:1/"),
        "/file" => redirect(302, "file:///etc/passwd"),
        _ => answer(404, "nothing here"),
    }
}

fn show(request: &OriginRequest) -> String {
    let headers = request.headers().iter().filter(|(name, _)| name.as_str().starts_with("x-"));
    headers.map(|(name, value)| format!("{name}={} ", value.to_str().unwrap())).collect()
}

/// A client that breaks off ends the origin's answer; the test sees that elsewhere.
fn unreachable_body() -> std::convert::Infallible {
    panic!("the request's body broke off")
}
