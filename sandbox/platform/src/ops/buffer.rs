//! What `Buffer` of `node:buffer` needs to be quick: text in, text out, searching, comparing.

use base64_simd::AsOut;
use insula_spidermonkey::{Args, Local, Memory, Scope, StringRef, Throw};
use memchr::memmem;

use super::copy_of;
use super::encoding::{utf8_of, utf8_text};

/// How text and bytes become each other; `js/node/buffer_encoding.js` has the same numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16Le,
    Latin1,
    Ascii,
    Base64,
    Base64Url,
    Hex,
}

impl Encoding {
    fn of(value: Local<'_>) -> Result<Self, Throw> {
        Ok(match value.as_u32() {
            Some(0) => Self::Utf8,
            Some(1) => Self::Utf16Le,
            Some(2) => Self::Latin1,
            Some(3) => Self::Ascii,
            Some(4) => Self::Base64,
            Some(5) => Self::Base64Url,
            Some(6) => Self::Hex,
            _ => return Err(Throw::TypeError("unknown encoding".into())),
        })
    }

    /// How many code units of a text can matter for so many bytes.
    fn units_for(self, bytes: usize) -> usize {
        match self {
            // One more, so that half of a character is seen to be one.
            Self::Utf8 => bytes.saturating_add(1),
            Self::Latin1 | Self::Ascii => bytes,
            Self::Utf16Le => bytes / 2,
            Self::Hex => bytes.saturating_mul(2),
            // Any number of them may be skipped.
            Self::Base64 | Self::Base64Url => usize::MAX,
        }
    }
}

/// Characters or bytes between two looks at whether the isolate may go on.
const PIECE: usize = 1 << 20;

/// The first bytes of a text, at least `limit` if there are so many. What is no character of the encoding ends it, or is
/// skipped, as Node.js does.
fn encoded(
    scope: &mut Scope<'_>,
    text: Local<'_>,
    encoding: Encoding,
    limit: usize,
) -> Result<Memory, Throw> {
    let length = scope.string_length(text).min(encoding.units_for(limit));
    match encoding {
        Encoding::Utf8 => scope.with_string(text, |text| utf8_of(text.slice(0, length)))?,
        Encoding::Latin1 | Encoding::Ascii => {
            by_pieces(scope, text, length, Memory::zeroed(length)?, |text, out| {
                (write_units(text, out, |unit| [unit as u8]), true)
            })
        }
        Encoding::Utf16Le => {
            by_pieces(scope, text, length, Memory::zeroed(2 * length)?, |text, out| {
                (write_units(text, out, u16::to_le_bytes), true)
            })
        }
        Encoding::Hex => {
            let memory = Memory::zeroed(length / 2)?;
            by_pieces(scope, text, length, memory, |text, out| {
                let written = match text {
                    StringRef::Latin1(bytes) => write_hex(bytes, out),
                    StringRef::Utf16(units) => write_hex(units, out),
                };
                (written, written == text.len() / 2)
            })
        }
        Encoding::Base64 | Encoding::Base64Url => base64(scope, text, limit),
    }
}

fn base64(scope: &mut Scope<'_>, text: Local<'_>, limit: usize) -> Result<Memory, Throw> {
    let length = scope.string_length(text);
    let room = length / 4 * 3 + 3;
    let mut memory = Memory::zeroed(room.min(limit))?;
    if room <= limit {
        let strict = scope.with_string(text, |text| match text {
            StringRef::Latin1(bytes) => {
                base64_simd::STANDARD.decode(bytes, memory.as_out()).ok().map(|out| out.len())
            }
            StringRef::Utf16(_) => None,
        })?;
        if let Some(written) = strict {
            memory.truncate(written);
            return Ok(memory);
        }
    }
    let mut lenient = Base64::default();
    by_pieces(scope, text, length, memory, |text, out| match text {
        StringRef::Latin1(bytes) => lenient.write(bytes, out),
        StringRef::Utf16(units) => lenient.write(units, out),
    })
}

/// Shows `write` the first units of a text piece by piece, each time with what is left of `memory`; it says how many bytes it
/// has written, and whether to go on.
fn by_pieces(
    scope: &mut Scope<'_>,
    text: Local<'_>,
    length: usize,
    mut memory: Memory,
    mut write: impl FnMut(StringRef<'_>, &mut [u8]) -> (usize, bool),
) -> Result<Memory, Throw> {
    let mut written = 0;
    for start in (0..length).step_by(PIECE) {
        let (count, goes_on) = scope.with_string(text, |text| {
            let piece = text.slice(start, length.min(start + PIECE));
            write(piece, memory.get_mut(written..).unwrap_or_default())
        })?;
        written += count;
        if !goes_on {
            break;
        }
        scope.check_interrupt()?;
    }
    memory.truncate(written);
    Ok(memory)
}

fn write_units<const N: usize>(
    text: StringRef<'_>,
    out: &mut [u8],
    bytes_of: impl Fn(u16) -> [u8; N],
) -> usize {
    let places = out.as_chunks_mut().0.iter_mut();
    match text {
        StringRef::Latin1(bytes) => {
            places.zip(bytes).for_each(|(place, &byte)| *place = bytes_of(byte.into()));
        }
        StringRef::Utf16(units) => {
            places.zip(units).for_each(|(place, &unit)| *place = bytes_of(unit));
        }
    }
    N * text.len()
}

/// Ends at the first that is no digit.
fn write_hex<U: Copy + Into<u16>>(units: &[U], out: &mut [u8]) -> usize {
    let value = |unit: U| {
        let digit = char::from_u32(unit.into().into())?.to_digit(16);
        digit.map(|digit| digit as u8)
    };
    let mut written = 0;
    for (place, &[high, low]) in out.iter_mut().zip(units.as_chunks().0) {
        let (Some(high), Some(low)) = (value(high), value(low)) else { break };
        *place = high << 4 | low;
        written += 1;
    }
    written
}

/// Base64 in both alphabets; ends at the first `=`, skips what is in neither.
#[derive(Default)]
struct Base64 {
    bits: u32,
    count: u32,
}

impl Base64 {
    fn write<U: Copy + Into<u16>>(&mut self, units: &[U], out: &mut [u8]) -> (usize, bool) {
        let mut places = out.iter_mut();
        let room = places.len();
        for &unit in units {
            let Ok(byte) = u8::try_from(unit.into()) else { continue };
            let value = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' | b'-' => 62,
                b'/' | b'_' => 63,
                b'=' => return (room - places.len(), false),
                _ => continue,
            };
            self.bits = self.bits << 6 | u32::from(value);
            self.count += 6;
            if self.count >= 8 {
                self.count -= 8;
                let Some(place) = places.next() else { return (room, false) };
                *place = (self.bits >> self.count) as u8;
            }
        }
        (room - places.len(), true)
    }
}

/// `(text, encoding)`: a new `Uint8Array`.
pub(super) fn encode<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let encoding = Encoding::of(args.get(1))?;
    let memory = encoded(scope, args.get(0), encoding, usize::MAX)?;
    // A few are kept in the array itself.
    if memory.len() <= 64 { scope.uint8_array(&memory) } else { scope.uint8_array_of(memory) }
}

/// `(text)`: how many bytes it takes in UTF-8.
pub(super) fn utf8_length<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let length = scope.with_string(args.get(0), |text| text.utf8_length())?;
    Ok(scope.number(length as f64))
}

/// `(bytes, text, encoding, start, end)`: how many bytes were written; of UTF-8 and UTF-16 whole
/// characters only.
pub(super) fn write<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let encoding = Encoding::of(args.get(2))?;
    let (start, end) = (args.get(3), args.get(4));
    let room = scope.with_bytes(args.get(0), |bytes| range(bytes, start, end).len())?;
    let encoded = encoded(scope, args.get(1), encoding, room)?;
    let written = scope.with_bytes_mut(args.get(0), |bytes| {
        let target = range_mut(bytes, start, end);
        let mut count = encoded.len().min(target.len());
        if encoding == Encoding::Utf8 && count < encoded.len() {
            while count > 0 && encoded[count] & 0xc0 == 0x80 {
                count -= 1;
            }
        } else if encoding == Encoding::Utf16Le {
            count &= !1;
        }
        target[..count].copy_from_slice(&encoded[..count]);
        count
    })?;
    Ok(scope.number(written as f64))
}

/// `(bytes, encoding, start, end)`: the text.
pub(super) fn decode<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    /// A text on its way to the engine.
    enum Text {
        Latin1(Vec<u8>),
        Utf16(Vec<u16>),
    }
    let encoding = Encoding::of(args.get(1))?;
    let (bytes, start, end) = (args.get(0), args.get(2), args.get(3));
    match encoding {
        Encoding::Utf8 => {
            return utf8_text(scope, bytes, |bytes| clamp(bytes.len(), start, end));
        }
        Encoding::Latin1 => {
            let range = scope.with_bytes(bytes, |bytes| clamp(bytes.len(), start, end))?;
            return scope.latin1_of(bytes, range);
        }
        _ => {}
    }
    let length = scope.with_bytes(bytes, |bytes| range(bytes, start, end).len())?;
    scope.require_memory(2 * length)?;
    let text = scope.with_bytes(bytes, |bytes| {
        let bytes = range(bytes, start, end);
        match encoding {
            Encoding::Utf16Le => Text::Utf16(units(bytes)),
            Encoding::Base64 => Text::Latin1(base64_simd::STANDARD.encode_type(bytes)),
            Encoding::Base64Url => Text::Latin1(base64_simd::URL_SAFE_NO_PAD.encode_type(bytes)),
            Encoding::Hex => {
                let mut digits = vec![0; 2 * bytes.len()];
                for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(bytes) {
                    *pair =
                        [byte >> 4, byte & 15].map(|value| b"0123456789abcdef"[usize::from(value)]);
                }
                Text::Latin1(digits)
            }
            _ => Text::Latin1(bytes.iter().map(|byte| byte & 0x7f).collect()),
        }
    })?;
    match text {
        Text::Latin1(bytes) => scope.latin1(&bytes),
        Text::Utf16(units) => scope.utf16(&units),
    }
}

/// `(bytes, needle, start, backwards, units)`: where `needle` begins, -1 for nowhere. Backwards, `start` is
/// the last place that counts. With `units`, both are UTF-16 and only even places count.
pub(super) fn index_of<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let needle = copy_of(scope, args.get(1))?;
    let start = args.get(2).as_u32().unwrap_or(0) as usize;
    let backwards = args.get(3).as_bool() == Some(true);
    let by_units = args.get(4).as_bool() == Some(true);
    if by_units {
        let length = scope.with_bytes(args.get(0), |bytes| bytes.len())?;
        scope.require_memory(length + 5 * needle.len())?;
    }
    let place = scope.with_bytes(args.get(0), |bytes| {
        let end = start.saturating_add(needle.len()).min(bytes.len());
        match (by_units, backwards) {
            (false, false) => Some(start + memmem::find(bytes.get(start..)?, &needle)?),
            (false, true) => memmem::rfind(&bytes[..end], &needle),
            (true, false) => {
                let start = start & !1;
                let found = find_units(&units(bytes.get(start..)?), &units(&needle))?;
                Some(start + 2 * found)
            }
            (true, true) => {
                let (mut bytes, mut needle) = (units(&bytes[..end]), units(&needle));
                bytes.reverse();
                needle.reverse();
                let found = find_units(&bytes, &needle)?;
                Some(2 * (bytes.len() - needle.len() - found))
            }
        }
    })?;
    Ok(scope.number(place.map_or(-1.0, |at| at as f64)))
}

fn units(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
}

/// Knuth, Morris and Pratt: no text and needle take longer than their lengths together.
fn find_units(text: &[u16], needle: &[u16]) -> Option<usize> {
    let mut borders = vec![0usize; needle.len()];
    let mut matched = 0;
    for at in 1..needle.len() {
        while matched > 0 && needle[at] != needle[matched] {
            matched = borders[matched - 1];
        }
        matched += usize::from(needle[at] == needle[matched]);
        borders[at] = matched;
    }
    matched = 0;
    for (at, unit) in text.iter().enumerate() {
        if matched == needle.len() {
            return Some(at - matched);
        }
        while matched > 0 && *unit != needle[matched] {
            matched = borders[matched - 1];
        }
        matched += usize::from(*unit == needle[matched]);
    }
    (matched == needle.len()).then(|| text.len() - matched)
}

/// `(a, aStart, aEnd, b, bStart, bEnd)`: -1, 0 or 1.
pub(super) fn compare<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let (start, end) = (args.get(1), args.get(2));
    let length = scope.with_bytes(args.get(0), |bytes| range(bytes, start, end).len())?;
    scope.require_memory(length)?;
    let left = scope.with_bytes(args.get(0), |bytes| range(bytes, start, end).to_vec())?;
    let (start, end) = (args.get(4), args.get(5));
    let ordering =
        scope.with_bytes(args.get(3), |bytes| left.as_slice().cmp(range(bytes, start, end)))?;
    Ok(scope.number(f64::from(ordering as i8)))
}

/// `(bytes, pattern, start, end)`: repeats the pattern, which is not empty.
pub(super) fn fill<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let pattern = copy_of(scope, args.get(1))?;
    let (start, end) = (args.get(2), args.get(3));
    scope.with_bytes_mut(args.get(0), |bytes| {
        let target = range_mut(bytes, start, end);
        match pattern[..] {
            [] => {}
            [byte] => target.fill(byte),
            _ => {
                for chunk in target.chunks_mut(pattern.len()) {
                    chunk.copy_from_slice(&pattern[..chunk.len()]);
                }
            }
        }
    })?;
    Ok(scope.undefined())
}

/// `(bytes, width)`: turns the bytes of every `width` around.
pub(super) fn swap<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let width = args.get(1).as_u32().unwrap_or(0).max(1) as usize;
    scope.with_bytes_mut(args.get(0), |bytes| {
        bytes.chunks_exact_mut(width).for_each(<[u8]>::reverse);
    })?;
    Ok(scope.undefined())
}

/// `(bytes, ascii)`: whether they are ASCII, or else UTF-8.
pub(super) fn is_text<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let ascii = args.get(1).as_bool() == Some(true);
    let result = scope.with_bytes(args.get(0), |bytes| {
        if ascii { bytes.is_ascii() } else { std::str::from_utf8(bytes).is_ok() }
    })?;
    Ok(scope.boolean(result))
}

/// `start` to `end`, as far as it is inside; an `end` that is no number means the end.
fn clamp(length: usize, start: Local<'_>, end: Local<'_>) -> std::ops::Range<usize> {
    let end = end.as_u32().map_or(length, |end| (end as usize).min(length));
    let start = start.as_u32().map_or(0, |start| start as usize).min(end);
    start..end
}

fn range<'b>(bytes: &'b [u8], start: Local<'_>, end: Local<'_>) -> &'b [u8] {
    &bytes[clamp(bytes.len(), start, end)]
}

fn range_mut<'b>(bytes: &'b mut [u8], start: Local<'_>, end: Local<'_>) -> &'b mut [u8] {
    let range = clamp(bytes.len(), start, end);
    &mut bytes[range]
}
