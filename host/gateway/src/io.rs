use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::connection::Connection;
use crate::deadline::Timer;

/// How long a connection that is closed goes on reading what its client still sends.
const LINGER: Duration = Duration::from_secs(5);

/// Bytes read, and thrown away, at a time.
const WASTE: usize = 8 << 10;

/// The socket of a connection, whose activity takes note of what moves.
pub(crate) struct WatchedIo {
    inner: TokioIo<TcpStream>,
    connection: Arc<Connection>,
    linger: Option<(Instant, Timer)>,
}

impl WatchedIo {
    pub(crate) fn new(stream: TcpStream, connection: Arc<Connection>) -> Self {
        Self { inner: TokioIo::new(stream), connection, linger: None }
    }

    /// Reads until the client is done. Closing a socket with unread bytes resets it, and a reset
    /// can overtake the answer: a client that is told 413 amid its upload would never learn so.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let new = || (Instant::now() + LINGER, Timer::default());
        let (end, timer) = self.linger.get_or_insert_with(new);
        if timer.poll_until(*end, cx).is_ready() {
            return Poll::Ready(());
        }
        let mut waste = [MaybeUninit::uninit(); WASTE];
        loop {
            let mut waste = ReadBuf::uninit(&mut waste);
            match Pin::new(&mut self.inner).poll_read(cx, waste.unfilled()) {
                Poll::Ready(Ok(())) if !waste.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn note<T>(&self, written: Poll<std::io::Result<T>>) -> Poll<std::io::Result<T>> {
        match &written {
            Poll::Ready(Ok(_)) => self.connection.activity.wrote(),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.connection.activity.write_blocked(),
        }
        written
    }
}

impl Read for WatchedIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        self.connection.activity.read();
        Poll::Ready(Ok(()))
    }
}

impl Write for WatchedIo {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.note(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        if self.linger.is_none() {
            ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
        }
        if self.connection.activity.body_left() {
            ready!(self.poll_linger(cx));
        }
        Poll::Ready(Ok(()))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.note(written)
    }
}
