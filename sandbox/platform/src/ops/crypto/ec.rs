//! The elliptic curves of NIST: ECDSA and ECDH.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Encode};
use digest::common::Generate;
use ecdsa::hazmat::{sign_prehashed_rfc6979, verify_prehashed};
use elliptic_curve::sec1::ToSec1Point;
use insula_spidermonkey::{Args, Local, Scope, Throw};
use p256::elliptic_curve;
use sec1::{EcParameters, EcPrivateKey};
use zeroize::Zeroizing;

use super::der::{open_pkcs8, open_spki, pkcs8, spki};
use super::hash::{Hash, hash_of};
use super::keys::{Key, export, pair, with_key};
use super::{Failure, KernelRandom, answer, base64url, base64url_array, bytes, random, text};

const ID_EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// The argument of an op.
    fn of(scope: &mut Scope<'_>, value: Local<'_>) -> Result<Self, Failure> {
        match text(scope, value)?.as_str() {
            "P-256" => Ok(Self::P256),
            "P-384" => Ok(Self::P384),
            "P-521" => Ok(Self::P521),
            _ => Err(Failure::NotSupported),
        }
    }

    fn oid(self) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(match self {
            Self::P256 => "1.2.840.10045.3.1.7",
            Self::P384 => "1.3.132.0.34",
            Self::P521 => "1.3.132.0.35",
        })
    }

    /// Bytes of a coordinate, and of a private key.
    fn size(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// Evaluates an expression in which `$C` is the type of a curve.
macro_rules! with_curve {
    ($curve:expr, $C:ident => $body:expr) => {
        match $curve {
            Curve::P256 => {
                type $C = p256::NistP256;
                $body
            }
            Curve::P384 => {
                type $C = p384::NistP384;
                $body
            }
            Curve::P521 => {
                type $C = p521::NistP521;
                $body
            }
        }
    };
}

type PublicKey<C> = elliptic_curve::PublicKey<C>;
type SecretKey<C> = elliptic_curve::SecretKey<C>;

/// A key whose numbers have been judged.
pub(super) struct EcKey {
    curve: Curve,
    /// Uncompressed.
    point: Vec<u8>,
    secret: Option<Zeroizing<Vec<u8>>>,
}

impl EcKey {
    fn public(curve: Curve, point: &[u8]) -> Result<Self, Failure> {
        let point = with_curve!(curve, C => {
            let key = PublicKey::<C>::from_sec1_bytes(point).map_err(|_| Failure::Data)?;
            key.to_sec1_point(false).as_bytes().to_vec()
        });
        Ok(Self { curve, point, secret: None })
    }

    fn private(curve: Curve, secret: &[u8]) -> Result<Self, Failure> {
        if secret.len() != curve.size() {
            return Err(Failure::Data);
        }
        let point = with_curve!(curve, C => {
            let key = SecretKey::<C>::from_slice(secret).map_err(|_| Failure::Data)?;
            key.public_key().to_sec1_point(false).as_bytes().to_vec()
        });
        Ok(Self { curve, point, secret: Some(Zeroizing::new(secret.to_vec())) })
    }

    fn generate(curve: Curve) -> Result<Self, Failure> {
        let secret = with_curve!(curve, C => {
            Zeroizing::new(SecretKey::<C>::generate_from_rng(&mut KernelRandom).to_bytes().to_vec())
        });
        Self::private(curve, &secret)
    }

    fn from_spki(curve: Curve, data: &[u8]) -> Result<Self, Failure> {
        let info = open_spki(data)?;
        check_algorithm(curve, info.oid, info.parameters)?;
        Self::public(curve, info.key)
    }

    fn from_pkcs8(curve: Curve, data: &[u8]) -> Result<Self, Failure> {
        let info = open_pkcs8(data)?;
        check_algorithm(curve, info.oid, info.parameters)?;
        Self::from_sec1(curve, info.key)
    }

    fn from_sec1(curve: Curve, data: &[u8]) -> Result<Self, Failure> {
        let inner = EcPrivateKey::from_der(data).map_err(|_| Failure::Data)?;
        if inner.parameters.is_some_and(|EcParameters::NamedCurve(oid)| oid != curve.oid()) {
            return Err(Failure::Data);
        }
        let key = Self::private(curve, inner.private_key)?;
        match inner.public_key.map(|point| Self::public(curve, point)) {
            Some(Ok(public)) if public.point == key.point => Ok(key),
            None => Ok(key),
            _ => Err(Failure::Data),
        }
    }

    /// The coordinates of the point.
    fn coordinates(&self) -> (&[u8], &[u8]) {
        self.point[1..].split_at(self.curve.size())
    }
}

impl Key for EcKey {
    fn to_public(&self) -> Self {
        Self { curve: self.curve, point: self.point.clone(), secret: None }
    }

    fn export(&self, format: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let oid = self.curve.oid();
        let parameters = Some(AnyRef::from(&oid));
        match (format, &self.secret) {
            ("raw", None) => Ok(Zeroizing::new(self.point.clone())),
            ("spki", None) => spki(ID_EC_PUBLIC_KEY, parameters, &self.point),
            ("pkcs8" | "sec1", Some(secret)) => {
                let is_alone = format == "sec1";
                let public_key = Some(self.point.as_slice());
                let named = is_alone.then_some(EcParameters::NamedCurve(oid));
                let inner = EcPrivateKey { private_key: secret, parameters: named, public_key };
                let inner = Zeroizing::new(inner.to_der()?);
                if is_alone { Ok(inner) } else { pkcs8(ID_EC_PUBLIC_KEY, parameters, &inner) }
            }
            _ => Err(Failure::Operation),
        }
    }
}

/// The name of the curve that an algorithm identifier names.
pub(super) fn curve_of(
    oid: ObjectIdentifier,
    parameters: Option<AnyRef<'_>>,
) -> Option<&'static str> {
    let named = parameters?.decode_as::<ObjectIdentifier>().ok()?;
    (oid == ID_EC_PUBLIC_KEY).then_some(())?;
    name_of(named)
}

/// The same for an `ECPrivateKey` that stands alone.
pub(super) fn curve_of_sec1(data: &[u8]) -> Result<&'static str, Failure> {
    let key = EcPrivateKey::from_der(data).map_err(|_| Failure::Data)?;
    let Some(EcParameters::NamedCurve(oid)) = key.parameters else { return Err(Failure::Data) };
    name_of(oid).ok_or(Failure::NotSupported)
}

fn name_of(oid: ObjectIdentifier) -> Option<&'static str> {
    let curves = [(Curve::P256, "P-256"), (Curve::P384, "P-384"), (Curve::P521, "P-521")];
    curves.iter().find(|(curve, _)| curve.oid() == oid).map(|(_, name)| *name)
}

fn check_algorithm(
    curve: Curve,
    oid: ObjectIdentifier,
    parameters: Option<AnyRef<'_>>,
) -> Result<(), Failure> {
    let named = parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    if oid == ID_EC_PUBLIC_KEY && named == Some(curve.oid()) { Ok(()) } else { Err(Failure::Data) }
}

/// `ecGenerate(curve)`: public and private key.
pub(in crate::ops) fn ec_generate<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let curve = Curve::of(scope, args.get(0))?;
        let private = EcKey::generate(curve)?;
        pair(scope, private)
    })
}

/// `ecImport(curve, format, data)`: a key from `raw`, `spki`, `pkcs8` or (for Node.js) `sec1`.
pub(in crate::ops) fn ec_import<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let curve = Curve::of(scope, args.get(0))?;
        let format = text(scope, args.get(1))?;
        let data = bytes(scope, args.get(2))?;
        let key = match format.as_str() {
            "raw" => EcKey::public(curve, &data)?,
            "spki" => EcKey::from_spki(curve, &data)?,
            "sec1" => EcKey::from_sec1(curve, &data)?,
            _ => EcKey::from_pkcs8(curve, &data)?,
        };
        Ok(scope.resource(key)?)
    })
}

/// `ecImportJwk(curve, x, y, d)`: a key; without `d`, a public one.
pub(in crate::ops) fn ec_import_jwk<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let curve = Curve::of(scope, args.get(0))?;
        let (x, y) = (base64url(scope, args.get(1))?, base64url(scope, args.get(2))?);
        if x.len() != curve.size() || y.len() != curve.size() {
            return Err(Failure::Data);
        }
        let public = EcKey::public(curve, &[&[4], x.as_slice(), &y].concat())?;
        if args.get(3).is_undefined() {
            return Ok(scope.resource(public)?);
        }
        let secret = base64url(scope, args.get(3))?;
        let private = EcKey::private(curve, &secret)?;
        if private.point != public.point {
            return Err(Failure::Data);
        }
        Ok(scope.resource(private)?)
    })
}

/// `ecExport(format, key)`.
pub(in crate::ops) fn ec_export<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    export::<EcKey>(scope, args)
}

/// `ecExportJwk(key)`: `[x, y]` or `[x, y, d]`.
pub(in crate::ops) fn ec_export_jwk<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let (point, secret) =
            with_key(scope, args.get(0), |key: &EcKey| (key.to_public(), key.secret.clone()))?;
        let (x, y) = point.coordinates();
        match secret {
            Some(secret) => base64url_array(scope, &[x, y, &secret]),
            None => base64url_array(scope, &[x, y]),
        }
    })
}

/// `ecSign(key, hash, data, der)`: the signature as `r` and `s` of the curve's size, or as Node.js has it, in DER.
pub(in crate::ops) fn ec_sign<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let hash = Hash::of(scope, args.get(1))?;
        let digest = hash_of(scope, hash, args.get(2))?;
        let der = args.get(3).as_bool() == Some(true);
        let mut hedge = [0; 32];
        random::fill(&mut hedge);
        let signature = with_key(scope, args.get(0), |key: &EcKey| {
            let secret = key.secret.as_ref().ok_or(Failure::Operation)?;
            Ok::<_, Failure>(with_curve!(key.curve, C => {
                let secret = SecretKey::<C>::from_slice(secret).map_err(|_| Failure::Operation)?;
                let scalar = secret.to_nonzero_scalar();
                let (signature, _) =
                    sign_prehashed_rfc6979::<C, sha2::Sha512>(&scalar, &digest, &hedge);
                if der { signature.to_der().as_bytes().to_vec() } else { signature.to_vec() }
            }))
        })??;
        Ok(scope.array_buffer(&signature)?)
    })
}

/// `ecVerify(key, hash, signature, data, der)`.
pub(in crate::ops) fn ec_verify<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let hash = Hash::of(scope, args.get(1))?;
    let signature = bytes(scope, args.get(2))?;
    let digest = hash_of(scope, hash, args.get(3))?;
    let der = args.get(4).as_bool() == Some(true);
    let verified = with_key(scope, args.get(0), |key: &EcKey| {
        with_curve!(key.curve, C => {
            let signature = if der {
                ecdsa::Signature::<C>::from_der(&signature)
            } else {
                ecdsa::Signature::<C>::from_slice(&signature)
            };
            let Ok(signature) = signature else { return false };
            let Ok(key) = PublicKey::<C>::from_sec1_bytes(&key.point) else { return false };
            verify_prehashed::<C>(&key.to_projective(), &digest, &signature).is_ok()
        })
    })?;
    Ok(scope.boolean(verified))
}

/// `ecDerive(private, public)`: the shared secret.
pub(in crate::ops) fn ec_derive<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let public = with_key(scope, args.get(1), EcKey::to_public)?;
        let shared = with_key(scope, args.get(0), |key: &EcKey| {
            let secret = key.secret.as_ref().ok_or(Failure::Operation)?;
            if key.curve != public.curve {
                return Err(Failure::Operation);
            }
            with_curve!(key.curve, C => {
                let secret = SecretKey::<C>::from_slice(secret).map_err(|_| Failure::Operation)?;
                let public = PublicKey::<C>::from_sec1_bytes(&public.point);
                let shared = secret.diffie_hellman(&public.map_err(|_| Failure::Operation)?);
                Ok(Zeroizing::new(shared.raw_secret_bytes().to_vec()))
            })
        })??;
        Ok(scope.array_buffer(&shared)?)
    })
}
