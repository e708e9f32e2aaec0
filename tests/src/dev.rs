use std::net::SocketAddr;
use std::path::Path;

use http::Request;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

use crate::client::{Answer, Connection, empty};
use crate::{Command, within};

/// A running `insula dev`. Dropping it ends it.
pub struct Dev {
    address: SocketAddr,
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Dev {
    /// `insula dev` with the application at `path`.
    pub async fn start(path: &Path) -> Self {
        let path = path.to_str().expect("a path in UTF-8");
        let mut child = Command::insula(["dev", path, "--listen", "127.0.0.1:0"]).spawn();
        let stdout = child.stdout.take().expect("a pipe");
        let mut lines = BufReader::new(stdout).lines();
        let listens = within("insula dev to listen", read_until(&mut lines, "http://")).await;
        let line = listens.last().expect("the line that was waited for");
        let port = line.split(':').nth(2).and_then(|rest| rest.split('/').next());
        let port = port.and_then(|port| port.parse().ok()).expect("a port");
        Self { address: SocketAddr::from(([127, 0, 0, 1], port)), lines, _child: child }
    }

    /// What the terminal shows up to a line that contains `part`, with it.
    pub async fn shows(&mut self, part: &str) -> String {
        within(part, read_until(&mut self.lines, part)).await.join("\n")
    }

    /// The answer to a client that accepts this.
    pub async fn get(&self, path: &str, accept: &str) -> Answer {
        let request = Request::get(path).header("host", "localhost").header("accept", accept);
        let request = request.body(empty()).expect("a request");
        Connection::http1(self.address).await.send(request).await
    }
}

async fn read_until(lines: &mut Lines<BufReader<ChildStdout>>, part: &str) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        match lines.next_line().await.expect("text") {
            Some(line) => seen.push(line),
            None => panic!("insula dev ended; it had shown:\n{}", seen.join("\n")),
        }
        if seen.last().is_some_and(|line| line.contains(part)) {
            return seen;
        }
    }
}
