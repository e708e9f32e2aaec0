//! The suite's scripts that answer by themselves, as far as tests of the covered areas ask them.

use http::Response;
use http::request::Parts;
use http_body_util::{BodyExt as _, Limited};
use insula_tests::{OriginAnswer, OriginRequest, answer};

use crate::origin::{argument, finish};

/// Bytes of a request that are read.
const MOST: usize = 64 << 20;

/// The answer of the script that the request names; the request again when it names none of these.
pub async fn respond(request: OriginRequest) -> Result<OriginAnswer, OriginRequest> {
    let name = request.uri().path().rsplit('/').next().unwrap_or_default();
    let query = request.uri().query().unwrap_or_default();
    Ok(match name {
        "echo-content.py" | "method.py" => echo(request).await,
        "inspect-headers.py" => inspect_headers(query, &request),
        "message.py" => message(query),
        "redirect.py" => redirect(query),
        "status.py" => status(query),
        _ => return Err(request),
    })
}

/// The request's body, as text, and what came with it.
async fn echo(request: OriginRequest) -> OriginAnswer {
    let (Parts { method, headers, .. }, body) = request.into_parts();
    #[expect(clippy::disallowed_methods, reason = "limited")]
    let body = match Limited::new(body, MOST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return answer(400, error.to_string()),
    };
    let mut response = Response::builder().header("content-type", "text/plain");
    response = response.header("x-request-method", method.as_str());
    for name in ["content-length", "content-type"] {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        response = response.header(format!("x-request-{name}"), value.unwrap_or("NO"));
    }
    finish(response, body)
}

/// The fields that the query asks for, as fields of the answer.
fn inspect_headers(query: &str, request: &OriginRequest) -> OriginAnswer {
    let mut response = Response::builder().header("content-type", "text/plain");
    let names = argument(query, "headers").unwrap_or_default();
    for name in names.split('|').filter(|name| !name.is_empty()) {
        if let Some(value) = request.headers().get(name) {
            response = response.header(format!("x-request-{name}"), value);
        }
    }
    finish(response, "")
}

/// A message of an event stream.
fn message(query: &str) -> OriginAnswer {
    let kind = argument(query, "mime").unwrap_or_else(|| "text/event-stream".to_owned());
    let message = argument(query, "message").unwrap_or_else(|| "data: data".to_owned());
    let end = match argument(query, "newline").as_deref() {
        None => "\n\n",
        Some("none") => "",
        Some(_) => "\n",
    };
    finish(Response::builder().header("content-type", kind), message + end)
}

fn redirect(query: &str) -> OriginAnswer {
    let status = argument(query, "redirect_status").and_then(|status| status.parse().ok());
    let response = Response::builder().status(status.unwrap_or(302_u16));
    match argument(query, "location") {
        Some(location) => finish(response.header("location", location), ""),
        None => finish(response, ""),
    }
}

fn status(query: &str) -> OriginAnswer {
    let status = argument(query, "status").or_else(|| argument(query, "code"));
    let status = status.and_then(|status| status.parse().ok()).unwrap_or(200_u16);
    let kind = argument(query, "type").unwrap_or_else(|| "text/plain".to_owned());
    let content = argument(query, "content").unwrap_or_default();
    finish(Response::builder().status(status).header("content-type", kind), content)
}
