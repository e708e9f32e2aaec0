use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::{PATIENCE, within};

/// A TCP connection for bytes that no HTTP client would send.
pub struct Raw(TcpStream);

impl Raw {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> Self {
        Self(within("a connection", TcpStream::connect(address)).await.expect("a connection"))
    }

    /// Sends bytes; that the server has closed the connection is no failure here.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = within("bytes to be taken", self.0.write_all(bytes.as_ref())).await;
    }

    /// Sends `piece` again and again for as long as it is taken, at most `limit` bytes; returns how many were.
    pub async fn send_until_refused(&mut self, piece: &[u8], limit: usize) -> usize {
        let mut sent = 0;
        while sent < limit {
            match within("bytes to be taken", self.0.write(&piece[sent % piece.len()..])).await {
                Ok(0) | Err(_) => break,
                Ok(taken) => sent += taken,
            }
        }
        sent
    }

    /// Whether the connection takes no more of `piece`, again and again, for `quiet` milliseconds, after at most `limit`
    /// bytes.
    pub async fn fills_up(&mut self, piece: &[u8], limit: usize, quiet: u64) -> bool {
        let quiet = std::time::Duration::from_millis(quiet);
        let mut sent = 0;
        while sent < limit {
            let rest = &piece[sent % piece.len()..];
            match tokio::time::timeout(quiet, self.0.write(rest)).await {
                Err(_) => return true,
                Ok(Ok(0) | Err(_)) => return false,
                Ok(Ok(taken)) => sent += taken,
            }
        }
        false
    }

    /// Sends no more.
    pub async fn finish(&mut self) {
        let _ = self.0.shutdown().await;
    }

    /// Reads until the head of an answer is whole; returns it with what came after it.
    pub async fn head(&mut self) -> String {
        let mut text = Vec::new();
        while !text.windows(4).any(|end| end == b"\r\n\r\n") {
            let mut piece = [0; 4096];
            match within("the head of an answer", self.0.read(&mut piece)).await {
                Ok(0) | Err(_) => break,
                Ok(read) => text.extend_from_slice(&piece[..read]),
            }
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Reads until the server closes the connection, which it must do.
    pub async fn rest(&mut self) -> String {
        String::from_utf8_lossy(&self.rest_bytes().await).into_owned()
    }

    /// The same, as bytes.
    pub async fn rest_bytes(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        loop {
            let mut piece = [0; 4096];
            let read = tokio::time::timeout(PATIENCE, self.0.read(&mut piece)).await;
            match read.expect("the connection to be closed") {
                Ok(0) | Err(_) => break,
                Ok(read) => text.extend_from_slice(&piece[..read]),
            }
        }
        text
    }
}
