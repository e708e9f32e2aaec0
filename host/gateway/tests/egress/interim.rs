//! Responses that are not final (1xx).

use insula_supervisor::SubrequestError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::server::{PATIENCE, egress, fetch, get, tenant, text};

/// Answers each request on each connection with `answer`; the address.
async fn serving<F>(answer: fn(TcpStream) -> F) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    address.to_string()
}

async fn request(stream: &mut TcpStream) -> bool {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if !matches!(stream.read_buf(&mut request).await, Ok(1..)) {
            return false;
        }
    }
    true
}

const INTERIM: &[u8] = b"HTTP/1.1 102 Processing\r\n\r\n";

async fn without_end(mut stream: TcpStream) {
    request(&mut stream).await;
    let many = INTERIM.repeat(1000);
    while stream.write_all(&many).await.is_ok() {}
}

#[tokio::test]
async fn interim_responses_without_end_are_an_error_of_the_server() {
    let address = serving(without_end).await;
    let egress = egress([address.clone()]);
    // Its patience for a head is longer than the test's.
    let outcome = fetch(&egress, get(&format!("http://{address}/"))).await;
    let Err(SubrequestError::Network(why)) = outcome else { panic!("{outcome:?}") };
    assert!(why.contains(&address) && why.contains("the server sends interim responses"), "{why}");
}

#[tokio::test]
async fn nor_does_a_websocket_wait_for_their_end() {
    let address = serving(without_end).await;
    let egress = egress([address.clone()]);
    let connected = egress.connect(tenant("alice"), get(&format!("http://{address}/")));
    let outcome = tokio::time::timeout(PATIENCE, connected).await.expect("an outcome in time");
    let Err(SubrequestError::Network(why)) = outcome else { panic!("a connection") };
    assert!(why.contains("the server sends interim responses"), "{why}");
}

#[tokio::test]
async fn a_connection_may_bring_some_before_every_response() {
    let address = serving(|mut stream| async move {
        while request(&mut stream).await {
            let mut answer = INTERIM.repeat(5000);
            answer.extend_from_slice(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
            if stream.write_all(&answer).await.is_err() {
                return;
            }
        }
    })
    .await;
    let egress = egress([address.clone()]);
    for _ in 0..10 {
        let response = fetch(&egress, get(&format!("http://{address}/"))).await;
        assert_eq!(text(response.expect("a response").into_body()).await.as_deref(), Ok("ok"));
        // The connection's task learns of the end in its next turn.
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_body_of_any_size_may_follow() {
    const SIZE: usize = 4 << 20;
    let address = serving(|mut stream| async move {
        request(&mut stream).await;
        let mut answer = INTERIM.to_vec();
        answer.extend_from_slice(
            format!("HTTP/1.1 200 OK\r\ncontent-length: {SIZE}\r\n\r\n").as_bytes(),
        );
        answer.resize(answer.len() + SIZE, b'x');
        let _ = stream.write_all(&answer).await;
    })
    .await;
    let response = fetch(&egress([address.clone()]), get(&format!("http://{address}/"))).await;
    let mut body = response.expect("a response").into_body();
    let mut read = 0;
    while let Some(frame) = http_body_util::BodyExt::frame(&mut body).await {
        read += frame.expect("a piece").into_data().expect("data").len();
        // All that may be read ahead is.
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    assert_eq!(read, SIZE);
}
