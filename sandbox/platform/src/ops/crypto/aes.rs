//! AES: the modes of operation, and Web Cryptography's use of them on whole buffers.

use ::aes::cipher::{
    Array, BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit,
    KeyIvInit, StreamCipher, consts::U16,
};
use ::aes::{Aes128, Aes192, Aes256};
use aes_kw::AesKw;
use digest::common::InnerInit;
use ghash::GHash;
use ghash::universal_hash::UniversalHash;
use insula_spidermonkey::{Args, Local, Scope, Throw};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::secret::secret;
use super::{Failure, answer, bytes, integer, text};

pub(super) const BLOCK: usize = 16;

/// Bytes that are worked on together: a copy of so many stays in the processor's cache.
const PIECE: usize = 64 << 10;

/// Pieces between two looks at whether the isolate may go on.
const PIECES: usize = 64;

/// The longest key that AES-KW wraps: it cannot be interrupted.
const LONGEST_WRAPPED: usize = 1 << 20;

type Bytes = Zeroizing<Vec<u8>>;

/// Changes bytes in place. All calls but the last bring whole blocks.
pub(super) trait Transform {
    fn apply(&mut self, data: &mut [u8]);
}

/// Evaluates an expression in which `$A` is AES with a key of this length.
macro_rules! with_aes {
    ($key:expr, $A:ident => $body:expr) => {
        match $key.len() {
            16 => {
                type $A = Aes128;
                $body
            }
            24 => {
                type $A = Aes192;
                $body
            }
            32 => {
                type $A = Aes256;
                $body
            }
            _ => return Err(Failure::Operation),
        }
    };
}

struct Stream<C>(C);

impl<C: StreamCipher> Transform for Stream<C> {
    fn apply(&mut self, data: &mut [u8]) {
        self.0.apply_keystream(data);
    }
}

struct Encrypting<C>(C);

impl<C: BlockModeEncrypt<BlockSize = U16>> Transform for Encrypting<C> {
    fn apply(&mut self, data: &mut [u8]) {
        self.0.encrypt_blocks(Array::slice_as_chunks_mut(data).0);
    }
}

struct Decrypting<C>(C);

impl<C: BlockModeDecrypt<BlockSize = U16>> Transform for Decrypting<C> {
    fn apply(&mut self, data: &mut [u8]) {
        self.0.decrypt_blocks(Array::slice_as_chunks_mut(data).0);
    }
}

/// Each block by itself.
struct EachBlock<C> {
    cipher: C,
    encrypts: bool,
}

impl<C> Transform for EachBlock<C>
where
    C: BlockCipherEncrypt<BlockSize = U16> + BlockCipherDecrypt<BlockSize = U16>,
{
    fn apply(&mut self, data: &mut [u8]) {
        let (blocks, _) = Array::slice_as_chunks_mut(data);
        if self.encrypts {
            self.cipher.encrypt_blocks(blocks)
        } else {
            self.cipher.decrypt_blocks(blocks)
        }
    }
}

pub(super) fn ecb(key: &[u8], encrypts: bool) -> Result<Box<dyn Transform>, Failure> {
    with_aes!(key, A => {
        let cipher = A::new_from_slice(key).map_err(|_| Failure::Operation)?;
        Ok(Box::new(EachBlock { cipher, encrypts }))
    })
}

pub(super) fn cbc(key: &[u8], iv: &[u8], encrypts: bool) -> Result<Box<dyn Transform>, Failure> {
    with_aes!(key, A => Ok(if encrypts {
        let mode = cbc::Encryptor::<A>::new_from_slices(key, iv);
        Box::new(Encrypting(mode.map_err(|_| Failure::Operation)?))
    } else {
        let mode = cbc::Decryptor::<A>::new_from_slices(key, iv);
        Box::new(Decrypting(mode.map_err(|_| Failure::Operation)?))
    }))
}

pub(super) fn ctr(key: &[u8], counter: &[u8]) -> Result<Box<dyn Transform>, Failure> {
    with_aes!(key, A => {
        let mode = ctr::Ctr128BE::<A>::new_from_slices(key, counter);
        Ok(Box::new(Stream(mode.map_err(|_| Failure::Operation)?)))
    })
}

/// A counter of which only the last bits count: behind the last value comes zero, beside the same nonce.
struct ShortCounter {
    now: Box<dyn Transform>,
    /// Bytes until the counter begins at zero.
    left: u128,
    then: Box<dyn Transform>,
}

impl Transform for ShortCounter {
    fn apply(&mut self, data: &mut [u8]) {
        let split = usize::try_from(self.left).map_or(data.len(), |left| left.min(data.len()));
        let (before, after) = data.split_at_mut(split);
        self.now.apply(before);
        self.left -= split as u128;
        self.then.apply(after);
    }
}

fn short_counter(
    key: &[u8],
    counter: &[u8],
    bits: u32,
    length: usize,
) -> Result<Box<dyn Transform>, Failure> {
    let block: [u8; BLOCK] = counter.try_into().map_err(|_| Failure::Operation)?;
    if !(1..=128).contains(&bits) {
        return Err(Failure::Operation);
    }
    if bits == 128 {
        return ctr(key, counter);
    }
    let block = u128::from_be_bytes(block);
    let values = 1u128 << bits;
    if length.div_ceil(BLOCK) as u128 > values {
        return Err(Failure::Operation);
    }
    let nonce = block & !(values - 1);
    Ok(Box::new(ShortCounter {
        now: ctr(key, counter)?,
        left: (values - (block - nonce)).saturating_mul(BLOCK as u128),
        then: ctr(key, &nonce.to_be_bytes())?,
    }))
}

/// Galois/Counter Mode with a nonce of any length (NIST SP 800-38D).
pub(super) struct Gcm {
    keystream: Box<dyn Transform>,
    ghash: GHash,
    /// What hides the tag.
    mask: [u8; BLOCK],
    encrypts: bool,
    aad_length: u64,
    data_length: u64,
    /// What the hash has not seen yet, less than a block.
    pending: Vec<u8>,
}

impl Gcm {
    pub(super) fn new(key: &[u8], nonce: &[u8], encrypts: bool) -> Result<Self, Failure> {
        let mut subkey = Zeroizing::new([0u8; BLOCK]);
        ecb(key, true)?.apply(&mut *subkey);
        let ghash = GHash::new(&(*subkey).into());
        let mut counter = [0; BLOCK];
        if nonce.len() == 12 {
            counter[..12].copy_from_slice(nonce);
            counter[15] = 1;
        } else {
            let mut hash = ghash.clone();
            hash.update_padded(nonce);
            hash.update(&[lengths(0, nonce.len() as u64).into()]);
            counter = hash.finalize().into();
        }
        let mut keystream: Box<dyn Transform> = with_aes!(key, A => {
            let mode = ctr::Ctr32BE::<A>::new_from_slices(key, &counter);
            Box::new(Stream(mode.map_err(|_| Failure::Operation)?))
        });
        let mut mask = [0; BLOCK];
        keystream.apply(&mut mask);
        let (aad_length, data_length, pending) = (0, 0, Vec::new());
        Ok(Self { keystream, ghash, mask, encrypts, aad_length, data_length, pending })
    }

    /// Additional data, which may come in parts; false when other data has come before it.
    pub(super) fn add(&mut self, aad: &[u8]) -> bool {
        if self.data_length > 0 {
            return aad.is_empty();
        }
        self.aad_length += aad.len() as u64;
        self.hash(aad);
        true
    }

    fn hash(&mut self, mut data: &[u8]) {
        if !self.pending.is_empty() {
            let (fill, rest) = data.split_at(data.len().min(BLOCK - self.pending.len()));
            self.pending.extend_from_slice(fill);
            data = rest;
            if self.pending.len() < BLOCK {
                return;
            }
            self.flush();
        }
        let whole = data.len() - data.len() % BLOCK;
        self.ghash.update_padded(&data[..whole]);
        self.pending.extend_from_slice(&data[whole..]);
    }

    /// Hashes what is pending, filled up with zeros.
    fn flush(&mut self) {
        self.ghash.update_padded(&self.pending);
        self.pending.clear();
    }

    pub(super) fn tag(mut self) -> [u8; BLOCK] {
        self.flush();
        self.ghash.update(&[lengths(self.aad_length, self.data_length).into()]);
        let mut tag: [u8; BLOCK] = self.ghash.finalize().into();
        tag.iter_mut().zip(self.mask).for_each(|(byte, mask)| *byte ^= mask);
        tag
    }
}

impl Transform for Gcm {
    fn apply(&mut self, data: &mut [u8]) {
        if self.data_length == 0 {
            self.flush();
        }
        self.data_length += data.len() as u64;
        if self.encrypts {
            self.keystream.apply(data);
            self.hash(data);
        } else {
            self.hash(data);
            self.keystream.apply(data);
        }
    }
}

/// The block that ends what GHASH sees: two lengths, in bits.
fn lengths(first: u64, second: u64) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..8].copy_from_slice(&(first * 8).to_be_bytes());
    block[8..].copy_from_slice(&(second * 8).to_be_bytes());
    block
}

/// `aesCrypt(mode, encrypts, key, iv, data, number, aad)`: the result as an `ArrayBuffer`. `number` is the counter's
/// length or the tag's, in bits.
pub(in crate::ops) fn aes_crypt<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let mode = text(scope, args.get(0))?;
        let encrypts = args.get(1).as_bool() == Some(true);
        let key = secret(scope, args.get(2))?;
        let iv = bytes(scope, args.get(3))?;
        let data = args.get(4);
        let length = scope.with_bytes(data, |bytes| bytes.len())?;
        match mode.as_str() {
            "ctr" => {
                let mut mode = short_counter(&key, &iv, integer(args.get(5))?, length)?;
                let output = room(scope, length)?;
                run(scope, &mut *mode, data, output, length)?;
                Ok(output)
            }
            "cbc" if encrypts => cbc_encrypt(scope, &key, &iv, data, length),
            "cbc" => cbc_decrypt(scope, &key, &iv, data, length),
            _ => {
                let mut gcm = Gcm::new(&key, &iv, encrypts)?;
                let tag = integer(args.get(5))? as usize / 8;
                if !args.get(6).is_undefined() {
                    let aad = bytes(scope, args.get(6))?;
                    gcm.add(&aad);
                }
                gcm_crypt(scope, gcm, data, length, tag)
            }
        }
    })
}

fn cbc_encrypt<'s>(
    scope: &mut Scope<'s>,
    key: &[u8],
    iv: &[u8],
    data: Local<'s>,
    length: usize,
) -> Result<Local<'s>, Failure> {
    let mut mode = cbc(key, iv, true)?;
    let whole = length - length % BLOCK;
    let output = room(scope, whole + BLOCK)?;
    run(scope, &mut *mode, data, output, whole)?;
    let padding = (BLOCK - length % BLOCK) as u8;
    let mut last = Zeroizing::new([padding; BLOCK]);
    scope.with_bytes(data, |bytes| last[..length % BLOCK].copy_from_slice(&bytes[whole..]))?;
    mode.apply(&mut *last);
    scope.with_bytes_mut(output, |bytes| bytes[whole..].copy_from_slice(&*last))?;
    Ok(output)
}

/// The padding is looked at first, so that the result's length is known.
fn cbc_decrypt<'s>(
    scope: &mut Scope<'s>,
    key: &[u8],
    iv: &[u8],
    data: Local<'s>,
    length: usize,
) -> Result<Local<'s>, Failure> {
    if length == 0 || !length.is_multiple_of(BLOCK) {
        return Err(Failure::Operation);
    }
    let mut mode = cbc(key, iv, false)?;
    let before = length - BLOCK;
    let mut last = Zeroizing::new([0; BLOCK]);
    let mut previous = [0; BLOCK];
    scope.with_bytes(data, |bytes| {
        last.copy_from_slice(&bytes[before..]);
        previous.copy_from_slice(if before == 0 { iv } else { &bytes[before - BLOCK..before] });
    })?;
    cbc(key, &previous, false)?.apply(&mut *last);
    let rest = unpadded(&last).ok_or(Failure::Operation)?;
    let output = room(scope, before + rest)?;
    run(scope, &mut *mode, data, output, before)?;
    scope.with_bytes_mut(output, |bytes| bytes[before..].copy_from_slice(&last[..rest]))?;
    Ok(output)
}

/// How many bytes of a last block are no padding (PKCS #7). Takes the same time for every padding.
pub(super) fn unpadded(block: &[u8; BLOCK]) -> Option<usize> {
    let padding = block[BLOCK - 1];
    let mut wrong = u8::from(padding == 0) | u8::from(usize::from(padding) > BLOCK);
    for (index, byte) in (1u8..).zip(block.iter().rev()) {
        wrong |= u8::from(index <= padding) & u8::from(*byte != padding);
    }
    (wrong == 0).then(|| BLOCK - usize::from(padding))
}

fn gcm_crypt<'s>(
    scope: &mut Scope<'s>,
    mut gcm: Gcm,
    data: Local<'s>,
    length: usize,
    tag_length: usize,
) -> Result<Local<'s>, Failure> {
    if !(4..=BLOCK).contains(&tag_length) {
        return Err(Failure::Operation);
    }
    if gcm.encrypts {
        let output = room(scope, length + tag_length)?;
        run(scope, &mut gcm, data, output, length)?;
        let tag = gcm.tag();
        scope
            .with_bytes_mut(output, |bytes| bytes[length..].copy_from_slice(&tag[..tag_length]))?;
        return Ok(output);
    }
    let text = length.checked_sub(tag_length).ok_or(Failure::Operation)?;
    let output = room(scope, text)?;
    run(scope, &mut gcm, data, output, text)?;
    let tag = gcm.tag();
    let equal = scope.with_bytes(data, |bytes| bytes[text..].ct_eq(&tag[..tag_length]))?;
    if bool::from(equal) { Ok(output) } else { Err(Failure::Operation) }
}

/// A buffer for a result.
fn room<'s>(scope: &mut Scope<'s>, length: usize) -> Result<Local<'s>, Failure> {
    match scope.array_buffer_filled(length, |_| ()) {
        Err(Throw::RangeError(_)) => Err(Failure::Operation),
        other => Ok(other?),
    }
}

/// Puts the first `length` bytes of `input`, transformed, into `output`, and lets the isolate be interrupted on the way:
/// no JavaScript runs then, so neither changes.
fn run(
    scope: &mut Scope<'_>,
    transform: &mut dyn Transform,
    input: Local<'_>,
    output: Local<'_>,
    length: usize,
) -> Result<(), Failure> {
    let mut piece = Zeroizing::new(vec![0; length.min(PIECE)]);
    for (count, at) in (0..length).step_by(PIECE).enumerate() {
        let piece = &mut piece[..PIECE.min(length - at)];
        scope.with_bytes(input, |bytes| piece.copy_from_slice(&bytes[at..at + piece.len()]))?;
        transform.apply(piece);
        scope.with_bytes_mut(output, |bytes| bytes[at..at + piece.len()].copy_from_slice(piece))?;
        if count % PIECES == PIECES - 1 {
            scope.check_interrupt()?;
        }
    }
    Ok(())
}

/// `aesWrap(key, data)`: AES-KW (RFC 3394).
pub(in crate::ops) fn aes_wrap<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let (key, data) = wrapping(scope, args)?;
        let mut output = vec![0; data.len() + 8];
        with_aes!(key, A => {
            let cipher = A::new_from_slice(&key).map_err(|_| Failure::Operation)?;
            AesKw::inner_init(cipher).wrap_key(&data, &mut output).map_err(|_| Failure::Operation)?;
        });
        Ok(scope.array_buffer(&output)?)
    })
}

/// `aesUnwrap(key, data)`: what was wrapped.
pub(in crate::ops) fn aes_unwrap<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let (key, data) = wrapping(scope, args)?;
        let length = data.len().checked_sub(8).ok_or(Failure::Operation)?;
        let mut output = Zeroizing::new(vec![0; length]);
        with_aes!(key, A => {
            let cipher = A::new_from_slice(&key).map_err(|_| Failure::Operation)?;
            AesKw::inner_init(cipher).unwrap_key(&data, &mut output).map_err(|_| Failure::Operation)?;
        });
        Ok(scope.array_buffer(&output)?)
    })
}

/// Key and data. AES-KW takes two halves of a block at least.
fn wrapping(scope: &mut Scope<'_>, args: Args<'_>) -> Result<(Bytes, Bytes), Failure> {
    let length = scope.with_bytes(args.get(1), |bytes| bytes.len())?;
    if !(BLOCK..=LONGEST_WRAPPED).contains(&length) || !length.is_multiple_of(8) {
        return Err(Failure::Operation);
    }
    Ok((secret(scope, args.get(0))?, bytes(scope, args.get(1))?))
}
