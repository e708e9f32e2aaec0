//! What tests load while they run, served as the suite's own server does: the files of the suite with
//! their `.headers`, `?pipe=` as far as tests of fetching use it, and some scripts ([`handlers`]).

use bytes::Bytes;
use http::Response;
use http::response::Builder;
use insula_tests::{Origin, OriginAnswer, OriginRequest, answer, whole};

use crate::handlers;
use crate::substitute::{Place, applies, substitute};
use crate::suite::Suite;

/// Serves the files of the suite.
pub async fn start(suite: Suite) -> Origin {
    Origin::start(move |request| {
        let suite = suite.clone();
        Box::pin(async move {
            handlers::respond(request).await.unwrap_or_else(|request| file(&suite, &request))
        })
    })
    .await
}

fn file(suite: &Suite, request: &OriginRequest) -> OriginAnswer {
    let path = request.uri().path();
    let pipe = argument(request.uri().query().unwrap_or_default(), "pipe").unwrap_or_default();
    let Some(mut bytes) = suite.read(path) else { return answer(404, "not found") };
    if (applies(path) || pipe.contains("sub"))
        && let Some(place) = place_of(request)
    {
        bytes = substitute(&String::from_utf8_lossy(&bytes), place).into_bytes();
    }
    let fields = suite.read(&format!("{path}.headers")).unwrap_or_default();
    let fields = String::from_utf8_lossy(&fields).into_owned();
    let fields = fields.lines().filter_map(|line| line.split_once(':'));
    let mut fields: Vec<(String, String)> =
        fields.map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned())).collect();
    let mut response = Response::builder();
    for (name, arguments) in pipes(&pipe) {
        match (name, arguments.split_once(',')) {
            ("header", Some((field, value))) => {
                let field = field.to_lowercase();
                fields.retain(|(name, _)| *name != field);
                fields.push((field, value.to_owned()));
            }
            ("status", None) => {
                response = response.status(arguments.parse::<u16>().unwrap_or(500));
            }
            _ => {}
        }
    }
    if !fields.iter().any(|(name, _)| name == "content-type") {
        fields.push(("content-type".to_owned(), content_type(path).to_owned()));
    }
    for (name, value) in fields {
        response = response.header(name, value);
    }
    finish(response, bytes)
}

/// An answer; 500 when its parts make none.
pub fn finish(response: Builder, body: impl Into<Bytes>) -> OriginAnswer {
    response.body(whole(body)).unwrap_or_else(|error| answer(500, error.to_string()))
}

/// `name(arguments)|…`
fn pipes(pipe: &str) -> impl Iterator<Item = (&str, &str)> {
    pipe.split('|').filter_map(|call| {
        let (name, rest) = call.split_once('(')?;
        Some((name, rest.strip_suffix(')')?))
    })
}

/// A value in a query, decoded.
pub fn argument(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(found, _)| *found == name)?;
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let decoded = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = match (first, decoded) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                &tail[2..]
            }
            (byte, _) => {
                bytes.push(byte);
                tail
            }
        };
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
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

#[cfg(test)]
mod tests {
    use super::{argument, pipes};

    #[test]
    fn pipes_of_a_query_are_decoded() {
        let pipe = argument("a=b&pipe=header(Content-Type,text%2Fplain)|sub", "pipe").unwrap();
        assert_eq!(pipes(&pipe).collect::<Vec<_>>(), [("header", "Content-Type,text/plain")]);
    }
}
