use std::convert::Infallible;

use http::{Request, Response};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::*;

const LIMIT: u64 = 1 << 20;

/// Takes the body of the request that a client writes, and says what it was.
async fn taken(client: impl AsyncFnOnce(&mut DuplexStream)) -> String {
    let (mut near, far) = tokio::io::duplex(4 << 10);
    let service = service_fn(async |request: Request<Incoming>| {
        let told = describe(request.into_body()).await;
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(told))))
    });
    let served = async {
        let _ = http1::Builder::new().serve_connection(TokioIo::new(far), service).await;
    };
    let asked = async {
        near.write_all(b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n").await.expect("room");
        client(&mut near).await;
        let mut answer = String::new();
        near.read_to_string(&mut answer).await.expect("text");
        answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
    };
    tokio::join!(served, asked).1
}

async fn describe(body: Incoming) -> String {
    let plan = match BodyPlan::new(&body, LIMIT) {
        Ok(plan) => plan,
        Err(error) => return format!("refused: {error}"),
    };
    let fate = BodyFate::of(plan);
    let limits = StreamLimits { bytes: LIMIT, stall: Duration::from_secs(60) };
    match plan.take(body, limits, &fate).await {
        Ok(RequestBody::None) => "none".to_owned(),
        Ok(RequestBody::Full(bytes)) => format!("full: {}", bytes.len()),
        Ok(RequestBody::Stream { mut body, length }) => {
            let mut read = 0;
            while let Some(frame) = body.frame().await {
                match frame {
                    Ok(frame) => read += frame.into_data().map_or(0, |data| data.len()),
                    Err(error) => return format!("{error}, overrun: {}", fate.is_overrun()),
                }
            }
            format!("stream of {length:?}: {read}")
        }
        Err(error) => format!("failed: {error}"),
    }
}

async fn announced(length: usize) -> String {
    taken(async |client| {
        let _ = client.write_all(format!("content-length: {length}\r\n\r\n").as_bytes()).await;
        let _ = client.write_all(&vec![b'x'; length]).await;
    })
    .await
}

async fn chunked(chunks: &[&str]) -> String {
    taken(async |client| {
        let _ = client.write_all(b"transfer-encoding: chunked\r\n\r\n").await;
        for chunk in chunks {
            let framed = format!("{:x}\r\n{chunk}\r\n", chunk.len());
            let _ = client.write_all(framed.as_bytes()).await;
        }
        let _ = client.write_all(b"0\r\nx-trailer: y\r\n\r\n").await;
    })
    .await
}

#[tokio::test]
async fn an_announced_body_is_taken_by_its_size() {
    assert_eq!(announced(0).await, "none");
    assert_eq!(announced(1).await, "full: 1");
    assert_eq!(announced(caps::INLINE_BODY).await, "full: 65536");
    assert_eq!(announced(caps::INLINE_BODY + 1).await, "stream of Some(65537): 65537");
    assert_eq!(announced(LIMIT as usize).await, "stream of Some(1048576): 1048576");
}

#[tokio::test]
async fn an_announced_body_above_the_limit_is_refused() {
    let told = taken(async |client| {
        let head = format!("content-length: {}\r\n\r\n", LIMIT + 1);
        client.write_all(head.as_bytes()).await.expect("room");
    });
    assert_eq!(told.await, "refused: the request's body is larger than 1048576 bytes");
}

#[tokio::test]
async fn a_body_of_unknown_length_is_streamed_and_counted() {
    assert_eq!(chunked(&["ab", "cde"]).await, "stream of None: 5");
    let half = "x".repeat(LIMIT as usize / 2);
    assert_eq!(chunked(&[&half, &half]).await, "stream of None: 1048576");
    let told = chunked(&[&half, &half, "+"]).await;
    assert_eq!(told, "the body is larger than 1048576 bytes, overrun: true");
}

#[tokio::test]
async fn malformed_chunks_break_the_body() {
    for bytes in ["zz\r\n", "-1\r\n", "2\r\nabcd\r\n", "fffffffffffffffff\r\n", "1;\n\nx"] {
        let told = taken(async |client| {
            let _ = client.write_all(b"transfer-encoding: chunked\r\n\r\n").await;
            let _ = client.write_all(bytes.as_bytes()).await;
            let _ = client.shutdown().await;
        });
        let told = told.await;
        assert!(told.is_empty() || told.starts_with("the body broke off"), "{bytes:?}: {told}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stalled_stream_is_given_up_while_somebody_waits() {
    let told = taken(async |client| {
        let head = "transfer-encoding: chunked\r\n\r\n2\r\nab\r\n";
        client.write_all(head.as_bytes()).await.expect("room");
    });
    let told = told.await;
    assert!(told.contains("nothing for too long"), "{told}");
}
