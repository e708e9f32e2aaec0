use std::ops::Range;
use std::ptr::{self, NonNull};

use mozjs::jsapi::{
    JS_DeprecatedStringHasLatin1Chars, JS_GetLatin1StringCharsAndLength, JS_GetStringLength,
    JS_GetTwoByteStringCharsAndLength, JS_NewDependentString, JS_NewStringCopyN,
    JS_NewUCStringCopyN,
};
use mozjs::rooted;

use crate::exception::Throw;
use crate::local::Local;
use crate::scope::Scope;

/// A string's characters, as the engine holds them.
#[derive(Debug, Clone, Copy)]
pub enum StringRef<'a> {
    /// One byte a character, ISO 8859-1.
    Latin1(&'a [u8]),
    /// UTF-16 code units; surrogates may be unpaired.
    Utf16(&'a [u16]),
}

impl StringRef<'_> {
    /// The string as UTF-8; unpaired surrogates become U+FFFD.
    pub fn to_utf8(self) -> String {
        let utf8 = match self {
            Self::Latin1(bytes) if bytes.is_ascii() => bytes.to_vec(),
            _ => {
                let mut utf8 = vec![0; self.utf8_capacity()];
                let length = self.write_utf8(&mut utf8);
                utf8.truncate(length);
                utf8
            }
        };
        String::from_utf8(utf8)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// Bytes that [`to_utf8`](Self::to_utf8) takes.
    pub fn utf8_room(self) -> usize {
        match self {
            Self::Latin1(bytes) if bytes.is_ascii() => bytes.len(),
            _ => self.utf8_capacity(),
        }
    }

    /// How many code units there are.
    pub fn len(self) -> usize {
        match self {
            Self::Latin1(bytes) => bytes.len(),
            Self::Utf16(units) => units.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The code units from `start` to `end`, as far as there are such.
    #[must_use]
    pub fn slice(self, start: usize, end: usize) -> Self {
        let end = end.min(self.len());
        let start = start.min(end);
        match self {
            Self::Latin1(bytes) => Self::Latin1(bytes.get(start..end).unwrap_or_default()),
            Self::Utf16(units) => Self::Utf16(units.get(start..end).unwrap_or_default()),
        }
    }

    /// How many bytes [`to_utf8`](Self::to_utf8) makes.
    pub fn utf8_length(self) -> usize {
        match self {
            Self::Latin1(bytes) => {
                bytes.len() + bytes.iter().filter(|byte| !byte.is_ascii()).count()
            }
            Self::Utf16(units) => char::decode_utf16(units.iter().copied())
                .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER).len_utf8())
                .sum(),
        }
    }

    /// Bytes that the string cannot exceed as UTF-8.
    pub fn utf8_capacity(self) -> usize {
        match self {
            Self::Latin1(bytes) => bytes.len() * 2,
            Self::Utf16(units) => units.len() * 3,
        }
    }

    /// Writes the string as UTF-8, unpaired surrogates as U+FFFD. Returns how many bytes there
    /// are.
    ///
    /// # Panics
    ///
    /// When `out` is shorter than [`utf8_capacity`](Self::utf8_capacity).
    pub fn write_utf8(self, out: &mut [u8]) -> usize {
        match self {
            Self::Latin1(bytes) => encoding_rs::mem::convert_latin1_to_utf8(bytes, out),
            Self::Utf16(units) => encoding_rs::mem::convert_utf16_to_utf8(units, out),
        }
    }
}

impl<'s> Scope<'s> {
    /// A string from UTF-8.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn string(&mut self, text: &str) -> Result<Local<'s>, Throw> {
        if text.is_ascii() {
            return self.latin1(text.as_bytes());
        }
        let units: Vec<u16> = text.encode_utf16().collect();
        self.utf16(&units)
    }

    /// A string from bytes, each one a character: a `ByteString`.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn latin1(&mut self, bytes: &[u8]) -> Result<Local<'s>, Throw> {
        // SAFETY: pointer and length are those of a live slice, which the engine copies.
        let string = unsafe { JS_NewStringCopyN(self.cx(), bytes.as_ptr().cast(), bytes.len()) };
        NonNull::new(string).map(|string| self.root_string(string)).ok_or(Throw::Pending)
    }

    /// A string from UTF-16 code units.
    ///
    /// # Errors
    ///
    /// Out of memory.
    pub fn utf16(&mut self, units: &[u16]) -> Result<Local<'s>, Throw> {
        // SAFETY: pointer and length are those of a live slice, which the engine copies.
        let string = unsafe { JS_NewUCStringCopyN(self.cx(), units.as_ptr(), units.len()) };
        NonNull::new(string).map(|string| self.root_string(string)).ok_or(Throw::Pending)
    }

    /// A part of a string, whose characters are not copied unless they are few: it keeps the whole of it. Nothing
    /// beyond the string's end is part of it.
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] when `value` is not a string; out of memory.
    pub fn part_of(&mut self, value: Local<'_>, range: Range<usize>) -> Result<Local<'s>, Throw> {
        if !value.is_string() {
            return Err(Throw::TypeError("a string is required".into()));
        }
        let end = range.end.min(self.string_length(value));
        let start = range.start.min(end);
        let cx = self.cx();
        rooted!(in(cx) let string = value.bits().to_string());
        // SAFETY: the string is rooted, and the part lies within it.
        let part = unsafe { JS_NewDependentString(cx, string.handle().into(), start, end - start) };
        NonNull::new(part).map(|part| self.root_string(part)).ok_or(Throw::Pending)
    }

    /// Lets `read` see a string's characters. It cannot reach the engine while it looks, so the
    /// characters do not move.
    ///
    /// # Errors
    ///
    /// [`Throw::TypeError`] when `value` is not a string; out of memory while a rope is flattened.
    pub fn with_string<R>(
        &mut self,
        value: Local<'_>,
        read: impl FnOnce(StringRef<'_>) -> R,
    ) -> Result<R, Throw> {
        if !value.is_string() {
            return Err(Throw::TypeError("a string is required".into()));
        }
        let string = value.bits().to_string();
        let mut length = 0;
        // SAFETY: `string` is rooted by `value`. The character pointer stays good until the
        // engine runs again, which `read` cannot make it do: `self` is borrowed.
        unsafe {
            if JS_DeprecatedStringHasLatin1Chars(string) {
                let chars =
                    JS_GetLatin1StringCharsAndLength(self.cx(), ptr::null(), string, &mut length);
                let chars = NonNull::new(chars.cast_mut()).ok_or(Throw::Pending)?;
                return Ok(read(StringRef::Latin1(std::slice::from_raw_parts(
                    chars.as_ptr(),
                    length,
                ))));
            }
            let chars =
                JS_GetTwoByteStringCharsAndLength(self.cx(), ptr::null(), string, &mut length);
            let chars = NonNull::new(chars.cast_mut()).ok_or(Throw::Pending)?;
            Ok(read(StringRef::Utf16(std::slice::from_raw_parts(chars.as_ptr(), length))))
        }
    }

    /// A string's text as UTF-8; unpaired surrogates become U+FFFD.
    ///
    /// # Errors
    ///
    /// As [`with_string`](Self::with_string); a `RangeError` when there is no memory for it.
    #[expect(clippy::wrong_self_convention, reason = "a scope converts, it is not converted")]
    pub fn to_utf8(&mut self, value: Local<'_>) -> Result<String, Throw> {
        let room = self.with_string(value, |string| string.utf8_room())?;
        self.require_memory(room)?;
        self.with_string(value, |string| string.to_utf8())
    }

    /// A string's length in UTF-16 code units, 0 when it is not a string.
    pub fn string_length(&self, value: Local<'_>) -> usize {
        if !value.is_string() {
            return 0;
        }
        // SAFETY: the string is rooted by `value`; the call only reads its header.
        unsafe { JS_GetStringLength(value.bits().to_string()) }
    }
}
