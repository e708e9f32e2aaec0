//! One keep-alive connection that times single requests.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::error::BenchError;

const PATIENCE: Duration = Duration::from_secs(30);

/// A connection on which requests follow one another.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub fn open(address: &str) -> Result<Self, BenchError> {
        let connecting = |source| BenchError::io(format!("connect to {address}"), source);
        let stream = TcpStream::connect(address).map_err(connecting)?;
        stream.set_nodelay(true).map_err(connecting)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(connecting)?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Asks for `/` at `host`; the time until the whole answer has arrived, and its status.
    pub fn get(&mut self, host: &str) -> Result<(Duration, u16), BenchError> {
        let asking = |source| BenchError::io(format!("ask {host}"), source);
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let began = Instant::now();
        self.stream.get_mut().write_all(request.as_bytes()).map_err(asking)?;
        let (status, length) = self.head(host)?;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).map_err(asking)?;
        Ok((began.elapsed(), status))
    }

    /// Status and content length.
    fn head(&mut self, host: &str) -> Result<(u16, usize), BenchError> {
        let mut status = None;
        let mut length = None;
        loop {
            let mut line = String::new();
            let read = self.stream.read_line(&mut line);
            read.map_err(|source| BenchError::io(format!("hear from {host}"), source))?;
            let line = line.trim_end();
            if status.is_none() {
                status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok();
            }
            if line.is_empty() {
                break;
            }
        }
        match (status, length) {
            (Some(status), Some(length)) => Ok((status, length)),
            _ => Err(BenchError::Output {
                what: host.to_owned(),
                text: format!("status {status:?}, content length {length:?}"),
            }),
        }
    }
}
