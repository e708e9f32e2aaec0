//! Keys from other secrets: HKDF, PBKDF2, scrypt.

use digest::block_api::EagerHash;
use digest::{Digest, Mac};
use insula_spidermonkey::{Args, Local, Memory, Scope, Throw};
use salsa20::SalsaCore;
use salsa20::cipher::StreamCipherCore;
use salsa20::cipher::typenum::U4;
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use super::hash::{Hash, hmac, with_hash};
use super::secret::secret;
use super::{Failure, answer, bytes, integer};

/// The most bytes that one call derives.
const LONGEST: u32 = 1 << 20;

/// Iterations between two looks at whether the isolate may go on.
const PIECE: u32 = 4096;

/// Bytes that are hashed between two such looks.
const PIECE_OF_SALT: usize = 4 << 20;

/// Memory that scrypt may take.
const SCRYPT_MEMORY: u64 = 64 << 20;

/// Bytes that scrypt mixes between two such looks.
const PIECE_OF_MIX: usize = 1 << 20;

/// `hkdf(hash, key, salt, info, length)`: so many bytes (RFC 5869).
pub(in crate::ops) fn hkdf<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let hash = Hash::of(scope, args.get(0))?;
        let key = secret(scope, args.get(1))?;
        let salt = bytes(scope, args.get(2))?;
        let info = bytes(scope, args.get(3))?;
        let mut output = output(args.get(4))?;
        with_hash!(hash, D => extract_and_expand::<D>(scope, &key, &salt, &info, &mut output))?;
        Ok(scope.array_buffer(&output)?)
    })
}

fn extract_and_expand<D: EagerHash>(
    scope: &mut Scope<'_>,
    key: &[u8],
    salt: &[u8],
    info: &[u8],
    output: &mut [u8],
) -> Result<(), Failure> {
    let size = <D as Digest>::output_size();
    if output.len() > 255 * size {
        return Err(Failure::Operation);
    }
    let keyed = hmac::<D>(&hmac::<D>(salt).chain_update(key).finalize().into_bytes());
    let mut last = Zeroizing::new(Vec::new());
    for (index, block) in (1u8..=255).zip(output.chunks_mut(size)) {
        let next = keyed.clone().chain_update(&*last).chain_update(info).chain_update([index]);
        *last = next.finalize().into_bytes().to_vec();
        block.copy_from_slice(&last[..block.len()]);
        scope.check_interrupt()?;
    }
    Ok(())
}

/// `pbkdf2(hash, password, salt, iterations, length)`: so many bytes (RFC 8018, section 5.2).
pub(in crate::ops) fn pbkdf2<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let hash = Hash::of(scope, args.get(0))?;
        let password = secret(scope, args.get(1))?;
        let salt = bytes(scope, args.get(2))?;
        let iterations = integer(args.get(3))?;
        let mut output = output(args.get(4))?;
        with_hash!(hash, D => stretch::<D>(scope, &password, &salt, iterations, &mut output))?;
        Ok(scope.array_buffer(&output)?)
    })
}

fn stretch<D: EagerHash>(
    scope: &mut Scope<'_>,
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    output: &mut [u8],
) -> Result<(), Throw> {
    let keyed = hmac::<D>(password);
    let mut salted = keyed.clone();
    for piece in salt.chunks(PIECE_OF_SALT) {
        salted.update(piece);
        scope.check_interrupt()?;
    }
    let mut left = PIECE;
    for (index, block) in (1u32..).zip(output.chunks_mut(<D as Digest>::output_size())) {
        let mut last = salted.clone().chain_update(index.to_be_bytes()).finalize().into_bytes();
        let mut sum = last.clone();
        for _ in 1..iterations {
            last = keyed.clone().chain_update(&last).finalize().into_bytes();
            sum.iter_mut().zip(&last).for_each(|(sum, byte)| *sum ^= byte);
            left -= 1;
            if left == 0 {
                scope.check_interrupt()?;
                left = PIECE;
            }
        }
        // There can be many of them, and few iterations.
        scope.check_interrupt()?;
        block.copy_from_slice(&sum[..block.len()]);
    }
    Ok(())
}

/// `scrypt(password, salt, cost, blockSize, parallelization, length)`: so many bytes (RFC 7914, section 6).
pub(in crate::ops) fn scrypt<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let password = secret(scope, args.get(0))?;
        let salt = bytes(scope, args.get(1))?;
        let (n, r, p) = (integer(args.get(2))?, integer(args.get(3))?, integer(args.get(4))?);
        let mut output = output(args.get(5))?;
        let blocks = u64::from(n) + u64::from(p);
        let is_bounded = blocks.saturating_mul(128 * u64::from(r)) <= SCRYPT_MEMORY;
        if !n.is_power_of_two() || n < 2 || r == 0 || p == 0 || !is_bounded || output.is_empty() {
            return Err(Failure::Operation);
        }
        let block = 128 * r as usize;
        let mut lanes = Memory::zeroed(p as usize * block)?;
        stretch::<Sha256>(scope, &password, &salt, 1, &mut lanes)?;
        let mut table = Memory::zeroed(n as usize * block)?;
        for lane in lanes.chunks_exact_mut(block) {
            mix(scope, lane, &mut table)?;
        }
        stretch::<Sha256>(scope, &password, &lanes, 1, &mut output)?;
        lanes.zeroize();
        Ok(scope.array_buffer(&output)?)
    })
}

/// scryptROMix (RFC 7914, section 5) of one block, in a table of `N`.
fn mix(scope: &mut Scope<'_>, block: &mut [u8], table: &mut [u8]) -> Result<(), Throw> {
    let length = block.len();
    let rows = table.len() / length;
    let between = (PIECE_OF_MIX / length).max(1);
    let mut scratch = vec![0; length];
    for (index, row) in table.chunks_exact_mut(length).enumerate() {
        row.copy_from_slice(block);
        mix_block(row, block);
        if index % between == 0 {
            scope.check_interrupt()?;
        }
    }
    for index in 0..rows {
        let word = block[length - 64..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        // There is a power of two of them.
        let at = (word as usize & (rows - 1)) * length;
        for ((out, byte), row) in scratch.iter_mut().zip(&*block).zip(&table[at..at + length]) {
            *out = byte ^ row;
        }
        mix_block(&scratch, block);
        if index % between == 0 {
            scope.check_interrupt()?;
        }
    }
    Ok(())
}

/// scryptBlockMix (RFC 7914, section 4).
fn mix_block(input: &[u8], output: &mut [u8]) {
    let words = |bytes: &[u8; 64]| {
        let mut words = [0; 16];
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        words
    };
    let (blocks, _) = input.as_chunks::<64>();
    let Some(last) = blocks.last() else { return };
    let mut sum = *last;
    let (even, odd) = output.split_at_mut(input.len() / 2);
    let (even, odd) = (even.as_chunks_mut::<64>().0, odd.as_chunks_mut::<64>().0);
    for (pair, (even, odd)) in blocks.as_chunks::<2>().0.iter().zip(even.iter_mut().zip(odd)) {
        for (block, place) in pair.iter().zip([even, odd]) {
            sum.iter_mut().zip(block).for_each(|(sum, byte)| *sum ^= byte);
            SalsaCore::<U4>::from_raw_state(words(&sum)).write_keystream_block((&mut sum).into());
            *place = sum;
        }
    }
}

fn output(length: Local<'_>) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let length = integer(length)?;
    if length > LONGEST {
        return Err(Failure::Operation);
    }
    Ok(Zeroizing::new(vec![0; length as usize]))
}
