//! What tests load while they run, served as the suite's own server does.

use http::{Response, StatusCode};
use insula_tests::{Origin, OriginAnswer, OriginRequest, answer, whole};

use crate::substitute::{Place, applies, substitute};
use crate::suite::Suite;

/// Serves the files of the suite.
pub async fn start(suite: Suite) -> Origin {
    Origin::start(move |request| {
        let suite = suite.clone();
        Box::pin(async move { serve(&suite, &request) })
    })
    .await
}

fn serve(suite: &Suite, request: &OriginRequest) -> OriginAnswer {
    let path = request.uri().path();
    let Some(mut bytes) = suite.read(path) else { return answer(404, "not found") };
    if applies(path)
        && let Some(place) = place_of(request)
    {
        bytes = substitute(&String::from_utf8_lossy(&bytes), place).into_bytes();
    }
    let mut response = Response::builder().status(StatusCode::OK);
    let fields = suite.read(&format!("{path}.headers")).unwrap_or_default();
    let fields = String::from_utf8_lossy(&fields).into_owned();
    let fields = fields.lines().filter_map(|line| line.split_once(':'));
    let mut has_type = false;
    for (name, value) in fields {
        has_type |= name.eq_ignore_ascii_case("content-type");
        response = response.header(name.trim(), value.trim());
    }
    if !has_type {
        response = response.header("content-type", content_type(path));
    }
    response.body(whole(bytes)).unwrap_or_else(|error| answer(500, error.to_string()))
}

/// As the client sees it.
fn place_of(request: &OriginRequest) -> Option<Place> {
    let host = request.headers().get("host")?.to_str().ok()?;
    host.parse().ok().map(Place)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css",
        "html" => "text/html",
        "js" => "text/javascript",
        "json" => "application/json",
        "png" => "image/png",
        "txt" | "idl" => "text/plain",
        "wasm" => "application/wasm",
        "xml" => "text/xml",
        _ => "application/octet-stream",
    }
}
