//! Compression in pieces: no call takes or gives more than [`MOST`] bytes, so that none is long and
//! a small input that becomes a large output does so no faster than its reader reads.

use brotli::enc::StandardAlloc;
use brotli::enc::encode::{
    BrotliEncoderOperation, BrotliEncoderParameter, BrotliEncoderStateStruct,
};
use brotli::{BrotliDecompressStream, BrotliResult, BrotliState};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use insula_spidermonkey::{Args, Local, Scope, Throw};

use super::{copy_of, integer, text};

/// Bytes in and out of one call.
const MOST: usize = 64 << 10;

/// Of a window of brotli. A larger one would not help what fits into an isolate.
const WIDEST_BROTLI: u32 = 22;

/// Of a window of brotli at the qualities that remember a tree of the whole window, eight bytes
/// for each of its bytes.
const WIDEST_THOROUGH_BROTLI: u32 = 20;

/// "2^16 bytes". The encoder works on whole blocks, and a larger one takes long at high qualities.
const BROTLI_BLOCK: u32 = 16;

type BrotliDecoder = BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>;

enum Codec {
    Deflate(Compress),
    Inflate {
        state: Decompress,
        dictionary: Option<Vec<u8>>,
    },
    BrotliEncoder(Box<BrotliEncoderStateStruct<StandardAlloc>>),
    BrotliDecoder(Box<BrotliDecoder>),
    /// It has ended, failed or been let go of, and holds no memory any more.
    Over,
}

/// How things stand after a call, as `js/compression.js` knows it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// What was given is consumed, and what comes of it has been given.
    Hungry = 0,
    /// There is more to give or to consume: call again with the same.
    More = 1,
    /// The compressed data is complete. What is left of the input does not belong to it.
    Ended = 2,
    /// The input is not what it should be.
    Corrupt = 3,
    /// The data was compressed with a dictionary that was not given.
    NeedsDictionary = 4,
}

/// What the caller wants to have out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flush {
    None,
    Sync,
    Full,
    Finish,
}

/// Format, whether to decompress, level, window bits, dictionary or undefined.
pub(super) fn codec_new<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let format = text(scope, args.get(0))?;
    let decompress = args.get(1).as_bool() == Some(true);
    let level = integer(args.get(2))?;
    let window = integer(args.get(3))?;
    let dictionary = match args.get(4) {
        none if none.is_undefined() => None,
        bytes => Some(copy_of(scope, bytes)?),
    };
    let codec = if decompress {
        decoder(&format, window, dictionary)
    } else {
        encoder(&format, level, window, dictionary)
    };
    scope.resource(codec.ok_or_else(|| Throw::TypeError("The dictionary is not valid".into()))?)
}

/// Codec, bytes, where in them to begin, flush, and a `Uint32Array` for where in them the codec is
/// now and its standing. Returns bytes.
pub(super) fn codec_run<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let from = integer(args.get(2))? as usize;
    let flush = match integer(args.get(3))? {
        0 => Flush::None,
        1 => Flush::Sync,
        2 => Flush::Full,
        _ => Flush::Finish,
    };
    // Taken out of its object, since only one of object and bytes can be looked into at a time.
    let mut codec =
        scope.with_resource(args.get(0), |codec| std::mem::replace(codec, Codec::Over))?;
    let mut output = Vec::new();
    let ran = scope.with_bytes(args.get(1), |bytes| {
        let input = bytes.get(from..).unwrap_or_default();
        let piece = &input[..input.len().min(MOST)];
        // What follows is still to be compressed together with this.
        let now = if piece.len() < input.len() { Flush::None } else { flush };
        let (consumed, standing) = codec.run(piece, &mut output, now);
        let more = standing == Standing::Hungry && consumed < input.len();
        (consumed, if more { Standing::More } else { standing })
    });
    let (consumed, standing) = match ran {
        Ok((consumed, standing)) => (consumed, standing),
        Err(throw) => {
            scope.with_resource(args.get(0), |place| *place = codec)?;
            return Err(throw);
        }
    };
    if matches!(standing, Standing::Hungry | Standing::More) {
        scope.with_resource(args.get(0), |place| *place = codec)?;
    }
    scope.with_bytes_mut(args.get(4), |out| {
        let position = u32::try_from(from + consumed).unwrap_or(u32::MAX);
        for (place, value) in out.chunks_exact_mut(4).zip([position, standing as u32]) {
            place.copy_from_slice(&value.to_ne_bytes());
        }
    })?;
    scope.uint8_array(&output)
}

/// Gives the codec's memory back now instead of when its object is collected.
pub(super) fn codec_free<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    scope.with_resource(args.get(0), |codec: &mut Codec| *codec = Codec::Over)?;
    Ok(scope.undefined())
}

fn encoder(format: &str, level: u32, window: u32, dictionary: Option<Vec<u8>>) -> Option<Codec> {
    if format == "brotli" {
        return Some(Codec::BrotliEncoder(Box::new(brotli_encoder(level, window))));
    }
    let (level, window) = (Compression::new(level.min(9)), zlib_window(window));
    let mut state = match format {
        "gzip" => Compress::new_gzip(level, window),
        "deflate" => Compress::new_with_window_bits(level, true, window),
        _ => Compress::new_with_window_bits(level, false, window),
    };
    if let Some(dictionary) = dictionary {
        state.set_dictionary(&dictionary).ok()?;
    }
    Some(Codec::Deflate(state))
}

fn decoder(format: &str, window: u32, mut dictionary: Option<Vec<u8>>) -> Option<Codec> {
    let window = zlib_window(window);
    let state = match format {
        "brotli" => {
            let [a, b, c] = [(); 3].map(|()| StandardAlloc::default());
            // Strict: the window that the format's extension allows could be of a gigabyte.
            return Some(Codec::BrotliDecoder(Box::new(BrotliState::new_strict(a, b, c))));
        }
        "gzip" => Decompress::new_gzip(window),
        "deflate" => Decompress::new_with_window_bits(true, window),
        _ => {
            let mut state = Decompress::new_with_window_bits(false, window);
            if let Some(dictionary) = dictionary.take() {
                state.set_dictionary(&dictionary).ok()?;
            }
            state
        }
    };
    Some(Codec::Inflate { state, dictionary })
}

fn brotli_encoder(quality: u32, window: u32) -> BrotliEncoderStateStruct<StandardAlloc> {
    let widest = if quality < 10 { WIDEST_BROTLI } else { WIDEST_THOROUGH_BROTLI };
    let mut state = BrotliEncoderStateStruct::new(StandardAlloc::default());
    for (parameter, value) in [
        (BrotliEncoderParameter::BROTLI_PARAM_QUALITY, quality.min(11)),
        (BrotliEncoderParameter::BROTLI_PARAM_LGWIN, window.clamp(10, widest)),
        (BrotliEncoderParameter::BROTLI_PARAM_LGBLOCK, BROTLI_BLOCK),
    ] {
        state.set_parameter(parameter, value);
    }
    state
}

/// What the library takes; others make it panic.
fn zlib_window(bits: u32) -> u8 {
    u8::try_from(bits.clamp(9, 15)).unwrap_or(15)
}

impl Codec {
    /// How many bytes of `input` were consumed, and how things stand.
    fn run(&mut self, input: &[u8], output: &mut Vec<u8>, flush: Flush) -> (usize, Standing) {
        let room = (input.len() * 4).clamp(1 << 10, MOST);
        match self {
            Self::Deflate(state) => {
                output.reserve_exact(room);
                deflate(state, input, output, flush)
            }
            Self::Inflate { state, dictionary } => {
                output.reserve_exact(room);
                inflate(state, dictionary, input, output)
            }
            Self::BrotliEncoder(state) => {
                output.resize(room, 0);
                brotli_encode(state, input, output, flush)
            }
            Self::BrotliDecoder(state) => {
                output.resize(room, 0);
                brotli_decode(state, input, output)
            }
            Self::Over => (0, Standing::Ended),
        }
    }
}

fn deflate(
    state: &mut Compress,
    input: &[u8],
    output: &mut Vec<u8>,
    flush: Flush,
) -> (usize, Standing) {
    let before = state.total_in();
    let library_flush = match flush {
        Flush::None => FlushCompress::None,
        Flush::Sync => FlushCompress::Sync,
        Flush::Full => FlushCompress::Full,
        Flush::Finish => FlushCompress::Finish,
    };
    let status = state.compress_vec(input, output, library_flush);
    let consumed = usize::try_from(state.total_in() - before).unwrap_or(0);
    let standing = match status {
        Ok(Status::StreamEnd) => Standing::Ended,
        Ok(_) if output.len() == output.capacity() || flush == Flush::Finish => Standing::More,
        Ok(_) => Standing::Hungry,
        Err(_) => Standing::Corrupt,
    };
    (consumed, standing)
}

fn inflate(
    state: &mut Decompress,
    dictionary: &mut Option<Vec<u8>>,
    input: &[u8],
    output: &mut Vec<u8>,
) -> (usize, Standing) {
    let before = state.total_in();
    let mut status = state.decompress_vec(input, output, FlushDecompress::None);
    let mut consumed = usize::try_from(state.total_in() - before).unwrap_or(0);
    if status.as_ref().is_err_and(|error| error.needs_dictionary().is_some()) {
        let Some(dictionary) = dictionary.take() else {
            return (consumed, Standing::NeedsDictionary);
        };
        if state.set_dictionary(&dictionary).is_err() {
            return (consumed, Standing::Corrupt);
        }
        let rest = input.get(consumed..).unwrap_or_default();
        status = state.decompress_vec(rest, output, FlushDecompress::None);
        consumed = usize::try_from(state.total_in() - before).unwrap_or(0);
    }
    let standing = match status {
        Ok(Status::StreamEnd) => Standing::Ended,
        Ok(_) if output.len() == output.capacity() => Standing::More,
        Ok(_) => Standing::Hungry,
        Err(_) => Standing::Corrupt,
    };
    (consumed, standing)
}

fn brotli_encode(
    state: &mut BrotliEncoderStateStruct<StandardAlloc>,
    input: &[u8],
    output: &mut Vec<u8>,
    flush: Flush,
) -> (usize, Standing) {
    let operation = match flush {
        Flush::None => BrotliEncoderOperation::BROTLI_OPERATION_PROCESS,
        Flush::Sync | Flush::Full => BrotliEncoderOperation::BROTLI_OPERATION_FLUSH,
        Flush::Finish => BrotliEncoderOperation::BROTLI_OPERATION_FINISH,
    };
    let (mut left, mut consumed) = (input.len(), 0);
    let (mut room, mut given) = (output.len(), 0);
    let good = state.compress_stream(
        operation,
        &mut left,
        input,
        &mut consumed,
        &mut room,
        output,
        &mut given,
        &mut None,
        &mut |_, _, _, _| (),
    );
    output.truncate(given);
    let standing = if !good {
        Standing::Corrupt
    } else if state.is_finished() {
        Standing::Ended
    } else if state.has_more_output() || flush == Flush::Finish {
        Standing::More
    } else {
        Standing::Hungry
    };
    (consumed, standing)
}

fn brotli_decode(
    state: &mut BrotliDecoder,
    input: &[u8],
    output: &mut Vec<u8>,
) -> (usize, Standing) {
    let (mut left, mut consumed) = (input.len(), 0);
    let (mut room, mut given) = (output.len(), 0);
    let result = BrotliDecompressStream(
        &mut left,
        &mut consumed,
        input,
        &mut room,
        &mut given,
        output,
        &mut 0,
        state,
    );
    output.truncate(given);
    let standing = match result {
        BrotliResult::ResultSuccess => Standing::Ended,
        BrotliResult::NeedsMoreInput => Standing::Hungry,
        BrotliResult::NeedsMoreOutput => Standing::More,
        BrotliResult::ResultFailure => Standing::Corrupt,
    };
    (consumed, standing)
}
