use insula_spidermonkey::{Args, Local, Scope, Throw};
use rustix::rand::{GetRandomFlags, getrandom};

use super::embedder;

/// Bytes between two looks at whether the isolate may go on.
const PIECE: usize = 4 << 20;

pub(super) fn random_fill<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let length = scope.with_bytes(args.get(0), |bytes| bytes.len())?;
    for start in (0..length).step_by(PIECE) {
        scope.with_bytes_mut(args.get(0), |bytes| {
            let end = bytes.len().min(start + PIECE);
            fill(bytes.get_mut(start..end).unwrap_or_default());
        })?;
        scope.check_interrupt()?;
    }
    Ok(scope.undefined())
}

/// RFC 9562 §5.4, version 4.
pub(super) fn random_uuid<'s>(scope: &mut Scope<'s>, _: Args<'s>) -> Result<Local<'s>, Throw> {
    let mut bytes = embedder(scope).randomness.borrow_mut().take();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut text = [b'-'; 36];
    let mut digits = text.iter_mut().enumerate().filter(|(at, _)| !matches!(at, 8 | 13 | 18 | 23));
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            if let Some((_, place)) = digits.next() {
                *place = b"0123456789abcdef"[usize::from(digit)];
            }
        }
    }
    scope.latin1(&text)
}

/// Bytes for UUIDs, asked of the kernel for many at once. None is used twice.
#[derive(Default)]
pub(crate) struct Randomness {
    /// Not there before the first is asked for.
    bytes: Option<Box<[u8; 1024]>>,
    used: usize,
}

impl Randomness {
    fn take(&mut self) -> [u8; 16] {
        let fresh = self.bytes.is_none() || self.used >= 1024;
        let bytes = self.bytes.get_or_insert_with(|| Box::new([0; 1024]));
        if fresh {
            fill(&mut bytes[..]);
            self.used = 0;
        }
        let mut taken = [0; 16];
        if let Some(place) = bytes.get_mut(self.used..self.used + 16) {
            taken.copy_from_slice(place);
            place.fill(0);
        }
        self.used += 16;
        taken
    }
}

/// The kernel's generator needs no file and no state of ours.
pub(super) fn fill(mut bytes: &mut [u8]) {
    while !bytes.is_empty() {
        // An interrupted call is made again; other errors do not exist once the pool is seeded.
        let filled = getrandom(&mut *bytes, GetRandomFlags::empty()).unwrap_or(0);
        bytes = &mut bytes[filled..];
    }
}
