use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;

use http::Request;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

/// Counts pieces that are on their way.
#[derive(Clone, Default)]
struct Pieces(Rc<Cell<i32>>);

impl Reader for Pieces {
    fn most(&self) -> usize {
        2
    }

    fn has_piece(&self, bytes: usize) -> bool {
        self.0.set(self.0.get() + 1);
        bytes < usize::MAX
    }

    fn wants_piece(&self) {
        self.0.set(self.0.get() - 1);
    }
}

/// What goes over the wire for a response, as an HTTP/1 client that asks with `method` sees it.
async fn wire(method: &str, make: impl Fn() -> Response<ResponseBody>) -> String {
    let (mut client, server) = tokio::io::duplex(64 << 10);
    let service = service_fn(async |request: Request<Incoming>| {
        Ok::<_, Infallible>(reply(make(), request.method(), 10, Pieces::default()))
    });
    let served = async {
        // A response above the limit ends the connection with an error, as it should.
        let _ = http1::Builder::new().serve_connection(TokioIo::new(server), service).await;
    };
    let asked = async {
        let request = format!("{method} / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        client.write_all(request.as_bytes()).await.expect("it is read");
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.expect("text");
        answer
    };
    tokio::join!(served, asked).1
}

fn response(status: u16, fields: &[(&str, &str)], body: &'static str) -> Response<ResponseBody> {
    let mut builder = Response::builder().status(status);
    for (name, value) in fields {
        builder = builder.header(*name, *value);
    }
    builder.body(ResponseBody::full(Bytes::from_static(body.as_bytes()))).expect("a response")
}

#[tokio::test]
async fn a_response_has_the_length_of_its_body_whatever_it_claims() {
    for claims in [&[][..], &["2"], &["99"], &["4", "99"], &["x"]] {
        let claims: Vec<_> = claims.iter().map(|value| ("content-length", *value)).collect();
        let answer = wire("GET", || response(200, &claims, "body")).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert_eq!(answer.matches("content-length").count(), 1, "{answer}");
        assert!(answer.contains("content-length: 4\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\nbody"), "{answer}");
    }
}

#[tokio::test]
async fn a_response_to_head_has_the_length_and_no_body() {
    let answer = wire("HEAD", || response(200, &[], "body")).await;
    assert!(answer.contains("content-length: 4\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
    let answer = wire("HEAD", || response(200, &[("content-length", "7")], "")).await;
    assert!(answer.contains("content-length: 7\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn statuses_without_content_have_none() {
    for status in [204, 205, 304] {
        let fields = [("content-length", "4"), ("etag", "x")];
        let answer = wire("GET", || response(status, &fields, "body")).await;
        assert!(answer.ends_with("\r\n\r\n") && answer.contains("etag: x"), "{answer}");
        assert!(!answer.contains("content-length: 4"), "{answer}");
    }
}

#[tokio::test]
async fn a_tenant_cannot_speak_for_the_connection_or_for_insula() {
    let fields = [
        ("transfer-encoding", "chunked"),
        ("connection", "x-named"),
        ("keep-alive", "timeout=9"),
        ("x-named", "1"),
        ("insula-error", "no-such-tenant"),
        ("x-mine", "1"),
    ];
    let answer = wire("GET", || response(200, &fields, "body")).await;
    for gone in ["transfer-encoding", "keep-alive", "x-named", "insula-error"] {
        assert!(!answer.contains(gone), "{answer}");
    }
    assert!(answer.contains("x-mine: 1\r\n") && answer.ends_with("\r\n\r\nbody"), "{answer}");
}

#[tokio::test]
async fn a_body_above_the_limit_breaks_off() {
    let answer = wire("GET", || response(200, &[], "0123456789")).await;
    assert!(answer.ends_with("\r\n\r\n0123456789"), "{answer}");
    let answer = wire("GET", || response(200, &[], "0123456789+")).await;
    assert!(!answer.contains("0123456789"), "{answer}");
}

#[test]
fn a_stream_keeps_a_length_that_is_one() {
    for (claims, kept) in
        [(&["4"][..], true), (&["4", "4"], false), (&["+4"], false), (&[""], false), (&[], false)]
    {
        let mut headers = HeaderMap::new();
        for claim in claims {
            headers.append(CONTENT_LENGTH, HeaderValue::from_static(claim));
        }
        keep_true_length(&mut headers);
        assert_eq!(headers.contains_key(CONTENT_LENGTH), kept, "{claims:?}");
    }
}

#[tokio::test]
async fn a_piece_is_on_its_way_until_the_next_is_wanted_or_none_ever_will_be() {
    for reads_on in [true, false] {
        let pieces = Pieces::default();
        let mut body =
            reply(response(200, &[], "body"), &Method::GET, 10, pieces.clone()).into_body();
        assert_eq!(pieces.0.get(), 0);
        let mut read = Vec::new();
        for _ in 0..if reads_on { 2 } else { 1 } {
            let piece = body.frame().await.expect("a piece").expect("no error").into_data();
            read.extend_from_slice(&piece.expect("bytes"));
            assert_eq!(body.size_hint().exact(), Some(4 - read.len() as u64));
            assert_eq!(pieces.0.get(), 1);
        }
        assert_eq!(read[..], b"body"[..read.len()], "each as long as the reader takes it at once");
        if reads_on {
            assert!(body.is_end_stream());
            assert!(body.frame().await.is_none());
            assert_eq!(pieces.0.get(), 0);
        }
        drop(body);
        assert_eq!(pieces.0.get(), 0);
    }
}
