//! Digests and HMAC: whole, or piece by piece.

use digest::block_api::EagerHash;
use digest::{Digest, KeyInit, Mac};
use hmac::Hmac;
use insula_spidermonkey::{Args, Local, Scope, Throw};
use subtle::ConstantTimeEq;

use super::bytes;
use super::secret::secret;
use crate::ops::text;

/// Bytes between two looks at whether the isolate may go on.
const PIECE: usize = 4 << 20;

/// A hash function that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Md5,
    Ripemd160,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha512_224,
    Sha512_256,
}

/// Evaluates an expression in which `$D` is the type of a hash function.
macro_rules! with_hash {
    ($hash:expr, $D:ident => $body:expr) => {{
        use $crate::ops::crypto::hash::Hash;
        match $hash {
            Hash::Md5 => with_hash!(@ md5::Md5, $D => $body),
            Hash::Ripemd160 => with_hash!(@ ripemd::Ripemd160, $D => $body),
            Hash::Sha1 => with_hash!(@ sha1::Sha1, $D => $body),
            Hash::Sha224 => with_hash!(@ sha2::Sha224, $D => $body),
            Hash::Sha256 => with_hash!(@ sha2::Sha256, $D => $body),
            Hash::Sha384 => with_hash!(@ sha2::Sha384, $D => $body),
            Hash::Sha512 => with_hash!(@ sha2::Sha512, $D => $body),
            Hash::Sha512_224 => with_hash!(@ sha2::Sha512_224, $D => $body),
            Hash::Sha512_256 => with_hash!(@ sha2::Sha512_256, $D => $body),
        }
    }};
    (@ $type:ty, $D:ident => $body:expr) => {{
        type $D = $type;
        $body
    }};
}
pub(super) use with_hash;

impl Hash {
    /// By its name in Web Cryptography (`SHA-256`) or in Node.js (`sha256`).
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "md5" => Self::Md5,
            "ripemd160" | "rmd160" => Self::Ripemd160,
            "SHA-1" | "sha1" => Self::Sha1,
            "sha224" => Self::Sha224,
            "SHA-256" | "sha256" => Self::Sha256,
            "SHA-384" | "sha384" => Self::Sha384,
            "SHA-512" | "sha512" => Self::Sha512,
            "sha512-224" => Self::Sha512_224,
            "sha512-256" => Self::Sha512_256,
            _ => return None,
        })
    }

    /// The argument of an op.
    pub(super) fn of(scope: &mut Scope<'_>, value: Local<'_>) -> Result<Self, Throw> {
        let name = text(scope, value)?;
        Self::named(&name).ok_or_else(|| Throw::TypeError("no such hash function".into()))
    }

    pub(super) fn start(self) -> Box<dyn Running> {
        with_hash!(self, D => Box::new(Plain(D::new())))
    }

    pub(super) fn start_hmac(self, key: &[u8]) -> Box<dyn Running> {
        with_hash!(self, D => Box::new(Keyed(hmac::<D>(key))))
    }
}

/// HMAC with a key of any length.
pub(super) fn hmac<D: EagerHash>(key: &[u8]) -> Hmac<D> {
    // A longer key is hashed and a shorter one padded: no length is wrong.
    Hmac::new_from_slice(key).unwrap_or_else(|_| unreachable!())
}

/// A computation over bytes that come piece by piece.
pub(super) trait Running {
    fn update(&mut self, bytes: &[u8]);
    fn finish(self: Box<Self>) -> Vec<u8>;
    fn copy(&self) -> Box<dyn Running>;
}

struct Plain<D>(D);

impl<D: Digest + Clone + 'static> Running for Plain<D> {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().to_vec()
    }

    fn copy(&self) -> Box<dyn Running> {
        Box::new(Self(self.0.clone()))
    }
}

struct Keyed<M>(M);

impl<M: Mac + Clone + 'static> Running for Keyed<M> {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().into_bytes().to_vec()
    }

    fn copy(&self) -> Box<dyn Running> {
        Box::new(Self(self.0.clone()))
    }
}

/// Feeds all bytes of a buffer, and lets the isolate be interrupted on the way.
pub(super) fn feed(
    scope: &mut Scope<'_>,
    buffer: Local<'_>,
    mut update: impl FnMut(&[u8]),
) -> Result<(), Throw> {
    let mut at = 0;
    loop {
        let left = scope.with_bytes(buffer, |bytes| {
            let rest = bytes.get(at..).unwrap_or_default();
            update(&rest[..rest.len().min(PIECE)]);
            rest.len().saturating_sub(PIECE)
        })?;
        if left == 0 {
            return Ok(());
        }
        at += PIECE;
        scope.check_interrupt()?;
    }
}

/// The hash of all bytes of a buffer.
pub(super) fn hash_of(
    scope: &mut Scope<'_>,
    hash: Hash,
    buffer: Local<'_>,
) -> Result<Vec<u8>, Throw> {
    let mut running = hash.start();
    feed(scope, buffer, |bytes| running.update(bytes))?;
    Ok(running.finish())
}

/// `digest(name, data)`: the hash of a whole buffer.
pub(in crate::ops) fn digest<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let hash = Hash::of(scope, args.get(0))?;
    let digest = hash_of(scope, hash, args.get(1))?;
    scope.array_buffer(&digest)
}

/// `hmacVerify(name, key, signature, data)`: whether it is the HMAC, in the same time whatever differs.
pub(in crate::ops) fn hmac_verify<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let hash = Hash::of(scope, args.get(0))?;
    let key = secret(scope, args.get(1))?;
    let signature = bytes(scope, args.get(2))?;
    let mut running = hash.start_hmac(&key);
    feed(scope, args.get(3), |bytes| running.update(bytes))?;
    let equal = running.finish().as_slice().ct_eq(&signature);
    Ok(scope.boolean(equal.into()))
}

/// What `hashNew` returns; empty when the digest was taken.
struct HashState(Option<Box<dyn Running>>);

/// `hashNew(name, key)`: a hash, or with a key (bytes, or what an import returned) an HMAC, to be fed piece by piece.
/// `undefined` if there is no such hash function.
pub(in crate::ops) fn hash_new<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let name = text(scope, args.get(0))?;
    let Some(hash) = Hash::named(&name) else { return Ok(scope.undefined()) };
    let running = if args.get(1).is_undefined() {
        hash.start()
    } else {
        let key = secret(scope, args.get(1))?;
        hash.start_hmac(&key)
    };
    scope.resource(HashState(Some(running)))
}

/// `hashUpdate(state, data)`: how many bytes that were; `undefined` when the digest was taken already.
pub(in crate::ops) fn hash_update<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let running = scope.with_resource(args.get(0), |state: &mut HashState| state.0.take())?;
    let Some(mut running) = running else { return Ok(scope.undefined()) };
    let mut length = 0;
    let fed = feed(scope, args.get(1), |bytes| {
        running.update(bytes);
        length += bytes.len();
    });
    scope.with_resource(args.get(0), |state: &mut HashState| state.0 = Some(running))?;
    fed?;
    Ok(scope.number(length as f64))
}

/// `hashDigest(state)`: an `ArrayBuffer`; `undefined` when it was taken already.
pub(in crate::ops) fn hash_digest<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let running = scope.with_resource(args.get(0), |state: &mut HashState| state.0.take())?;
    match running {
        Some(running) => scope.array_buffer(&running.finish()),
        None => Ok(scope.undefined()),
    }
}

/// `hashCopy(state)`: another one that has been fed the same; `undefined` when the digest was taken already.
pub(in crate::ops) fn hash_copy<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let copy = scope.with_resource(args.get(0), |state: &mut HashState| {
        state.0.as_ref().map(|running| running.copy())
    })?;
    match copy {
        Some(copy) => scope.resource(HashState(Some(copy))),
        None => Ok(scope.undefined()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Hash, Running};

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn fed(mut running: Box<dyn Running>) -> (String, String) {
        running.update(b"a");
        let mut copy = running.copy();
        running.update(b"bc");
        copy.update(b"b");
        copy.update(b"c");
        (hex(&running.finish()), hex(&copy.finish()))
    }

    #[test]
    fn hashes_of_abc_are_the_published_ones() {
        for (name, wanted) in [
            ("md5", "900150983cd24fb0d6963f7d28e17f72"),
            ("ripemd160", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
            ("SHA-1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("sha224", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
            ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("sha512-224", "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa"),
            ("sha512-256", "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"),
        ] {
            let hash = Hash::named(name).expect("a known name");
            assert_eq!(fed(hash.start()), (wanted.to_owned(), wanted.to_owned()), "{name}");
        }
    }

    /// RFC 4231, test case 6: a key that is longer than a block.
    #[test]
    fn a_long_hmac_key_is_hashed() {
        let mut running = Hash::Sha256.start_hmac(&[0xaa; 131]);
        running.update(b"Test Using Larger Than Block-Size Key - Hash Key First");
        let wanted = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
        assert_eq!(hex(&running.finish()), wanted);
    }
}
