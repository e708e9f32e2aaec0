//! What `Buffer` of `node:buffer` needs to be quick: text in, text out, searching, comparing.

use insula_spidermonkey::{Args, Local, Scope, StringRef, Throw};
use memchr::memmem;

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

    /// The bytes of a text. What is no character of the encoding ends it, or is skipped, as Node.js does.
    fn encode(self, text: StringRef<'_>) -> Vec<u8> {
        match (self, text) {
            (Self::Utf8, StringRef::Latin1(bytes)) if bytes.is_ascii() => bytes.to_vec(),
            (Self::Utf8, text) => {
                let mut out = String::new();
                text.push_utf8(&mut out);
                out.into_bytes()
            }
            (Self::Utf16Le, text) => map_units(text, |unit| unit.to_le_bytes()).concat(),
            (Self::Latin1 | Self::Ascii, StringRef::Latin1(bytes)) => bytes.to_vec(),
            (Self::Latin1 | Self::Ascii, text) => map_units(text, |unit| unit as u8),
            (Self::Base64 | Self::Base64Url, StringRef::Latin1(bytes)) => {
                let strict = base64_simd::STANDARD.decode_to_vec(bytes);
                strict.unwrap_or_else(|_| lenient_base64(bytes.iter().map(|&byte| byte.into())))
            }
            (Self::Base64 | Self::Base64Url, StringRef::Utf16(units)) => {
                lenient_base64(units.iter().copied())
            }
            (Self::Hex, text) => {
                let digits = map_units(text, hex_value);
                let pairs = digits.chunks_exact(2).map_while(|pair| Some(pair[0]? << 4 | pair[1]?));
                pairs.collect()
            }
        }
    }
}

fn map_units<R>(text: StringRef<'_>, map: impl Fn(u16) -> R) -> Vec<R> {
    match text {
        StringRef::Latin1(bytes) => bytes.iter().map(|&byte| map(byte.into())).collect(),
        StringRef::Utf16(units) => units.iter().map(|&unit| map(unit)).collect(),
    }
}

fn hex_value(unit: u16) -> Option<u8> {
    char::from_u32(unit.into())?.to_digit(16).map(|digit| digit as u8)
}

/// Both alphabets; ends at the first `=`, skips what is in neither.
fn lenient_base64(units: impl Iterator<Item = u16>) -> Vec<u8> {
    let values = units.take_while(|&unit| unit != u16::from(b'=')).filter_map(|unit| {
        let value = match u8::try_from(unit).ok()? {
            byte @ b'A'..=b'Z' => byte - b'A',
            byte @ b'a'..=b'z' => byte - b'a' + 26,
            byte @ b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        Some(u32::from(value))
    });
    let mut out = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for value in values {
        bits = bits << 6 | value;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

/// `(text, encoding)`: a new `Uint8Array`.
pub(super) fn encode<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let encoding = Encoding::of(args.get(1))?;
    let bytes = scope.with_string(args.get(0), |text| encoding.encode(text))?;
    scope.uint8_array(&bytes)
}

/// `(text)`: how many bytes it takes in UTF-8.
pub(super) fn utf8_length<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let length = scope.with_string(args.get(0), |text| match text {
        StringRef::Latin1(bytes) => {
            bytes.len() + bytes.iter().filter(|byte| !byte.is_ascii()).count()
        }
        StringRef::Utf16(units) => char::decode_utf16(units.iter().copied())
            .map(|character| character.map_or(3, char::len_utf8))
            .sum(),
    })?;
    Ok(scope.number(length as f64))
}

/// `(bytes, text, encoding, start, end)`: how many bytes were written; of UTF-8 and UTF-16 whole
/// characters only.
pub(super) fn write<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let encoding = Encoding::of(args.get(2))?;
    let encoded = scope.with_string(args.get(1), |text| encoding.encode(text))?;
    let (start, end) = (args.get(3), args.get(4));
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
        Utf8(String),
        Latin1(Vec<u8>),
        Utf16(Vec<u16>),
    }
    let encoding = Encoding::of(args.get(1))?;
    let (start, end) = (args.get(2), args.get(3));
    let text = scope.with_bytes(args.get(0), |bytes| {
        let bytes = range(bytes, start, end);
        match encoding {
            Encoding::Utf8 => Text::Utf8(match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => encoding_rs::UTF_8.decode_without_bom_handling(bytes).0.into_owned(),
            }),
            Encoding::Utf16Le => {
                let units =
                    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
                Text::Utf16(units.collect())
            }
            Encoding::Latin1 => Text::Latin1(bytes.to_vec()),
            Encoding::Ascii => Text::Latin1(bytes.iter().map(|byte| byte & 0x7f).collect()),
            Encoding::Base64 => Text::Utf8(base64_simd::STANDARD.encode_to_string(bytes)),
            Encoding::Base64Url => Text::Utf8(base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes)),
            Encoding::Hex => {
                let digit = |value: u8| b"0123456789abcdef"[usize::from(value)];
                Text::Latin1(
                    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect(),
                )
            }
        }
    })?;
    match text {
        Text::Utf8(text) => scope.string(&text),
        Text::Latin1(bytes) => scope.latin1(&bytes),
        Text::Utf16(units) => scope.utf16(&units),
    }
}

/// `(bytes, needle, start, backwards, units)`: where `needle` begins, -1 for nowhere. Backwards, `start` is
/// the last place that counts. With `units`, both are UTF-16 and only even places count.
pub(super) fn index_of<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let needle = scope.with_bytes(args.get(1), <[u8]>::to_vec)?;
    let start = args.get(2).as_u32().unwrap_or(0) as usize;
    let backwards = args.get(3).as_bool() == Some(true);
    let by_units = args.get(4).as_bool() == Some(true);
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
    let left = scope.with_bytes(args.get(0), |bytes| range(bytes, start, end).to_vec())?;
    let (start, end) = (args.get(4), args.get(5));
    let ordering =
        scope.with_bytes(args.get(3), |bytes| left.as_slice().cmp(range(bytes, start, end)))?;
    Ok(scope.number(f64::from(ordering as i8)))
}

/// `(bytes, pattern, start, end)`: repeats the pattern, which is not empty.
pub(super) fn fill<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let pattern = scope.with_bytes(args.get(1), <[u8]>::to_vec)?;
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
