use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, ready};
use std::{fmt, io};

use async_compression::tokio::bufread::{BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder};
use futures_util::{StreamExt, TryStreamExt, stream};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, BodyStream, StreamBody};
use insula_supervisor::{BodyError, BoxBody};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, ReadBuf};
use tokio_util::io::{ReaderStream, StreamReader};

use super::windows::Window;

/// Codings on top of each other that are taken off; honest servers use one.
const LAYERS: usize = 2;

/// Bytes of a piece of decoded body, and of encoded body that are decoded in one go.
const PIECE: usize = 16 << 10;

/// Encoded bytes that may stand for nothing: headers of a format, names of files, tables.
const SLACK: u64 = 256 << 10;

/// Encoded bytes that may stand for one decoded byte. A gzip member for each byte takes 21.
const OVERHEAD: u64 = 32;

/// Takes the content codings off a response; leaves it alone if it has one that is not known.
/// No layer reads much more than twice `limit`, the bytes that the decoded body may have. `None`
/// if it takes a window, and there is none.
pub(crate) fn decode(
    response: Response<BoxBody>,
    limit: u64,
    window: impl FnOnce() -> Option<Window>,
) -> Option<Response<BoxBody>> {
    if response.body().is_end_stream() {
        return Some(response);
    }
    let Some(codings) = codings(response.headers()) else { return Some(response) };
    if codings.is_empty() {
        return Some(response);
    }
    let mut window = match codings.contains(&Coding::Brotli) {
        true => Some(window()?),
        false => None,
    };
    let (mut head, mut body) = response.into_parts();
    head.headers.remove(CONTENT_ENCODING);
    head.headers.remove(CONTENT_LENGTH);
    // They were applied in the order in which they are listed.
    for coding in codings.into_iter().rev() {
        let window = window.take_if(|_| coding == Coding::Brotli);
        body = undo(coding, body, limit, window);
    }
    Some(Response::from_parts(head, body))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "brotli",
        })
    }
}

/// The codings that were applied, if all are known.
fn codings(headers: &HeaderMap) -> Option<Vec<Coding>> {
    let mut codings = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        for name in value.to_str().ok()?.split(',').map(str::trim) {
            match name.to_ascii_lowercase().as_str() {
                "gzip" | "x-gzip" => codings.push(Coding::Gzip),
                "deflate" => codings.push(Coding::Deflate),
                "br" => codings.push(Coding::Brotli),
                "identity" | "" => {}
                _ => return None,
            }
        }
    }
    // One window must do.
    let windows = codings.iter().filter(|coding| **coding == Coding::Brotli).count();
    (codings.len() <= LAYERS && windows <= 1).then_some(codings)
}

/// Decodes piece by piece, at the reader's pace.
fn undo(coding: Coding, body: BoxBody, limit: u64, window: Option<Window>) -> BoxBody {
    let pieces = BodyStream::new(body).try_filter_map(async |frame| Ok(frame.into_data().ok()));
    let encoded = StreamReader::new(Box::pin(pieces.map_err(io::Error::other)));
    let given = Arc::new(AtomicU64::new(0));
    let encoded = Encoded {
        bytes: encoded,
        coding,
        limit,
        taken: 0,
        given: Arc::clone(&given),
        in_one_go: 0,
        _window: window,
    };
    let decoded = stream::once(decoder(coding, encoded)).try_flatten();
    let frames = decoded.map(move |piece| {
        let piece = piece.inspect(|bytes| {
            given.fetch_add(bytes.len() as u64, Relaxed);
        });
        piece
            .map(Frame::data)
            .map_err(|error| BodyError::Broken(format!("the body cannot be decoded: {error}")))
    });
    StreamBody::new(frames).boxed_unsync()
}

async fn decoder<R>(
    coding: Coding,
    mut encoded: R,
) -> io::Result<ReaderStream<Box<dyn AsyncRead + Send + Unpin>>>
where
    R: AsyncBufRead + Send + Unpin + 'static,
{
    let start = encoded.fill_buf().await?;
    let decoded: Box<dyn AsyncRead + Send + Unpin> = match coding {
        // Some servers mark an empty body as coded.
        _ if start.is_empty() => Box::new(tokio::io::empty()),
        Coding::Gzip => {
            let mut decoder = GzipDecoder::new(encoded);
            decoder.multiple_members(true);
            Box::new(decoder)
        }
        Coding::Brotli if is_large_window(start) => {
            let why = "its brotli has a larger window than RFC 7932 knows, which is for files";
            return Err(io::Error::other(why));
        }
        Coding::Brotli => Box::new(BrotliDecoder::new(encoded)),
        // Some servers leave out the zlib header, which RFC 9110 §8.4.1.2 asks for.
        Coding::Deflate if is_zlib(start) => Box::new(ZlibDecoder::new(encoded)),
        Coding::Deflate => Box::new(DeflateDecoder::new(encoded)),
    };
    Ok(ReaderStream::with_capacity(decoded, PIECE))
}

/// What a decoder reads: at most so much that it cannot work for long without a result.
///
/// A decoder asks for more until it has something to give, within one poll, and a few bytes can
/// stand for gigabytes that stand for nothing (`gzip, br`: empty members). What bounds decoded
/// bytes never sees them.
struct Encoded<R> {
    bytes: R,
    coding: Coding,
    /// Bytes that the response may have when it is decoded.
    limit: u64,
    /// Bytes that the decoder took.
    taken: u64,
    /// Bytes that it made of them.
    given: Arc<AtomicU64>,
    /// Bytes that it took since it last let others go on.
    in_one_go: usize,
    /// Goes when the decoder goes, which is at the end of the body though that is still held.
    _window: Option<Window>,
}

impl<R> Encoded<R> {
    /// Ends decoding if it costs more than it brings.
    fn judge(&self) -> io::Result<()> {
        let Self { coding, limit, taken, .. } = self;
        let given = self.given.load(Relaxed);
        let most = given.saturating_mul(OVERHEAD).min(limit.saturating_mul(2));
        if *taken <= most.saturating_add(SLACK) {
            return Ok(());
        }
        Err(io::Error::other(format!(
            "the server sent {taken} bytes of {coding} that stand for {given}, more than an \
             honest encoder makes of them; ask it for another content coding"
        )))
    }
}

impl<R: AsyncBufRead + Unpin> AsyncBufRead for Encoded<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        this.judge()?;
        if this.in_one_go >= PIECE {
            // Others on this thread go on, and whoever lost interest can drop the body.
            this.in_one_go = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let bytes = ready!(Pin::new(&mut this.bytes).poll_fill_buf(cx))?;
        Poll::Ready(Ok(bytes.get(..PIECE).unwrap_or(bytes)))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        let this = self.get_mut();
        this.taken += amount as u64;
        this.in_one_go += amount;
        Pin::new(&mut this.bytes).consume(amount);
    }
}

impl<R: AsyncBufRead + Unpin> AsyncRead for Encoded<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let bytes = ready!(self.as_mut().poll_fill_buf(cx))?;
        let amount = bytes.len().min(buffer.remaining());
        buffer.put_slice(bytes.get(..amount).unwrap_or_default());
        self.consume(amount);
        Poll::Ready(Ok(()))
    }
}

/// Whether a stream starts like one of the "large window" format, whose windows go up to 1 GiB and
/// which the decoder knows. RFC 7932 §9.1 has no stream with this start.
fn is_large_window(start: &[u8]) -> bool {
    start.first().is_some_and(|bits| bits & 0x7f == 0x11)
}

/// Whether `start` can be the start of a zlib stream (RFC 1950 §2.2).
fn is_zlib(start: &[u8]) -> bool {
    match start {
        [method, flags, ..] => {
            method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31)
        }
        [method] => method & 0x0f == 8,
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::windows::Windows;
    use super::*;
    use async_compression::tokio::bufread as encoders;
    use bytes::Bytes;
    use futures_util::FutureExt;
    use http_body_util::{Full, Limited};
    use tokio::io::AsyncReadExt;

    const TEXT: &str = "tenant tenant tenant tenant tenant";

    async fn encoded(coding: &str, text: Vec<u8>) -> Vec<u8> {
        let text = io::Cursor::new(text);
        let mut encoded = Vec::new();
        let mut encoder: Box<dyn AsyncRead + Send + Unpin> = match coding {
            "gzip" => Box::new(encoders::GzipEncoder::new(text)),
            "br" => Box::new(encoders::BrotliEncoder::new(text)),
            "deflate" => Box::new(encoders::ZlibEncoder::new(text)),
            _ => Box::new(encoders::DeflateEncoder::new(text)),
        };
        encoder.read_to_end(&mut encoded).await.expect("an encoding");
        encoded
    }

    /// A response whose body comes byte by byte.
    fn response(coding: &str, body: Vec<u8>) -> Response<BoxBody> {
        let bytes = body.into_iter().map(|b| Ok(Frame::data(Bytes::from(vec![b]))));
        let body = StreamBody::new(stream::iter(bytes)).boxed_unsync();
        let builder = Response::builder().header(CONTENT_ENCODING, coding);
        builder.header(CONTENT_LENGTH, "9").body(body).expect("a response")
    }

    fn undo_all(response: Response<BoxBody>) -> Response<BoxBody> {
        let window = Windows::default().take(&"alice".into());
        decode(response, 1 << 20, || window).expect("there is a window")
    }

    async fn read(response: Response<BoxBody>) -> Result<Vec<u8>, String> {
        #[expect(clippy::disallowed_methods, reason = "bounded by Limited")]
        let read = Limited::new(response.into_body(), 1 << 20).collect().await;
        read.map(|body| body.to_bytes().to_vec()).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn known_codings_are_taken_off() {
        for (name, how) in
            [("gzip", "gzip"), ("BR", "br"), ("deflate", "deflate"), ("deflate", "raw")]
        {
            let decoded = undo_all(response(name, encoded(how, TEXT.into()).await));
            assert!(!decoded.headers().contains_key(CONTENT_ENCODING));
            assert!(!decoded.headers().contains_key(CONTENT_LENGTH));
            assert_eq!(read(decoded).await.as_deref(), Ok(TEXT.as_bytes()), "{how}");
        }
    }

    #[tokio::test]
    async fn layers_are_taken_off_in_reverse() {
        let twice = encoded("br", encoded("gzip", TEXT.into()).await).await;
        assert_eq!(
            read(undo_all(response("gzip, br", twice))).await.as_deref(),
            Ok(TEXT.as_bytes())
        );
    }

    #[tokio::test]
    async fn what_is_not_known_stays() {
        for coding in ["zstd", "gzip, zstd", "gzip, gzip, gzip", "br, br"] {
            let kept = undo_all(response(coding, b"xyz".to_vec()));
            assert_eq!(kept.headers()[CONTENT_ENCODING], coding);
            assert_eq!(read(kept).await.as_deref(), Ok(&b"xyz"[..]));
        }
    }

    #[tokio::test]
    async fn an_empty_body_is_empty() {
        assert_eq!(read(undo_all(response("gzip", Vec::new()))).await.as_deref(), Ok(&b""[..]));
    }

    #[tokio::test]
    async fn a_body_that_lies_is_an_error() {
        assert!(read(undo_all(response("gzip", b"not gzip at all".to_vec()))).await.is_err());
        let mut cut = encoded("gzip", TEXT.into()).await;
        cut.truncate(cut.len() - 5);
        assert!(read(undo_all(response("gzip", cut))).await.is_err());
    }

    #[test]
    fn a_bomb_goes_off_piece_by_piece() {
        let zeros = encoded("gzip", vec![0; 64 << 20]).now_or_never().expect("it never waits");
        let bomb = Full::new(Bytes::from(zeros)).map_err(|never| match never {}).boxed_unsync();
        let bomb = Response::builder().header(CONTENT_ENCODING, "gzip").body(bomb);
        let mut decoded = undo_all(bomb.expect("a response"));
        let piece = decoded.body_mut().frame().now_or_never().flatten().expect("a piece");
        let piece = piece.expect("it decodes").into_data().expect("data");
        assert!(piece.len() <= PIECE);
    }

    #[tokio::test]
    async fn work_without_a_result_lets_others_go_on() {
        // All of it is at hand, so nothing but the decoder decides when the poll ends.
        let members = encoded("gzip", Vec::new()).await.repeat(1000);
        let body = Full::new(Bytes::from(members)).map_err(|never| match never {}).boxed_unsync();
        let response = Response::builder().header(CONTENT_ENCODING, "gzip").body(body);
        let mut decoded = undo_all(response.expect("a response"));
        assert!(decoded.body_mut().frame().now_or_never().is_none());
        assert_eq!(read(decoded).await.as_deref(), Ok(&b""[..]));
    }

    #[tokio::test]
    async fn a_member_for_each_byte_is_honest() {
        let members = encoded("gzip", b"x".to_vec()).await.repeat(20_000);
        assert!(members.len() as u64 > SLACK);
        assert_eq!(read(undo_all(response("gzip", members))).await, Ok(vec![b'x'; 20_000]));
    }

    #[tokio::test]
    async fn a_window_is_free_when_its_body_is_over() {
        let windows = Windows::default();
        let alice = "alice".into();
        let text = encoded("br", TEXT.into()).await;
        let take = || windows.take(&alice);
        let mut held = Vec::new();
        while let Some(decoded) = decode(response("br", text.clone()), 1 << 20, take) {
            held.push(decoded);
        }
        let frame = async |decoded: &mut Response<BoxBody>| decoded.body_mut().frame().await;
        while let Some(piece) = frame(&mut held[0]).await {
            assert!(piece.is_ok());
        }
        assert!(windows.take(&alice).is_some());
    }
}
