use crate::codec::check_cap;
use crate::{WireError, caps};

/// HTTP header fields as they cross the wall: `name LF value LF`, repeated, in order.
///
/// The text form costs one string in the isolate, parsed only when a tenant looks. Names are
/// lower-case tokens (RFC 9110 §5.1), values are any bytes but NUL, CR and LF (RFC 9110 §5.5), so
/// neither can forge a field boundary. A block that exists has been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeaderBlock<'a>(&'a [u8]);

impl<'a> HeaderBlock<'a> {
    /// Checks `bytes` as a header block.
    ///
    /// # Errors
    ///
    /// [`WireError::TooLong`] or [`WireError::BadHeaders`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, WireError> {
        check_cap("header block", bytes.len(), caps::HEADERS)?;
        let mut rest = bytes;
        let mut fields = 0;
        while !rest.is_empty() {
            let name = line(&mut rest)?;
            let value = line(&mut rest)?;
            check_name(name)?;
            check_value(value)?;
            fields += 1;
        }
        check_cap("header fields", fields, caps::HEADER_FIELDS)?;
        Ok(Self(bytes))
    }

    /// The fields, in order. Names are lower-case ASCII.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let mut lines = self.0.split(|&b| b == b'\n');
        core::iter::from_fn(move || {
            let name = lines.next().filter(|name| !name.is_empty())?;
            // A parsed block has a value line for each name, and names are ASCII.
            Some((core::str::from_utf8(name).ok()?, lines.next()?))
        })
    }

    /// The block as it travels.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }
}

/// Builds a header block, field by field.
#[derive(Debug, Clone, Default)]
pub struct HeaderBlockBuilder {
    bytes: Vec<u8>,
    fields: usize,
}

impl HeaderBlockBuilder {
    /// Appends a field.
    ///
    /// # Errors
    ///
    /// [`WireError::BadHeaders`] for an illegal name or value, [`WireError::TooLong`] when the
    /// block is full; the block is then unchanged.
    pub fn push(&mut self, name: &str, value: &[u8]) -> Result<(), WireError> {
        check_name(name.as_bytes())?;
        check_value(value)?;
        check_cap("header block", self.bytes.len() + name.len() + value.len() + 2, caps::HEADERS)?;
        check_cap("header fields", self.fields + 1, caps::HEADER_FIELDS)?;
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(b'\n');
        self.bytes.extend_from_slice(value);
        self.bytes.push(b'\n');
        self.fields += 1;
        Ok(())
    }

    /// The block built so far.
    pub fn block(&self) -> HeaderBlock<'_> {
        HeaderBlock(&self.bytes)
    }

    /// Forgets all fields and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.fields = 0;
    }
}

fn line<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], WireError> {
    let end = rest
        .iter()
        .position(|&b| b == b'\n')
        .ok_or(WireError::BadHeaders("a line does not end"))?;
    let (head, tail) = rest.split_at(end);
    *rest = &tail[1..];
    Ok(head)
}

fn check_name(name: &[u8]) -> Result<(), WireError> {
    if name.is_empty() {
        return Err(WireError::BadHeaders("a name is empty"));
    }
    if !name.iter().all(|&b| is_lowercase_token(b)) {
        return Err(WireError::BadHeaders("a name is not a lower-case token"));
    }
    Ok(())
}

fn check_value(value: &[u8]) -> Result<(), WireError> {
    if value.iter().any(|&b| matches!(b, 0 | b'\r' | b'\n')) {
        return Err(WireError::BadHeaders("a value holds NUL, CR or LF"));
    }
    Ok(())
}

/// `tchar` of RFC 9110 §5.6.2, without upper-case letters.
fn is_lowercase_token(b: u8) -> bool {
    matches!(b,
        b'a'..=b'z' | b'0'..=b'9' | b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+'
        | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~')
}
