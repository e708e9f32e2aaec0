//! Bytes that no HTTP client would send, and what must not come of them.

use std::time::Duration;

use insula_tests::App;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub use crate::driver::Scene;

/// Bytes by which the host may have grown after an attack.
pub const GROWTH: u64 = 256 << 20;

/// How long a connection is listened to on which nothing happens: the server may well wait for the
/// rest of a request.
const QUIET: Duration = Duration::from_millis(300);

/// The tenant that the requests are for, or seem to be for.
const DECOY: &str = "export default {
    async fetch(request) {
        const path = new URL(request.url).pathname;
        if (path === '/large') return new Response(new Uint8Array(4 << 20));
        if (path === '/fields') return Response.json(Object.fromEntries(request.headers));
        if (path === '/hidden') return new Response('the hidden one');
        if (request.headers.has('x-early')) return new Response('early');
        return new Response('a body of ' + (await request.text()).length);
    },
};";

pub async fn deploy_decoy(scene: &Scene) {
    let args = ["--cpu-ms", "5000"];
    scene.server.deploy_with("decoy", &App::module(DECOY), &args).await;
}

/// A head for the decoy that begins with `line` and ends with `rest`.
pub fn request(line: &str, rest: &str) -> String {
    format!("{line}\r\nhost: decoy.localhost\r\n{rest}")
}

/// Sends bytes on a connection of their own, and reads until the server closes it or has no more to
/// say.
pub async fn exchange(scene: &Scene, bytes: &[u8]) -> String {
    let mut client = TcpStream::connect(scene.server.listen()).await.expect("a connection");
    // It may be refused before it is whole.
    let _ = client.write_all(bytes).await;
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    // The first answer is waited for; the others come at once or not at all.
    let mut patience = insula_tests::PATIENCE / 20;
    while let Ok(Ok(read @ 1..)) = tokio::time::timeout(patience, client.read(&mut piece)).await {
        text.extend_from_slice(&piece[..read]);
        patience = QUIET;
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// A way to put bytes behind a head's last line: `{hidden}` is a request, `{length}` its length,
/// `{chunk}` a body that holds it.
pub enum Form {
    /// It can be read in two ways, and must not be read in the one that makes it a request.
    Ambiguous(&'static str),
    /// It can be read in one way, or not at all: if as a request, then not as a body, too.
    Odd(&'static str),
}

/// Hides a request in another one.
pub async fn hidden_requests(scene: &Scene, forms: &[Form]) {
    deploy_decoy(scene).await;
    let hidden = "GET /hidden HTTP/1.1\r\nhost: decoy.localhost\r\nconnection: close\r\n\r\n";
    let chunk = format!("{:x}\r\n{hidden}\r\n0\r\n\r\n", hidden.len());
    for form in forms {
        let (Form::Ambiguous(text) | Form::Odd(text)) = form;
        let rest = text.replace("{hidden}", hidden).replace("{chunk}", &chunk);
        let rest = rest.replace("{length}", &hidden.len().to_string());
        let answer = exchange(scene, request("POST / HTTP/1.1", &rest).as_bytes()).await;
        let found = answer.contains("the hidden one");
        let was_body = answer.contains(&format!("a body of {}", hidden.len()));
        let allowed = matches!(form, Form::Odd(_)) && !was_body;
        assert!(!found || allowed, "{text:?}: {answer}");
        assert_is_no_victims(scene, text, &answer);
    }
    let works = exchange(scene, request("GET /hidden HTTP/1.1", "\r\n").as_bytes()).await;
    assert!(works.contains("the hidden one"), "the decoy does not work: {works}");
    scene.delete("decoy").await;
}

/// The victim would have said something that only it knows.
pub fn assert_is_no_victims(scene: &Scene, what: &str, answer: &str) {
    assert_eq!(scene.canaries.found_in(answer.as_bytes()), None, "{what:?}: {answer}");
}
