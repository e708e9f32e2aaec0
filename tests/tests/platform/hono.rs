//! An unmodified package from npm answers here exactly as under Node.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use http::{Method, Request};
use insula_tests::{Answer, Connection, Server, bundle, host, whole};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Header fields that the application sets; others are the servers' own.
const FIELDS: [&str; 4] = ["content-type", "location", "x-powered-by", "x-route"];

/// Method, path, content type and body, in order: later ones see what earlier ones did.
const REQUESTS: [(&str, &str, &str, &str); 20] = [
    ("GET", "/", "", ""),
    ("GET", "/notes", "", ""),
    ("GET", "/notes?tag=home", "", ""),
    ("GET", "/notes?tag=none", "", ""),
    ("GET", "/notes/1", "", ""),
    ("GET", "/notes/99", "", ""),
    ("GET", "/notes/x", "", ""),
    ("POST", "/notes", "application/json", r#"{"text":"buy milk €","tags":["shop"]}"#),
    ("GET", "/notes/2", "", ""),
    ("POST", "/notes", "application/json", r#"{"text":""}"#),
    ("POST", "/notes", "application/json", "{not json"),
    ("DELETE", "/notes/2", "", ""),
    ("DELETE", "/notes/2", "", ""),
    ("GET", "/echo?a=1&a=2&b=%C3%BC", "", ""),
    ("POST", "/echo", "text/plain", "some text"),
    ("POST", "/echo", "application/x-www-form-urlencoded", "a=1&b=x+y&a=2"),
    (
        "PUT",
        "/echo",
        "multipart/form-data; boundary=XX",
        "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n--XX--\r\n",
    ),
    ("GET", "/fail", "", ""),
    ("GET", "/nothing/here?x", "", ""),
    ("PATCH", "/", "", ""),
];

#[tokio::test]
async fn the_example_answers_as_under_node() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/hono");
    bundle(&example).await;
    let node = Node::start(&example).await;
    let server = Server::start().await;
    server.insula(&["deploy", example.to_str().unwrap(), "--tenant", "notes"]).await.succeeded();
    for (method, path, kind, body) in REQUESTS {
        let ask = async |address: SocketAddr| {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let mut request =
                Request::builder().method(method).uri(path).header("host", host("notes"));
            if !kind.is_empty() {
                request = request.header("content-type", kind);
            }
            Connection::http1(address).await.send(request.body(whole(body)).unwrap()).await
        };
        let (here, there) = (ask(server.listen()).await, ask(node.address).await);
        assert_eq!(shown(&here), shown(&there), "{method} {path}");
    }
}

fn shown(answer: &Answer) -> (u16, Vec<(&str, &str)>, &str) {
    let fields = FIELDS.iter().map(|name| (*name, answer.header(name))).collect();
    (answer.status, fields, answer.text())
}

/// The example under Node. Dropping it ends it.
struct Node {
    address: SocketAddr,
    _process: Child,
}

impl Node {
    async fn start(example: &Path) -> Self {
        let mut command = Command::new("node");
        command.arg("node-server.mjs").current_dir(example).env("PORT", "0");
        let mut process = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let line = insula_tests::within("node to listen", stdout.lines().next_line()).await;
        let line = line.unwrap().expect("node ended without listening");
        let address = line.rsplit(' ').next().unwrap().parse().unwrap();
        Self { address, _process: process }
    }
}
