use std::ops::Range;

use encoding_rs::mem::{
    convert_latin1_to_utf8_partial, convert_utf8_to_utf16, convert_utf16_to_utf8_partial,
};
use encoding_rs::{CoderResult, Decoder, DecoderResult, Encoding, REPLACEMENT};
use insula_spidermonkey::{Args, Local, Memory, Scope, StringRef, Throw};

use super::{copy_of, integer, text};

pub(super) fn utf8_encode<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let mut few = [0; 1024];
    if scope.string_length(args.get(0)) * 3 <= few.len() {
        let length = scope.with_string(args.get(0), |string| string.write_utf8(&mut few))?;
        return scope.uint8_array(few.get(..length).unwrap_or_default());
    }
    let memory = scope.with_string(args.get(0), utf8_of)??;
    scope.uint8_array_of(memory)
}

pub(super) fn utf8_of(string: StringRef<'_>) -> Result<Memory, Throw> {
    match string {
        StringRef::Latin1(bytes) if bytes.is_ascii() => {
            let mut memory = Memory::zeroed(bytes.len())?;
            memory.copy_from_slice(bytes);
            Ok(memory)
        }
        _ => {
            let mut memory = Memory::zeroed(string.utf8_capacity())?;
            let length = string.write_utf8(&mut memory);
            memory.truncate(length);
            Ok(memory)
        }
    }
}

/// `utf8EncodeInto(source, target, counts)`: as much of the source as there is room for.
pub(super) fn utf8_encode_into<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let room = scope.with_bytes(args.get(1), |target| target.len())?;
    let (encoded, read) = scope.with_string(args.get(0), |source| {
        // A code unit is at least one byte, and half of a character is not taken for one at the end.
        let source = source.slice(0, room + 1);
        let mut memory = Memory::zeroed(room.min(source.utf8_capacity()))?;
        let (read, written) = match source {
            StringRef::Latin1(bytes) => convert_latin1_to_utf8_partial(bytes, &mut memory),
            StringRef::Utf16(units) => convert_utf16_to_utf8_partial(units, &mut memory),
        };
        memory.truncate(written);
        Ok((memory, read))
    })??;
    scope.with_bytes_mut(args.get(1), |target| {
        target.iter_mut().zip(&*encoded).for_each(|(place, byte)| *place = *byte);
    })?;
    scope.with_bytes_mut(args.get(2), |out| {
        for (place, count) in out.chunks_exact_mut(4).zip([read, encoded.len()]) {
            place.copy_from_slice(&(count as u32).to_ne_bytes());
        }
    })?;
    Ok(scope.undefined())
}

/// `utf8Decode(bytes, keepBOM)`; undefined when the first is neither an `ArrayBuffer` nor a view.
pub(super) fn utf8_decode<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let keep_bom = args.get(1).as_bool() == Some(true);
    let decoded = utf8_text(scope, args.get(0), |bytes| {
        let has_bom = !keep_bom && bytes.starts_with(BOM);
        (if has_bom { BOM.len() } else { 0 })..bytes.len()
    });
    match decoded {
        Err(Throw::TypeError(_)) => Ok(scope.undefined()),
        decoded => decoded,
    }
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// A string of the bytes in a range, which are UTF-8; what is wrong in it is replaced.
pub(super) fn utf8_text<'s>(
    scope: &mut Scope<'s>,
    value: Local<'_>,
    range_in: impl FnOnce(&[u8]) -> Range<usize>,
) -> Result<Local<'s>, Throw> {
    let (range, is_ascii) = scope.with_bytes(value, |bytes| {
        let range = range_in(bytes);
        let is_ascii = bytes.get(range.clone()).unwrap_or_default().is_ascii();
        (range, is_ascii)
    })?;
    if is_ascii {
        return scope.latin1_of(value, range);
    }
    if range.len() <= FEW {
        // One more than there can be, as the function asks for. The engine sees if a byte for each is enough.
        let mut units = [0; FEW + 1];
        let length = scope.with_bytes(value, |bytes| {
            convert_utf8_to_utf16(bytes.get(range).unwrap_or_default(), &mut units)
        })?;
        return scope.utf16(units.get(..length).unwrap_or_default());
    }
    // UTF-16 takes twice as much at most.
    scope.require_memory(2 * range.len())?;
    let decoded = scope.with_bytes(value, |bytes| decoded(bytes.get(range).unwrap_or_default()))?;
    match decoded {
        Decoded::Latin1(bytes) => scope.latin1(&bytes),
        Decoded::Utf16(units) => scope.utf16(&units),
    }
}

/// Bytes whose text takes no memory of its own on the way.
const FEW: usize = 256;

enum Decoded {
    Latin1(Vec<u8>),
    Utf16(Vec<u16>),
}

fn decoded(bytes: &[u8]) -> Decoded {
    use encoding_rs::mem::{convert_utf8_to_latin1_lossy, is_utf8_latin1};
    if is_utf8_latin1(bytes) {
        let mut latin1 = vec![0; bytes.len()];
        let length = convert_utf8_to_latin1_lossy(bytes, &mut latin1);
        latin1.truncate(length);
        return Decoded::Latin1(latin1);
    }
    // One more than there can be, as the function asks for.
    let mut units = vec![0; bytes.len() + 1];
    let length = convert_utf8_to_utf16(bytes, &mut units);
    units.truncate(length);
    Decoded::Utf16(units)
}

pub(super) fn encoding_name<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let label = text(scope, args.get(0))?;
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) if encoding != REPLACEMENT => {
            scope.string(&encoding.name().to_ascii_lowercase())
        }
        _ => Ok(scope.undefined()),
    }
}

/// A `TextDecoder`'s state.
struct DecoderState {
    encoding: &'static Encoding,
    decoder: Decoder,
    fatal: bool,
    ignore_bom: bool,
}

impl DecoderState {
    fn fresh(encoding: &'static Encoding, ignore_bom: bool) -> Decoder {
        if ignore_bom {
            encoding.new_decoder_without_bom_handling()
        } else {
            encoding.new_decoder_with_bom_removal()
        }
    }

    /// "Decode" of the Encoding Standard's TextDecoder, of a part. Whether it was well-formed, when fatal.
    fn decode(&mut self, bytes: &[u8], output: &mut Vec<u16>, last: bool) -> bool {
        let start = output.len();
        let capacity = self.decoder.max_utf16_buffer_length(bytes.len()).unwrap_or(bytes.len());
        output.resize(start + capacity, 0);
        let room = output.get_mut(start..).unwrap_or_default();
        let (well_formed, written) = if self.fatal {
            let (result, _, written) =
                self.decoder.decode_to_utf16_without_replacement(bytes, room, last);
            (result == DecoderResult::InputEmpty, written)
        } else {
            let (result, _, written, _) = self.decoder.decode_to_utf16(bytes, room, last);
            debug_assert_eq!(result, CoderResult::InputEmpty);
            (true, written)
        };
        output.truncate(start + written);
        if last || !well_formed {
            self.decoder = Self::fresh(self.encoding, self.ignore_bom);
        }
        well_formed
    }
}

pub(super) fn decoder_new<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let name = text(scope, args.get(0))?;
    let encoding = Encoding::for_label(name.as_bytes())
        .ok_or_else(|| Throw::RangeError(format!("'{name}' is no encoding")))?;
    let ignore_bom = args.get(2).as_bool() == Some(true);
    scope.resource(DecoderState {
        encoding,
        decoder: DecoderState::fresh(encoding, ignore_bom),
        fatal: args.get(1).as_bool() == Some(true),
        ignore_bom,
    })
}

pub(super) fn decoder_decode<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let ends = args.get(2).as_bool() != Some(true);
    let length = scope.with_bytes(args.get(1), |bytes| bytes.len())?;
    // A byte is one code unit in nearly all encodings; what makes more is paid for as it comes.
    scope.require_memory(2 * length)?;
    let mut units = Vec::with_capacity(length);
    let mut start = 0;
    loop {
        let end = length.min(start + PIECE);
        let piece = scope
            .with_bytes(args.get(1), |bytes| bytes.get(start..end).unwrap_or_default().to_vec())?;
        let well_formed = scope.with_resource(args.get(0), |state: &mut DecoderState| {
            state.decode(&piece, &mut units, ends && end == length)
        })?;
        if !well_formed {
            return Err(Throw::TypeError("The encoded data is not valid".into()));
        }
        if end == length {
            return scope.utf16(&units);
        }
        start = end;
        scope.check_interrupt()?;
    }
}

/// Bytes between two looks at whether the isolate may go on.
const PIECE: usize = 1 << 20;

/// `findBytes(bytes, sought, from)`: where from there on `sought` is first, or -1.
pub(super) fn find_bytes<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let from = integer(args.get(2))? as usize;
    let sought = copy_of(scope, args.get(1))?;
    let found = scope.with_bytes(args.get(0), |bytes| {
        bytes.get(from..).and_then(|rest| memchr::memmem::find(rest, &sought))
    })?;
    Ok(scope.number(found.map_or(-1.0, |index| (from + index) as f64)))
}

/// "Forgiving-base64 decode" of the Infra Standard.
pub(super) fn atob<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let length = scope.string_length(args.get(0));
    // Without what is not in the alphabet it is copied, and what comes out is.
    scope.require_memory(3 * length)?;
    let decoded = scope.with_string(args.get(0), |string| match string {
        StringRef::Latin1(bytes) => forgiving_decode(bytes),
        // Nothing above Latin-1 is in the alphabet, but the text may have been written in UTF-16.
        StringRef::Utf16(units) => {
            latin1_of_units(units).and_then(|bytes| forgiving_decode(&bytes))
        }
    })?;
    match decoded {
        Some(bytes) => scope.latin1(&bytes),
        None => Ok(scope.undefined()),
    }
}

pub(super) fn btoa<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let encode = |bytes: &[u8]| base64_simd::STANDARD.encode_type::<Vec<u8>>(bytes);
    let length = scope.string_length(args.get(0));
    scope.require_memory(4 * length)?;
    let encoded = scope.with_string(args.get(0), |string| match string {
        StringRef::Latin1(bytes) => Some(encode(bytes)),
        StringRef::Utf16(units) => latin1_of_units(units).map(|bytes| encode(&bytes)),
    })?;
    match encoded {
        Some(text) => scope.latin1(&text),
        None => Ok(scope.undefined()),
    }
}

fn latin1_of_units(units: &[u16]) -> Option<Vec<u8>> {
    units.iter().map(|&unit| u8::try_from(unit).ok()).collect()
}

fn forgiving_decode(input: &[u8]) -> Option<Vec<u8>> {
    // Most is written as the strict decoder wants it, and has nothing to forgive.
    if let Ok(decoded) = base64_simd::STANDARD.decode_to_vec(input) {
        return Some(decoded);
    }
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | 0x0c | b'\r');
    let without_spaces: Vec<u8>;
    let mut data = input;
    if input.iter().any(is_space) {
        without_spaces = input.iter().copied().filter(|byte| !is_space(byte)).collect();
        data = &without_spaces;
    }
    if data.len().is_multiple_of(4) {
        for _ in 0..2 {
            data = data.strip_suffix(b"=").unwrap_or(data);
        }
    }
    base64_simd::forgiving_decode_to_vec(data).ok()
}

#[cfg(test)]
mod tests {
    use super::forgiving_decode;

    #[test]
    fn base64_is_forgiving_and_not_more() {
        for (input, output) in [
            ("", Some(&b""[..])),
            ("YQ==", Some(b"a")),
            ("YQ", Some(b"a")),
            (" Y Q\n=\t=", Some(b"a")),
            ("YWI=", Some(b"ab")),
            ("YR", Some(b"a")),
            ("YQ=", None),
            ("Y", None),
            ("YQ===", None),
            ("a-b_", None),
            ("=", None),
            ("é", None),
        ] {
            assert_eq!(forgiving_decode(input.as_bytes()).as_deref(), output, "{input:?}");
        }
    }
}
