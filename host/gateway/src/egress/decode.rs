use std::io;

use async_compression::tokio::bufread::{BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder};
use futures_util::{StreamExt, TryStreamExt, stream};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, BodyStream, StreamBody};
use insula_supervisor::{BodyError, BoxBody};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, BufReader};
use tokio_util::io::{ReaderStream, StreamReader};

/// Codings on top of each other that are taken off; honest servers use one.
const LAYERS: usize = 3;

/// Bytes of a piece of decoded body.
const PIECE: usize = 16 << 10;

/// Takes the content codings off a response; leaves it alone if it has one that is not known.
pub(crate) fn decode(response: Response<BoxBody>) -> Response<BoxBody> {
    if response.body().is_end_stream() {
        return response;
    }
    let Some(codings) = codings(response.headers()) else { return response };
    if codings.is_empty() {
        return response;
    }
    let (mut head, mut body) = response.into_parts();
    head.headers.remove(CONTENT_ENCODING);
    head.headers.remove(CONTENT_LENGTH);
    // They were applied in the order in which they are listed.
    for coding in codings.into_iter().rev() {
        body = undo(coding, body);
    }
    Response::from_parts(head, body)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
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
    (codings.len() <= LAYERS).then_some(codings)
}

/// Decodes piece by piece, at the reader's pace.
fn undo(coding: Coding, body: BoxBody) -> BoxBody {
    let pieces = BodyStream::new(body).try_filter_map(async |frame| Ok(frame.into_data().ok()));
    let encoded = BufReader::new(StreamReader::new(Box::pin(pieces.map_err(io::Error::other))));
    let decoded = stream::once(decoder(coding, encoded)).try_flatten();
    let frames = decoded.map(|piece| {
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
        Coding::Brotli => Box::new(BrotliDecoder::new(encoded)),
        // Some servers leave out the zlib header, which RFC 9110 §8.4.1.2 asks for.
        Coding::Deflate if is_zlib(start) => Box::new(ZlibDecoder::new(encoded)),
        Coding::Deflate => Box::new(DeflateDecoder::new(encoded)),
    };
    Ok(ReaderStream::with_capacity(decoded, PIECE))
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
            let decoded = decode(response(name, encoded(how, TEXT.into()).await));
            assert!(!decoded.headers().contains_key(CONTENT_ENCODING));
            assert!(!decoded.headers().contains_key(CONTENT_LENGTH));
            assert_eq!(read(decoded).await.as_deref(), Ok(TEXT.as_bytes()), "{how}");
        }
    }

    #[tokio::test]
    async fn layers_are_taken_off_in_reverse() {
        let twice = encoded("br", encoded("gzip", TEXT.into()).await).await;
        assert_eq!(read(decode(response("gzip, br", twice))).await.as_deref(), Ok(TEXT.as_bytes()));
    }

    #[tokio::test]
    async fn what_is_not_known_stays() {
        for coding in ["zstd", "gzip, zstd", "gzip, gzip, gzip, gzip"] {
            let kept = decode(response(coding, b"xyz".to_vec()));
            assert_eq!(kept.headers()[CONTENT_ENCODING], coding);
            assert_eq!(read(kept).await.as_deref(), Ok(&b"xyz"[..]));
        }
    }

    #[tokio::test]
    async fn an_empty_body_is_empty() {
        assert_eq!(read(decode(response("gzip", Vec::new()))).await.as_deref(), Ok(&b""[..]));
    }

    #[tokio::test]
    async fn a_body_that_lies_is_an_error() {
        assert!(read(decode(response("gzip", b"not gzip at all".to_vec()))).await.is_err());
        let mut cut = encoded("gzip", TEXT.into()).await;
        cut.truncate(cut.len() - 5);
        assert!(read(decode(response("gzip", cut))).await.is_err());
    }

    #[test]
    fn a_bomb_goes_off_piece_by_piece() {
        let zeros = encoded("gzip", vec![0; 64 << 20]).now_or_never().expect("it never waits");
        let bomb = Full::new(Bytes::from(zeros)).map_err(|never| match never {}).boxed_unsync();
        let bomb = Response::builder().header(CONTENT_ENCODING, "gzip").body(bomb);
        let mut decoded = decode(bomb.expect("a response"));
        let piece = decoded.body_mut().frame().now_or_never().flatten().expect("a piece");
        let piece = piece.expect("it decodes").into_data().expect("data");
        assert!(piece.len() <= PIECE);
    }
}
