//! RSA keys: making them, and the formats that they come in (RFC 8017, appendix A.1).

use crypto_bigint::BoxedUint;
use crypto_primes::hazmat::{SetBits, SieveFactory, SmallFactorsSieveFactory};
use crypto_primes::{Flavor, is_prime};
use der::asn1::{AnyRef, ObjectIdentifier, UintRef};
use der::{Decode, Encode};
use insula_spidermonkey::{Args, Local, Scope, Throw};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{RsaPrivateKey, RsaPublicKey};
use zeroize::Zeroizing;

use super::der::{open_pkcs8, open_spki, pkcs8, spki};
use super::keys::{Key, export, pair, with_key};
use super::{Failure, KernelRandom, answer, base64url, base64url_array, bytes, integer, text};

pub(super) const RSA_ENCRYPTION: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// Bits of a modulus. Below, a key protects nothing; above, an operation with it takes too long for an isolate, whose
/// thread cannot do anything else meanwhile.
const SMALLEST: usize = 1024;
const LARGEST: usize = 8192;

/// The most bytes of a number of a key.
const LONGEST: usize = LARGEST / 8 + 1;

pub(super) enum RsaKey {
    Public(Box<RsaPublicKey>),
    Private(Box<RsaPrivateKey>),
}

impl RsaKey {
    fn public(n: &[u8], e: &[u8]) -> Result<Self, Failure> {
        let key = RsaPublicKey::new_with_size_limits(number(n)?, number(e)?, SMALLEST..=LARGEST);
        Ok(Self::Public(Box::new(key.map_err(|_| Failure::Data)?)))
    }

    fn private(n: &[u8], e: &[u8], d: &[u8], p: &[u8], q: &[u8]) -> Result<Self, Failure> {
        // Judges the public part's size, which the private key's constructor takes as it is.
        Self::public(n, e)?;
        let primes = vec![number(p)?, number(q)?];
        let key = RsaPrivateKey::from_components(number(n)?, number(e)?, number(d)?, primes);
        Ok(Self::Private(Box::new(key.map_err(|_| Failure::Data)?)))
    }

    fn from_spki(data: &[u8]) -> Result<Self, Failure> {
        let info = open_spki(data)?;
        check_algorithm(info.oid, info.parameters)?;
        let key = pkcs1::RsaPublicKeyRef::from_der(info.key).map_err(|_| Failure::Data)?;
        Self::public(key.modulus.as_bytes(), key.public_exponent.as_bytes())
    }

    fn from_pkcs8(data: &[u8]) -> Result<Self, Failure> {
        let info = open_pkcs8(data)?;
        check_algorithm(info.oid, info.parameters)?;
        Self::from_pkcs1(info.key)
    }

    fn from_pkcs1(data: &[u8]) -> Result<Self, Failure> {
        let key = pkcs1::RsaPrivateKey::<UintRef<'_>>::from_der(data).map_err(|_| Failure::Data)?;
        if key.other_prime_infos.is_some() {
            return Err(Failure::NotSupported);
        }
        Self::private(
            key.modulus.as_bytes(),
            key.public_exponent.as_bytes(),
            key.private_exponent.as_bytes(),
            key.prime1.as_bytes(),
            key.prime2.as_bytes(),
        )
    }

    pub(super) fn public_part(&self) -> &RsaPublicKey {
        match self {
            Self::Public(key) => key,
            Self::Private(key) => key.as_public_key(),
        }
    }

    /// In bytes.
    pub(super) fn modulus_length(&self) -> usize {
        self.public_part().size()
    }
}

impl Key for RsaKey {
    fn to_public(&self) -> Self {
        Self::Public(Box::new(self.public_part().clone()))
    }

    fn export(&self, format: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let public = self.public_part();
        let parameters = Some(AnyRef::NULL);
        let (n, e) = (public.n_bytes(), public.e_bytes());
        let (modulus, public_exponent) = (UintRef::new(&n)?, UintRef::new(&e)?);
        match (format, self) {
            ("spki" | "pkcs1", Self::Public(_)) => {
                let inner = pkcs1::RsaPublicKeyRef { modulus, public_exponent }.to_der()?;
                match format {
                    "spki" => spki(RSA_ENCRYPTION, parameters, &inner),
                    _ => Ok(Zeroizing::new(inner)),
                }
            }
            ("pkcs8" | "pkcs1", Self::Private(key)) => {
                let parts = private_parts(key)?;
                let [d, p, q, dp, dq, qi] = &parts;
                let inner = pkcs1::RsaPrivateKey {
                    modulus,
                    public_exponent,
                    private_exponent: UintRef::new(d)?,
                    prime1: UintRef::new(p)?,
                    prime2: UintRef::new(q)?,
                    exponent1: UintRef::new(dp)?,
                    exponent2: UintRef::new(dq)?,
                    coefficient: UintRef::new(qi)?,
                    other_prime_infos: None,
                };
                let inner = Zeroizing::new(inner.to_der()?);
                match format {
                    "pkcs8" => pkcs8(RSA_ENCRYPTION, parameters, &inner),
                    _ => Ok(inner),
                }
            }
            _ => Err(Failure::Operation),
        }
    }
}

/// `d`, `p`, `q`, `dp`, `dq`, `qi`.
fn private_parts(key: &RsaPrivateKey) -> Result<[Zeroizing<Box<[u8]>>; 6], Failure> {
    let trimmed = |number: &BoxedUint| Zeroizing::new(number.to_be_bytes_trimmed_vartime());
    let [p, q] = key.primes() else { return Err(Failure::Operation) };
    let qi = key.crt_coefficient().ok_or(Failure::Operation)?;
    let dp = key.dp().ok_or(Failure::Operation)?;
    let dq = key.dq().ok_or(Failure::Operation)?;
    Ok([trimmed(key.d()), trimmed(p), trimmed(q), trimmed(dp), trimmed(dq), trimmed(&qi)])
}

fn check_algorithm(oid: ObjectIdentifier, parameters: Option<AnyRef<'_>>) -> Result<(), Failure> {
    let is_plain = parameters.is_none_or(|any| any.is_null());
    if oid == RSA_ENCRYPTION && is_plain { Ok(()) } else { Err(Failure::Data) }
}

fn number(bytes: &[u8]) -> Result<BoxedUint, Failure> {
    if bytes.is_empty() || bytes.len() > LONGEST {
        return Err(Failure::Data);
    }
    Ok(BoxedUint::from_be_slice_vartime(bytes))
}

/// `rsaGenerate(bits, exponent)`: public and private key.
pub(in crate::ops) fn rsa_generate<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let (bits, exponent) = parameters(scope, args)?;
        let key = generate(scope, bits, exponent)?;
        pair(scope, RsaKey::Private(Box::new(key)))
    })
}

/// `rsaCheck(bits, exponent)`: whether `rsaGenerate` would take them.
pub(in crate::ops) fn rsa_check<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        parameters(scope, args)?;
        Ok(scope.undefined())
    })
}

fn parameters(scope: &mut Scope<'_>, args: Args<'_>) -> Result<(u32, u64), Failure> {
    let bits = integer(args.get(0))?;
    if !(SMALLEST..=LARGEST).contains(&(bits as usize)) {
        return Err(Failure::Operation);
    }
    let exponent = bytes(scope, args.get(1))?;
    let exponent = small_number(&exponent).ok_or(Failure::Operation)?;
    // Even ones have no inverse, and there is no larger one that anybody uses.
    if exponent < 3 || exponent.is_multiple_of(2) || exponent > RsaPublicKey::MAX_PUB_EXPONENT {
        return Err(Failure::Operation);
    }
    Ok((bits, exponent))
}

fn small_number(bytes: &[u8]) -> Option<u64> {
    let first = bytes.iter().position(|byte| *byte != 0)?;
    let digits = &bytes[first..];
    (digits.len() <= 8).then(|| digits.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

fn generate(scope: &mut Scope<'_>, bits: u32, exponent: u64) -> Result<RsaPrivateKey, Failure> {
    loop {
        let p = prime(scope, bits.div_ceil(2))?;
        let q = prime(scope, bits - bits.div_ceil(2))?;
        // Fails when the exponent divides what it must not, and then other primes are tried.
        if let Ok(key) = RsaPrivateKey::from_p_q(p, q, BoxedUint::from(exponent)) {
            return Ok(key);
        }
    }
}

/// A random prime whose two highest bits are set. The isolate may be interrupted before each candidate.
fn prime(scope: &mut Scope<'_>, bits: u32) -> Result<BoxedUint, Failure> {
    let mut factory = SmallFactorsSieveFactory::new(Flavor::Any, bits, SetBits::TwoMsb)
        .map_err(|_| Failure::Operation)?;
    let mut before = None;
    loop {
        let sieve = factory.make_sieve(&mut KernelRandom, before.as_ref());
        let mut sieve = sieve.ok().flatten().ok_or(Failure::Operation)?;
        for candidate in sieve.by_ref() {
            scope.check_interrupt()?;
            if is_prime(Flavor::Any, &candidate) {
                return Ok(candidate);
            }
        }
        before = Some(sieve);
    }
}

/// `rsaImport(format, data)`: a key from `spki`, `pkcs8` or (for Node.js) `pkcs1-private`, `pkcs1-public`.
pub(in crate::ops) fn rsa_import<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let format = text(scope, args.get(0))?;
        let data = bytes(scope, args.get(1))?;
        let key = match format.as_str() {
            "spki" => RsaKey::from_spki(&data)?,
            "pkcs8" => RsaKey::from_pkcs8(&data)?,
            "pkcs1-private" => RsaKey::from_pkcs1(&data)?,
            _ => {
                let key = pkcs1::RsaPublicKeyRef::from_der(&data).map_err(|_| Failure::Data)?;
                RsaKey::public(key.modulus.as_bytes(), key.public_exponent.as_bytes())?
            }
        };
        Ok(scope.resource(key)?)
    })
}

/// `rsaImportJwk(n, e, d, p, q, dp, dq, qi)`: a key; without `d`, a public one.
pub(in crate::ops) fn rsa_import_jwk<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let mut part = |index| base64url(scope, args.get(index));
        let (n, e) = (part(0)?, part(1)?);
        if args.get(2).is_undefined() {
            return Ok(scope.resource(RsaKey::public(&n, &e)?)?);
        }
        let (d, p, q) = (part(2)?, part(3)?, part(4)?);
        let crt = [part(5)?, part(6)?, part(7)?];
        let key = RsaKey::private(&n, &e, &d, &p, &q)?;
        if let RsaKey::Private(key) = &key {
            let [_, _, _, computed @ ..] = private_parts(key)?;
            for (given, computed) in crt.iter().zip(&computed) {
                if number(given)? != number(computed)? {
                    return Err(Failure::Data);
                }
            }
        }
        Ok(scope.resource(key)?)
    })
}

/// `rsaExport(format, key)`.
pub(in crate::ops) fn rsa_export<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    export::<RsaKey>(scope, args)
}

/// `rsaExportJwk(key)`: `[n, e]` or `[n, e, d, p, q, dp, dq, qi]`.
pub(in crate::ops) fn rsa_export_jwk<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let (n, e, rest) = with_key(scope, args.get(0), |key: &RsaKey| {
            let public = key.public_part();
            let rest = match key {
                RsaKey::Public(_) => None,
                RsaKey::Private(key) => Some(private_parts(key)?),
            };
            Ok::<_, Failure>((public.n_bytes(), public.e_bytes(), rest))
        })??;
        let mut parts: Vec<&[u8]> = vec![&n, &e];
        parts.extend(rest.iter().flatten().map(|part| &***part));
        base64url_array(scope, &parts)
    })
}

/// `rsaDescribe(key)`: `[bits of the modulus, bytes of the exponent]`.
pub(in crate::ops) fn rsa_describe<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let (bits, exponent) = with_key(scope, args.get(0), |key: &RsaKey| {
        let public = key.public_part();
        (public.n().as_ref().bits(), public.e_bytes())
    })?;
    let bits = scope.number(bits.into());
    let exponent = scope.uint8_array(&exponent)?;
    scope.array(&[bits, exponent])
}
