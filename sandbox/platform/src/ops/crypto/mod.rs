//! Web Cryptography's algorithms, and what `node:crypto` needs beside them.
//!
//! Key material lives here, in resources that are wiped when they go. What can take long looks between two pieces
//! whether the isolate may go on. An op answers a failure that the specification knows with the name of its
//! `DOMException`, as a string; `TypeError`s of ops are defects of the platform.

mod aes;
mod cipher;
mod der;
mod ec;
mod hash;
mod kdf;
mod keys;
mod okp;
mod rsa;
mod rsa_key;
mod secret;

use std::convert::Infallible;

use digest::common::rand_core::{TryCryptoRng, TryRng};
use insula_spidermonkey::{Args, Local, Scope, StringRef, Throw};
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use super::{integer, random, text};

pub(super) use aes::{aes_crypt, aes_unwrap, aes_wrap};
pub(super) use cipher::{cipher_aad, cipher_finish, cipher_new, cipher_tag, cipher_update};
pub(super) use ec::{
    ec_derive, ec_export, ec_export_jwk, ec_generate, ec_import, ec_import_jwk, ec_sign, ec_verify,
};
pub(super) use hash::{digest, hash_copy, hash_digest, hash_new, hash_update, hmac_verify};
pub(super) use kdf::{hkdf, pbkdf2, scrypt};
pub(super) use keys::{key_kind, public_key_of};
pub(super) use okp::{
    ed25519_sign, ed25519_verify, okp_export, okp_export_jwk, okp_generate, okp_import,
    okp_import_jwk, x25519_derive,
};
pub(super) use rsa::{rsa_decrypt, rsa_encrypt, rsa_sign, rsa_verify};
pub(super) use rsa_key::{
    rsa_check, rsa_describe, rsa_export, rsa_export_jwk, rsa_generate, rsa_import, rsa_import_jwk,
};
pub(super) use secret::{
    secret_export, secret_export_jwk, secret_generate, secret_import, secret_import_jwk,
    secret_length,
};

/// Why an operation came to nothing.
#[derive(Debug)]
enum Failure {
    /// `DataError`: what should be a key is none.
    Data,
    /// `OperationError`: the algorithm does not succeed, or what it is asked for is out of bounds.
    Operation,
    /// `NotSupportedError`.
    NotSupported,
    /// The engine's own.
    Throw(Throw),
}

impl From<Throw> for Failure {
    fn from(throw: Throw) -> Self {
        Self::Throw(throw)
    }
}

/// Runs an op's work and makes its failure what the platform's JavaScript expects.
fn answer<'s>(
    scope: &mut Scope<'s>,
    work: impl FnOnce(&mut Scope<'s>) -> Result<Local<'s>, Failure>,
) -> Result<Local<'s>, Throw> {
    match work(scope) {
        Ok(value) => Ok(value),
        Err(Failure::Data) => scope.string("DataError"),
        Err(Failure::Operation) => scope.string("OperationError"),
        Err(Failure::NotSupported) => scope.string("NotSupportedError"),
        Err(Failure::Throw(throw)) => Err(throw),
    }
}

/// The kernel's generator, for crates that ask for one.
struct KernelRandom;

impl TryRng for KernelRandom {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        random::fill(&mut bytes);
        Ok(u32::from_ne_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        random::fill(&mut bytes);
        Ok(u64::from_ne_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), Infallible> {
        random::fill(target);
        Ok(())
    }
}

impl TryCryptoRng for KernelRandom {}

/// The most bytes that are copied at once: of a key, a nonce, a salt, a signature. No limit refuses memory to an op, so it
/// must not ask for much.
const LONGEST: usize = 16 << 20;

/// A copy of the bytes of a buffer that is not long.
fn bytes(scope: &mut Scope<'_>, value: Local<'_>) -> Result<Zeroizing<Vec<u8>>, Throw> {
    let copy = scope.with_bytes(value, |bytes| {
        (bytes.len() <= LONGEST).then(|| Zeroizing::new(bytes.to_vec()))
    })?;
    copy.ok_or_else(|| Throw::RangeError("The buffer is too long".into()))
}

/// A member of a `JsonWebKey` that holds bytes.
fn base64url(scope: &mut Scope<'_>, value: Local<'_>) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let length = scope.with_string(value, |string| match string {
        StringRef::Latin1(bytes) => bytes.len(),
        StringRef::Utf16(units) => units.len(),
    })?;
    if length > LONGEST {
        return Err(Failure::Data);
    }
    let text = Zeroizing::new(text(scope, value)?);
    let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text.as_bytes());
    bytes.map(Zeroizing::new).map_err(|_| Failure::Data)
}

/// An array of strings with the bytes of `parts`.
fn base64url_array<'s>(scope: &mut Scope<'s>, parts: &[&[u8]]) -> Result<Local<'s>, Failure> {
    let mut strings = Vec::with_capacity(parts.len());
    for part in parts {
        let text = Zeroizing::new(base64_simd::URL_SAFE_NO_PAD.encode_to_string(part));
        strings.push(scope.string(&text)?);
    }
    Ok(scope.array(&strings)?)
}

/// `bytesCopy(source)`: a `Uint8Array` with the bytes that a BufferSource has now; none if its memory was taken away.
pub(super) fn bytes_copy<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    let length = scope.with_bytes(args.get(0), |bytes| bytes.len())?;
    let copy = scope.array_buffer_filled(length, |_| ())?;
    for at in (0..length).step_by(PIECE) {
        let piece = piece_of(scope, args.get(0), at)?;
        scope.with_bytes_mut(copy, |bytes| bytes[at..at + piece.len()].copy_from_slice(&piece))?;
    }
    scope.uint8_array_over(copy, length)
}

/// Bytes that are looked at together when there may be many.
const PIECE: usize = 1 << 20;

fn piece_of(
    scope: &mut Scope<'_>,
    value: Local<'_>,
    at: usize,
) -> Result<Zeroizing<Vec<u8>>, Throw> {
    scope.with_bytes(value, |bytes| Zeroizing::new(bytes[at..bytes.len().min(at + PIECE)].to_vec()))
}

/// `timingSafeEqual(a, b)`; `undefined` when the lengths differ.
pub(super) fn timing_safe_equal<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let (a, b) = (args.get(0), args.get(1));
    let length = scope.with_bytes(a, |bytes| bytes.len())?;
    if scope.with_bytes(b, |bytes| bytes.len())? != length {
        return Ok(scope.undefined());
    }
    let mut equal = Choice::from(1);
    for at in (0..length).step_by(PIECE) {
        let piece = piece_of(scope, a, at)?;
        equal &= scope.with_bytes(b, |bytes| piece.ct_eq(&bytes[at..at + piece.len()]))?;
        scope.check_interrupt()?;
    }
    Ok(scope.boolean(equal.into()))
}
