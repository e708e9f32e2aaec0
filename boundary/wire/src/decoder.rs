use crate::{Frame, WireError, caps};

/// Cuts a byte stream into frames. Holds at most one incomplete frame and what arrived with it.
///
/// The caller reads from its socket into [`spare`](Self::spare), reports the bytes with
/// [`filled`](Self::filled), and takes frames with [`next`](Self::next) until there is none.
#[derive(Debug)]
pub struct Decoder {
    buffer: Vec<u8>,
    /// Where the first unread frame starts; bytes before it are dead.
    start: usize,
    /// Where the received bytes end; bytes after it are spare room.
    end: usize,
    /// The kind byte whose frames may be as long as a module, if this side receives modules.
    long_kind: Option<u8>,
}

impl Decoder {
    /// Bytes of room that an idle decoder keeps; small, since every idle isolate has one.
    const IDLE: usize = 4 << 10;

    /// A decoder for what the host sends: module frames may be long.
    pub fn for_isolate() -> Self {
        Self::new(Some(crate::host::MODULE))
    }

    /// A decoder for what an isolate sends: no frame is long.
    pub fn for_host() -> Self {
        Self::new(None)
    }

    fn new(long_kind: Option<u8>) -> Self {
        Self { buffer: Vec::new(), start: 0, end: 0, long_kind }
    }

    /// Room for the next read: at least 4 KiB, and at least what the frame in progress lacks up
    /// to 256 KiB, so that a peer cannot make this side reserve what it has not begun to send.
    pub fn spare(&mut self) -> &mut [u8] {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        } else if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        let lacking = self.missing().min(256 << 10);
        let wanted = self.end + lacking.max(Self::IDLE);
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        &mut self.buffer[self.end..]
    }

    /// Notes that the first `n` bytes of the last [`spare`](Self::spare) now hold received bytes.
    ///
    /// # Panics
    ///
    /// When `n` is more than the spare room.
    pub fn filled(&mut self, n: usize) {
        assert!(n <= self.buffer.len() - self.end, "more bytes filled than were spare");
        self.end += n;
    }

    /// The next complete frame, or `None` when more bytes are needed.
    ///
    /// # Errors
    ///
    /// A [`WireError`] means that the peer broke the protocol; the decoder must not be used again.
    pub fn next<'a, F: Frame<'a>>(&'a mut self) -> Result<Option<F>, WireError> {
        let unread = &self.buffer[self.start..self.end];
        let Some(header) = Header::parse(unread, self.long_kind)? else { return Ok(None) };
        let total = caps::FRAME_HEADER + header.length;
        if unread.len() < total {
            return Ok(None);
        }
        let from = self.start + caps::FRAME_HEADER;
        self.start += total;
        F::decode(header.kind, header.stream, &self.buffer[from..from + header.length]).map(Some)
    }

    /// Gives back the memory that a burst needed. For a link that has gone idle.
    pub fn shrink(&mut self) {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
            self.buffer.truncate(Self::IDLE);
            self.buffer.shrink_to(Self::IDLE);
        }
    }

    /// Whether a frame has begun and not ended.
    pub fn is_mid_frame(&self) -> bool {
        self.start != self.end
    }

    /// Bytes that this decoder holds memory for.
    #[cfg(test)]
    pub(crate) fn room(&self) -> usize {
        self.buffer.capacity()
    }

    /// Bytes that the frame in progress still lacks, 0 when that is unknown.
    fn missing(&self) -> usize {
        let unread = &self.buffer[self.start..self.end];
        match Header::parse(unread, self.long_kind) {
            Ok(Some(header)) => (caps::FRAME_HEADER + header.length).saturating_sub(unread.len()),
            _ => 0,
        }
    }
}

struct Header {
    length: usize,
    stream: u32,
    kind: u8,
}

impl Header {
    fn parse(bytes: &[u8], long_kind: Option<u8>) -> Result<Option<Self>, WireError> {
        let Some(header) = bytes.first_chunk::<{ caps::FRAME_HEADER }>() else { return Ok(None) };
        let [l0, l1, l2, l3, s0, s1, s2, s3, kind, z0, z1, z2] = *header;
        let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        let cap = if long_kind == Some(kind) { caps::MODULE_PAYLOAD } else { caps::FRAME_PAYLOAD };
        crate::codec::check_cap("frame", length, cap)?;
        if (z0, z1, z2) != (0, 0, 0) {
            let value = u32::from_le_bytes([z0, z1, z2, 0]).into();
            return Err(WireError::BadValue { what: "frame padding", value });
        }
        Ok(Some(Self { length, stream: u32::from_le_bytes([s0, s1, s2, s3]), kind }))
    }
}
