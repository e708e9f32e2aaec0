//! What an origin may send beside what it is asked for.
//!
//! Interim responses (1xx), and frames of HTTP/2 that carry nothing, are read for nobody: no tenant's limit counts them,
//! and hyper passes over any number of them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Bytes in a second at which the rest is read.
const PACE: usize = 64 << 10;

/// Bytes of a connection that have come since it brought something. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    bytes: Arc<AtomicUsize>,
    limit: usize,
}

/// Its bytes are counted no more.
const SWITCHED: usize = usize::MAX;

impl Tally {
    /// A request goes out, or a response's head or a piece of its body has reached whoever reads it.
    pub(crate) fn begin_anew(&self) {
        self.bytes.store(0, Relaxed);
    }

    /// The connection has switched protocols, and bounds are another's affair. Nothing is read meanwhile.
    pub(crate) fn switch(&self) {
        self.bytes.store(SWITCHED, Relaxed);
    }

    /// Whether too much has come for nothing.
    pub(crate) fn is_exceeded(&self) -> bool {
        let bytes = self.bytes.load(Relaxed);
        bytes > self.limit && bytes != SWITCHED
    }

    fn add(&self, bytes: usize) {
        if self.bytes.load(Relaxed) != SWITCHED {
            self.bytes.fetch_add(bytes, Relaxed);
        }
    }
}

/// What becomes of a connection on which too much has come for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beyond {
    /// It fails: on HTTP/1.1, nothing that is asked for comes in so many bytes.
    Fail,
    /// It is read slowly: on HTTP/2 they may be a body's, in frames as small as the origin likes, whose reader is
    /// busy. Whoever waits for a head gives up in time.
    Slow,
}

/// A connection whose bytes are counted.
pub(super) struct Tallied<T> {
    inner: T,
    tally: Tally,
    beyond: Beyond,
    pause: Option<Pin<Box<Sleep>>>,
}

impl<T> Tallied<T> {
    /// `limit`: bytes that may come and bring nothing.
    pub(super) fn new(inner: T, limit: usize, beyond: Beyond) -> Self {
        let tally = Tally { bytes: Arc::default(), limit };
        Self { inner, tally, beyond, pause: None }
    }

    pub(super) fn tally(&self) -> Tally {
        self.tally.clone()
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Tallied<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.tally.is_exceeded() && this.beyond == Beyond::Fail {
            return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
        }
        // What has been handed over meanwhile ends the pause.
        if let Some(pause) = this.pause.as_mut().filter(|_| this.tally.is_exceeded()) {
            ready!(pause.as_mut().poll(cx));
        }
        this.pause = None;
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.inner).poll_read(cx, buf))?;
        let bytes = buf.filled().len() - before;
        this.tally.add(bytes);
        if this.tally.is_exceeded() {
            let micros = bytes as u64 * 1_000_000 / PACE as u64;
            this.pause = Some(Box::pin(sleep(Duration::from_micros(micros))));
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Tallied<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, repeat};

    use super::*;

    const LIMIT: usize = 256 << 10;

    async fn read(io: &mut (impl AsyncRead + Unpin), bytes: usize) -> io::Result<usize> {
        io.read_exact(&mut vec![0; bytes]).await
    }

    #[tokio::test]
    async fn what_brings_nothing_fails_and_what_brings_something_does_not() {
        let mut io = Tallied::new(repeat(0), LIMIT, Beyond::Fail);
        for _ in 0..10 {
            assert!(read(&mut io, LIMIT).await.is_ok());
            io.tally().begin_anew();
        }
        assert!(read(&mut io, LIMIT + 1).await.is_ok());
        assert!(io.tally().is_exceeded());
        assert!(read(&mut io, 1).await.is_err());
    }

    #[tokio::test]
    async fn nothing_is_counted_after_a_switch() {
        let mut io = Tallied::new(repeat(0), LIMIT, Beyond::Fail);
        io.tally().switch();
        assert!(read(&mut io, 10 * LIMIT).await.is_ok());
        assert!(!io.tally().is_exceeded());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_connection_is_as_fast_as_its_reader() {
        let mut io = Tallied::new(repeat(0), LIMIT, Beyond::Slow);
        assert!(read(&mut io, LIMIT + PACE).await.is_ok());
        let tally = io.tally();
        let start = tokio::time::Instant::now();
        for _ in 0..10 {
            assert!(read(&mut io, PACE).await.is_ok());
        }
        // The clock is the test's own.
        assert!(start.elapsed() >= Duration::from_secs(9), "{:?}", start.elapsed());
        let start = tokio::time::Instant::now();
        for _ in 0..100 {
            tally.begin_anew();
            assert!(read(&mut io, PACE).await.is_ok());
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
