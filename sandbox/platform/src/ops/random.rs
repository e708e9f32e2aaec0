use insula_spidermonkey::{Args, Local, Scope, Throw};
use rustix::rand::{GetRandomFlags, getrandom};

pub(super) fn random_fill<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    scope.with_bytes_mut(args.get(0), fill)?;
    Ok(scope.undefined())
}

/// RFC 9562 §5.4, version 4.
pub(super) fn random_uuid<'s>(scope: &mut Scope<'s>, _: Args<'s>) -> Result<Local<'s>, Throw> {
    let mut bytes = [0u8; 16];
    fill(&mut bytes);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    scope.string(&text)
}

/// The kernel's generator needs no file and no state of ours.
pub(super) fn fill(mut bytes: &mut [u8]) {
    while !bytes.is_empty() {
        // An interrupted call is made again; other errors do not exist once the pool is seeded.
        let filled = getrandom(&mut *bytes, GetRandomFlags::empty()).unwrap_or(0);
        bytes = &mut bytes[filled..];
    }
}
