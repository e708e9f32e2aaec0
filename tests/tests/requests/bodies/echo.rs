use bytes::Bytes;
use http::Request;
use insula_tests::{App, Server, host, streaming, whole};

/// Sizes around every threshold: nothing, one byte, one frame, many frames.
const SIZES: [usize; 7] = [0, 1, (64 << 10) - 1, 64 << 10, (64 << 10) + 1, 1 << 20, 20 << 20];

/// Bytes that show when a piece is missing, doubled or in the wrong place.
fn pattern(size: usize) -> Bytes {
    let next = |state: &mut u32| {
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some((*state >> 24) as u8)
    };
    std::iter::successors(Some(7_u32), |_| Some(7))
        .scan(7_u32, |state, _| next(state))
        .take(size)
        .collect()
}

/// Deploys `handler` with the time that 20 MiB take, and expects back whatever is sent, at once and
/// in pieces.
async fn echoes(handler: &str) {
    let server = Server::start().await;
    server.deploy_with("alice", &App::handler(handler), &["--cpu-ms", "20000"]).await;
    let mut connection = server.connect().await;
    for size in SIZES {
        let sent = pattern(size);
        let request = Request::post("/").header("host", host("alice"));
        let answer = connection.send(request.body(whole(sent.clone())).unwrap()).await;
        assert_eq!(answer.status, 200, "{size}: {:?}", answer.headers);
        assert!(answer.body == sent, "{size}: {} bytes came back", answer.body.len());

        let (sender, body) = streaming();
        let request = Request::post("/").header("host", host("alice"));
        let pieces = sent.clone();
        let sending = tokio::spawn(async move {
            for piece in pieces.chunks(50_000) {
                sender.send(pieces.slice_ref(piece)).await.unwrap();
            }
        });
        let answer = connection.send(request.body(body).unwrap()).await;
        sending.await.unwrap();
        assert!(answer.body == sent, "{size} in pieces: {} bytes came back", answer.body.len());
    }
}

#[tokio::test]
async fn as_a_stream() {
    echoes("(request) => new Response(request.body)").await;
}

#[tokio::test]
async fn through_a_transform() {
    echoes("(request) => new Response(request.body?.pipeThrough(new TransformStream({ transform(chunk, c) { c.enqueue(chunk.slice()) } })))").await;
}

#[tokio::test]
async fn as_a_buffer() {
    echoes("async (request) => new Response(await request.arrayBuffer())").await;
}

#[tokio::test]
async fn piece_by_piece_while_the_request_still_comes() {
    let server = Server::start().await;
    server.handler("alice", "(request) => new Response(request.body)").await;
    let (sender, body) = streaming();
    let request = Request::post("/").header("host", host("alice")).body(body).unwrap();
    let mut connection = server.connect().await;
    sender.send("hello".into()).await.unwrap();
    let mut exchange = connection.open(request).await;
    assert_eq!(exchange.piece().await.as_deref(), Some(&b"hello"[..]));
    for word in ["one", "two", "three"] {
        sender.send(word.into()).await.unwrap();
        assert_eq!(exchange.piece().await.as_deref(), Some(word.as_bytes()));
    }
    drop(sender);
    assert_eq!(exchange.piece().await, None);
}

#[tokio::test]
async fn from_a_tee_and_a_clone() {
    let server = Server::start().await;
    server
        .handler("alice", "async (request) => { const copy = request.clone(); const [a, b] = copy.body.tee(); const texts = await Promise.all([request.text(), new Response(a).text(), new Response(b).text()]); return Response.json(texts.map((t) => t.length + t.at(-1))) }")
        .await;
    let answer = server.post("alice", "/", format!("{}z", "a".repeat(300_000))).await;
    answer.assert_ok("[\"300001z\",\"300001z\",\"300001z\"]");
}
