use std::ops::Range;

use insula_spidermonkey::{Args, Local, Persistent, Scope, Throw};
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

pub(super) fn random_uuid<'s>(scope: &mut Scope<'s>, _: Args<'s>) -> Result<Local<'s>, Throw> {
    let randomness = &embedder(scope).randomness;
    if randomness.borrow().left.is_empty() {
        let text = randomness.borrow_mut().uuids();
        let text = scope.latin1(text.as_flattened())?;
        let mut randomness = randomness.borrow_mut();
        randomness.text = Some(scope.persist(text));
        randomness.left = 0..AT_ONCE;
    }
    let mut randomness = randomness.borrow_mut();
    let start = LENGTH * randomness.left.next().unwrap_or_default();
    let Some(text) = &randomness.text else { return Ok(scope.undefined()) };
    let text = scope.local(text);
    scope.part_of(text, start..start + LENGTH)
}

/// Characters of a UUID.
const LENGTH: usize = 36;

/// UUIDs that become one string, of which they are parts: a string of that length has its characters outside
/// of the engine's heap, and memory for each is most of what one takes. Few, since each part keeps the whole.
const AT_ONCE: usize = 8;

/// UUIDs for which the kernel is asked at once.
const BYTES: usize = 64 * 16;

/// Bytes for UUIDs, and UUIDs. None is used twice.
#[derive(Default)]
pub(crate) struct Randomness {
    /// Not there before the first is asked for.
    bytes: Option<Box<[u8; BYTES]>>,
    used: usize,
    text: Option<Persistent>,
    /// Those in `text` that nobody has.
    left: Range<usize>,
}

impl Randomness {
    /// RFC 9562 §5.4, version 4.
    fn uuids(&mut self) -> [[u8; LENGTH]; AT_ONCE] {
        let mut texts = [[b'-'; LENGTH]; AT_ONCE];
        for text in &mut texts {
            let mut bytes = self.take();
            bytes[6] = (bytes[6] & 0x0f) | 0x40;
            bytes[8] = (bytes[8] & 0x3f) | 0x80;
            for (byte, at) in bytes.into_iter().zip(PLACES) {
                text[at] = DIGITS[usize::from(byte >> 4)];
                text[at + 1] = DIGITS[usize::from(byte & 15)];
            }
        }
        texts
    }

    fn take(&mut self) -> [u8; 16] {
        let fresh = self.bytes.is_none() || self.used >= BYTES;
        let bytes = self.bytes.get_or_insert_with(|| Box::new([0; BYTES]));
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

const DIGITS: [u8; 16] = *b"0123456789abcdef";
/// Where the digits of each byte stand, between the dashes.
const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/// The kernel's generator needs no file and no state of ours.
pub(super) fn fill(mut bytes: &mut [u8]) {
    while !bytes.is_empty() {
        // An interrupted call is made again; other errors do not exist once the pool is seeded.
        let filled = getrandom(&mut *bytes, GetRandomFlags::empty()).unwrap_or(0);
        bytes = &mut bytes[filled..];
    }
}
