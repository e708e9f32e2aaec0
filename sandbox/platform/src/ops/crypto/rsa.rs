//! RSA signatures and encryption (RFC 8017). Private operations are blinded and take the same time for all inputs.

use insula_spidermonkey::{Args, Local, Scope, Throw};
use rsa::traits::SignatureScheme;
use rsa::{Oaep, Pkcs1v15Sign, Pss};
use zeroize::Zeroizing;

use super::hash::{Hash, hash_of};
use super::keys::with_key;
use super::rsa_key::RsaKey;
use super::{Failure, KernelRandom, answer, bytes, integer, text};

/// Evaluates an expression in which `$D` is the type of a hash function that RSA is used with.
macro_rules! with_rsa_hash {
    ($hash:expr, $D:ident => $body:expr) => {
        match $hash {
            Hash::Sha1 => with_rsa_hash!(@ sha1::Sha1, $D => $body),
            Hash::Sha224 => with_rsa_hash!(@ sha2::Sha224, $D => $body),
            Hash::Sha256 => with_rsa_hash!(@ sha2::Sha256, $D => $body),
            Hash::Sha384 => with_rsa_hash!(@ sha2::Sha384, $D => $body),
            Hash::Sha512 => with_rsa_hash!(@ sha2::Sha512, $D => $body),
            _ => Err(Failure::NotSupported),
        }
    };
    (@ $type:ty, $D:ident => $body:expr) => {{
        type $D = $type;
        $body
    }};
}

/// `rsaSign(key, scheme, hash, saltLength, data)`; the scheme is `pss` or `pkcs1`.
pub(in crate::ops) fn rsa_sign<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let is_pss = text(scope, args.get(1))? == "pss";
        let hash = Hash::of(scope, args.get(2))?;
        let salt = integer(args.get(3))? as usize;
        let digest = hash_of(scope, hash, args.get(4))?;
        let signature = with_key(scope, args.get(0), |key: &RsaKey| {
            with_rsa_hash!(hash, D => if is_pss {
                // A longer salt never fits, and would be made before that is found out.
                if salt > key.modulus_length() { return Err(Failure::Operation); }
                sign(key, Pss::<D>::new_with_salt(salt), &digest)
            } else {
                sign(key, Pkcs1v15Sign::new::<D>(), &digest)
            })
        })??;
        Ok(scope.array_buffer(&signature)?)
    })
}

fn sign(key: &RsaKey, scheme: impl SignatureScheme, digest: &[u8]) -> Result<Vec<u8>, Failure> {
    let RsaKey::Private(key) = key else { return Err(Failure::Operation) };
    key.sign_with_rng(&mut KernelRandom, scheme, digest).map_err(|_| Failure::Operation)
}

/// `rsaVerify(key, scheme, hash, saltLength, signature, data)`; without a length, the salt is as long as it is.
pub(in crate::ops) fn rsa_verify<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let is_pss = text(scope, args.get(1))? == "pss";
        let hash = Hash::of(scope, args.get(2))?;
        let salt = match args.get(3) {
            unknown if unknown.is_undefined() => None,
            length => Some(integer(length)? as usize),
        };
        let signature = bytes(scope, args.get(4))?;
        let digest = hash_of(scope, hash, args.get(5))?;
        let verified = with_key(scope, args.get(0), |key: &RsaKey| {
            let public = key.public_part();
            let length = key.modulus_length();
            if salt.is_some_and(|salt| salt > length) || signature.len() != length {
                return Ok(false);
            }
            with_rsa_hash!(hash, D => Ok(if is_pss {
                let padding = Pss::<D> { salt_len: salt, ..Pss::new() };
                public.verify(padding, &digest, &signature).is_ok()
            } else {
                public.verify(Pkcs1v15Sign::new::<D>(), &digest, &signature).is_ok()
            }))
        })??;
        Ok(scope.boolean(verified))
    })
}

/// `rsaEncrypt(key, hash, label, data)`: RSAES-OAEP.
pub(in crate::ops) fn rsa_encrypt<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| oaep(scope, args, encrypt))
}

/// `rsaDecrypt(key, hash, label, data)`.
pub(in crate::ops) fn rsa_decrypt<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| oaep(scope, args, decrypt))
}

type Crypt = fn(&RsaKey, Hash, &[u8], &[u8]) -> Result<Vec<u8>, Failure>;

fn oaep<'s>(scope: &mut Scope<'s>, args: Args<'s>, crypt: Crypt) -> Result<Local<'s>, Failure> {
    let hash = Hash::of(scope, args.get(1))?;
    let label = bytes(scope, args.get(2))?;
    let length = scope.with_bytes(args.get(3), |data| data.len())?;
    if length > with_key(scope, args.get(0), RsaKey::modulus_length)? {
        return Err(Failure::Operation);
    }
    let data = bytes(scope, args.get(3))?;
    let result = with_key(scope, args.get(0), |key: &RsaKey| crypt(key, hash, &label, &data))??;
    Ok(scope.array_buffer(&Zeroizing::new(result))?)
}

fn encrypt(key: &RsaKey, hash: Hash, label: &[u8], data: &[u8]) -> Result<Vec<u8>, Failure> {
    with_rsa_hash!(hash, D => {
        let padding = Oaep::<D>::new_with_label(label);
        let encrypted = key.public_part().encrypt(&mut KernelRandom, padding, data);
        encrypted.map_err(|_| Failure::Operation)
    })
}

fn decrypt(key: &RsaKey, hash: Hash, label: &[u8], data: &[u8]) -> Result<Vec<u8>, Failure> {
    let RsaKey::Private(key) = key else { return Err(Failure::Operation) };
    with_rsa_hash!(hash, D => {
        let padding = Oaep::<D>::new_with_label(label);
        let decrypted = key.decrypt_blinded(&mut KernelRandom, padding, data);
        decrypted.map_err(|_| Failure::Operation)
    })
}
