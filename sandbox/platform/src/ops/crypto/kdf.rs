//! Keys from other secrets: HKDF, PBKDF2, scrypt.

use digest::block_api::EagerHash;
use digest::{Digest, Mac};
use insula_spidermonkey::{Args, Local, Scope, Throw};
use zeroize::Zeroizing;

use super::hash::{Hash, hmac, with_hash};
use super::secret::secret;
use super::{Failure, answer, bytes, integer};

/// The most bytes that one call derives.
const LONGEST: u32 = 1 << 20;

/// Iterations between two looks at whether the isolate may go on.
const PIECE: u32 = 4096;

/// The most of blocks times parallelism that scrypt computes, since it cannot be interrupted: eight times what Node.js
/// does unasked.
const SCRYPT_WORK: u64 = 1 << 20;

/// Memory that scrypt may take.
const SCRYPT_MEMORY: u64 = 64 << 20;

/// `hkdf(hash, key, salt, info, length)`: so many bytes (RFC 5869).
pub(in crate::ops) fn hkdf<'s>(scope: &mut Scope<'s>, args: Args<'s>) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let hash = Hash::of(scope, args.get(0))?;
        let key = secret(scope, args.get(1))?;
        let salt = bytes(scope, args.get(2))?;
        let info = bytes(scope, args.get(3))?;
        let mut output = output(args.get(4))?;
        with_hash!(hash, D => hkdf::Hkdf::<D>::new(Some(&salt), &key).expand(&info, &mut output))
            .map_err(|_| Failure::Operation)?;
        Ok(scope.array_buffer(&output)?)
    })
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
    salted.update(salt);
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
        // Its salt can be long, and its iterations few.
        scope.check_interrupt()?;
        block.copy_from_slice(&sum[..block.len()]);
    }
    Ok(())
}

/// `scrypt(password, salt, cost, blockSize, parallelization, length)`: so many bytes (RFC 7914).
pub(in crate::ops) fn scrypt<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let password = secret(scope, args.get(0))?;
        let salt = bytes(scope, args.get(1))?;
        let (n, r, p) = (integer(args.get(2))?, integer(args.get(3))?, integer(args.get(4))?);
        let mut output = output(args.get(5))?;
        let blocks = u64::from(n).saturating_mul(u64::from(r));
        let is_bounded = blocks.saturating_mul(128) <= SCRYPT_MEMORY
            && blocks.saturating_mul(u64::from(p)) <= SCRYPT_WORK;
        if !n.is_power_of_two() || n < 2 || !is_bounded || output.is_empty() {
            return Err(Failure::Operation);
        }
        let params = scrypt::Params::new(n.ilog2() as u8, r, p).map_err(|_| Failure::Operation)?;
        scrypt::scrypt(&password, &salt, &params, &mut output).map_err(|_| Failure::Operation)?;
        Ok(scope.array_buffer(&output)?)
    })
}

fn output(length: Local<'_>) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let length = integer(length)?;
    if length > LONGEST {
        return Err(Failure::Operation);
    }
    Ok(Zeroizing::new(vec![0; length as usize]))
}
