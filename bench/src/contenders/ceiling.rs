//! A bare hyper server: what the network and HTTP cost when nothing is isolated.

use std::{convert::Infallible, process::Command};

use http_body_util::Full;
use hyper::{
    Request, Response, body::Bytes, body::Incoming, server::conn::http1, service::service_fn,
};
use hyper_util::rt::TokioIo;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};

use super::Contender;
use crate::{args::Name, error::BenchError, process::Server};

/// This program again, as a server of its own.
#[derive(Debug)]
pub struct Ceiling {
    server: Server,
    address: String,
    _dir: TempDir,
}

impl Ceiling {
    pub fn start() -> Result<Self, BenchError> {
        let io = |source| BenchError::io("start the bare hyper server", source);
        let dir = TempDir::new().map_err(io)?;
        let mut command = Command::new(std::env::current_exe().map_err(io)?);
        command.arg("ceiling");
        let mut server = Server::start("bare hyper", &mut command, dir.path().join("log"))?;
        // It prints its address once it listens.
        let log = dir.path().join("log");
        let address = server.wait_until(|| {
            let text = std::fs::read_to_string(&log).ok()?;
            text.lines().next().filter(|_| text.ends_with('\n')).map(str::to_owned)
        })?;
        Ok(Self { server, address, _dir: dir })
    }
}

impl Contender for Ceiling {
    fn name(&self) -> Name {
        Name::Hyper
    }

    fn address(&self) -> &str {
        &self.address
    }

    fn pid(&self) -> u32 {
        self.server.pid()
    }
}

/// The server itself: runs until it is killed.
pub fn serve() -> Result<(), BenchError> {
    let io = |source| BenchError::io("serve", source);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(io)?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(io)?;
        println!("{}", listener.local_addr().map_err(io)?);
        loop {
            let (stream, _) = listener.accept().await.map_err(io)?;
            stream.set_nodelay(true).map_err(io)?;
            tokio::spawn(connection(stream));
        }
    })
}

async fn connection(stream: TcpStream) {
    let service = service_fn(|_: Request<Incoming>| async {
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"Hello, world!\n"))))
    });
    // A connection that breaks concerns nobody here.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}
