//! Primitive reads and writes. Reading never trusts a length; writing never fails.

use crate::{WireError, caps};

/// Reads primitives from one payload.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(payload: &'a [u8]) -> Self {
        Self { rest: payload }
    }

    pub(crate) fn finish(self) -> Result<(), WireError> {
        match self.rest.len() {
            0 => Ok(()),
            n => Err(WireError::TrailingBytes(n)),
        }
    }

    /// Everything that is left, at most `cap` bytes.
    pub(crate) fn rest(self, what: &'static str, cap: usize) -> Result<&'a [u8], WireError> {
        check_cap(what, self.rest.len(), cap)?;
        Ok(self.rest)
    }

    pub(crate) fn u8(&mut self, what: &'static str) -> Result<u8, WireError> {
        Ok(self.array::<1>(what)?[0])
    }

    pub(crate) fn u16(&mut self, what: &'static str) -> Result<u16, WireError> {
        Ok(u16::from_le_bytes(self.array(what)?))
    }

    pub(crate) fn u32(&mut self, what: &'static str) -> Result<u32, WireError> {
        Ok(u32::from_le_bytes(self.array(what)?))
    }

    pub(crate) fn u64(&mut self, what: &'static str) -> Result<u64, WireError> {
        Ok(u64::from_le_bytes(self.array(what)?))
    }

    pub(crate) fn bool(&mut self, what: &'static str) -> Result<bool, WireError> {
        match self.u8(what)? {
            0 => Ok(false),
            1 => Ok(true),
            value => Err(WireError::BadValue { what, value: value.into() }),
        }
    }

    pub(crate) fn bytes(&mut self, what: &'static str, cap: usize) -> Result<&'a [u8], WireError> {
        let length = self.u32(what)? as usize;
        check_cap(what, length, cap)?;
        self.take(what, length)
    }

    pub(crate) fn str(&mut self, what: &'static str, cap: usize) -> Result<&'a str, WireError> {
        core::str::from_utf8(self.bytes(what, cap)?).map_err(|_| WireError::NotUtf8(what))
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], WireError> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(WireError::Truncated(what))?;
        self.rest = rest;
        Ok(*head)
    }

    fn take(&mut self, what: &'static str, length: usize) -> Result<&'a [u8], WireError> {
        let (head, rest) = self.rest.split_at_checked(length).ok_or(WireError::Truncated(what))?;
        self.rest = rest;
        Ok(head)
    }
}

pub(crate) fn check_cap(what: &'static str, length: usize, cap: usize) -> Result<(), WireError> {
    if length > cap {
        return Err(WireError::TooLong { what, length: length as u64, cap });
    }
    Ok(())
}

/// Appends a frame to `out`: the header, then whatever `payload` writes.
///
/// # Panics
///
/// In debug builds, when the payload is above its cap: the caller built a frame that the peer
/// would refuse.
pub(crate) fn frame(
    out: &mut Vec<u8>,
    kind: u8,
    stream: u32,
    payload: impl FnOnce(&mut Writer<'_>),
) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&stream.to_le_bytes());
    out.extend_from_slice(&[kind, 0, 0, 0]);
    payload(&mut Writer { out });
    let length = out.len() - start - caps::FRAME_HEADER;
    debug_assert!(length <= caps::MODULE_PAYLOAD, "frame of kind {kind} is {length} bytes long");
    out[start..start + 4].copy_from_slice(&(length as u32).to_le_bytes());
}

/// Appends primitives to a payload.
pub(crate) struct Writer<'a> {
    pub(crate) out: &'a mut Vec<u8>,
}

impl Writer<'_> {
    pub(crate) fn u8(&mut self, value: u8) {
        self.out.push(value);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.out.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.out.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.out.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn bool(&mut self, value: bool) {
        self.u8(value.into());
    }

    pub(crate) fn bytes(&mut self, value: &[u8]) {
        self.u32(value.len() as u32);
        self.raw(value);
    }

    pub(crate) fn str(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    /// A string that is cut at a character boundary when it is above `cap`.
    pub(crate) fn text(&mut self, value: &str, cap: usize) {
        let mut end = value.len().min(cap);
        while !value.is_char_boundary(end) {
            end -= 1;
        }
        self.str(&value[..end]);
    }

    /// Bytes without a length: only as the last field of a frame.
    pub(crate) fn raw(&mut self, value: &[u8]) {
        self.out.extend_from_slice(value);
    }
}

/// A one-byte enum on the wire.
macro_rules! wire_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident ($what:literal) { $($(#[$vmeta:meta])* $variant:ident = $value:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        $vis enum $name { $($(#[$vmeta])* $variant = $value,)+ }

        impl $name {
            /// Every value, in wire order.
            pub const ALL: &[$name] = &[$($name::$variant,)+];

            pub(crate) fn read(reader: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::WireError> {
                match reader.u8($what)? {
                    $($value => Ok(Self::$variant),)+
                    value => Err($crate::WireError::BadValue { what: $what, value: value.into() }),
                }
            }

            pub(crate) fn write(self, writer: &mut $crate::codec::Writer<'_>) {
                writer.u8(self as u8);
            }
        }
    };
}
pub(crate) use wire_enum;
