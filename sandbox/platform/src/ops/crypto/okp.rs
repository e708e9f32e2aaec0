//! Curve25519: Ed25519 signatures and X25519 key agreement (RFC 8032, RFC 7748).

use std::cell::RefCell;

use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode};
use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign_byupdate};
use ed25519_dalek::{Signature, SignatureError, SigningKey, StreamVerifier, VerifyingKey};
use insula_spidermonkey::{Args, Local, Scope, Throw};
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use super::der::{open_pkcs8, open_spki, pkcs8, spki};
use super::hash::feed;
use super::keys::{Key, export, pair, with_key};
use super::{Failure, answer, base64url, base64url_array, bytes, random, text};

const SIZE: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Curve {
    Ed25519,
    X25519,
}

impl Curve {
    /// The argument of an op.
    fn of(scope: &mut Scope<'_>, value: Local<'_>) -> Result<Self, Failure> {
        match text(scope, value)?.as_str() {
            "Ed25519" => Ok(Self::Ed25519),
            "X25519" => Ok(Self::X25519),
            _ => Err(Failure::NotSupported),
        }
    }

    fn oid(self) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(match self {
            Self::Ed25519 => "1.3.101.112",
            Self::X25519 => "1.3.101.110",
        })
    }
}

pub(super) struct OkpKey {
    curve: Curve,
    public: [u8; SIZE],
    secret: Option<Zeroizing<[u8; SIZE]>>,
}

impl OkpKey {
    fn public(curve: Curve, public: &[u8]) -> Result<Self, Failure> {
        let public = public.try_into().map_err(|_| Failure::Data)?;
        Ok(Self { curve, public, secret: None })
    }

    fn private(curve: Curve, secret: &[u8]) -> Result<Self, Failure> {
        let secret = Zeroizing::new(<[u8; SIZE]>::try_from(secret).map_err(|_| Failure::Data)?);
        let public = match curve {
            Curve::Ed25519 => SigningKey::from_bytes(&secret).verifying_key().to_bytes(),
            Curve::X25519 => {
                let secret = x25519_dalek::StaticSecret::from(*secret);
                x25519_dalek::PublicKey::from(&secret).to_bytes()
            }
        };
        Ok(Self { curve, public, secret: Some(secret) })
    }

    fn import(curve: Curve, format: &str, data: &[u8]) -> Result<Self, Failure> {
        if format == "raw" {
            return Self::public(curve, data);
        }
        let info = if format == "spki" { open_spki(data)? } else { open_pkcs8(data)? };
        if info.oid != curve.oid() || info.parameters.is_some() {
            return Err(Failure::Data);
        }
        if format == "spki" {
            return Self::public(curve, info.key);
        }
        let inner = <&OctetStringRef>::from_der(info.key).map_err(|_| Failure::Data)?;
        Self::private(curve, inner.as_bytes())
    }
}

impl Key for OkpKey {
    fn to_public(&self) -> Self {
        Self { curve: self.curve, public: self.public, secret: None }
    }

    fn export(&self, format: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
        match (format, &self.secret) {
            ("raw", None) => Ok(Zeroizing::new(self.public.to_vec())),
            ("spki", None) => spki(self.curve.oid(), None, &self.public),
            ("pkcs8", Some(secret)) => {
                let inner = Zeroizing::new(OctetStringRef::new(secret.as_slice())?.to_der()?);
                pkcs8(self.curve.oid(), None, &inner)
            }
            _ => Err(Failure::Operation),
        }
    }
}

/// The name of the curve that an identifier stands for.
pub(super) fn curve_of(oid: ObjectIdentifier) -> Option<&'static str> {
    let curves = [(Curve::Ed25519, "Ed25519"), (Curve::X25519, "X25519")];
    curves.iter().find(|(curve, _)| curve.oid() == oid).map(|(_, name)| *name)
}

/// `okpGenerate(curve)`: public and private key.
pub(in crate::ops) fn okp_generate<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let curve = Curve::of(scope, args.get(0))?;
        let mut secret = Zeroizing::new([0; SIZE]);
        random::fill(&mut *secret);
        let private = OkpKey::private(curve, &*secret)?;
        pair(scope, private)
    })
}

/// `okpImport(curve, format, data)`: a key from `raw`, `spki` or `pkcs8`.
pub(in crate::ops) fn okp_import<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let curve = Curve::of(scope, args.get(0))?;
        let format = text(scope, args.get(1))?;
        let data = bytes(scope, args.get(2))?;
        Ok(scope.resource(OkpKey::import(curve, &format, &data)?)?)
    })
}

/// `okpImportJwk(curve, x, d)`: a key; without `d`, a public one.
pub(in crate::ops) fn okp_import_jwk<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let curve = Curve::of(scope, args.get(0))?;
        let public = OkpKey::public(curve, &base64url(scope, args.get(1))?)?;
        if args.get(2).is_undefined() {
            return Ok(scope.resource(public)?);
        }
        let private = OkpKey::private(curve, &base64url(scope, args.get(2))?)?;
        if private.public != public.public {
            return Err(Failure::Data);
        }
        Ok(scope.resource(private)?)
    })
}

/// `okpExport(format, key)`.
pub(in crate::ops) fn okp_export<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    export::<OkpKey>(scope, args)
}

/// `okpExportJwk(key)`: `[x]` or `[x, d]`.
pub(in crate::ops) fn okp_export_jwk<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let (public, secret) =
            with_key(scope, args.get(0), |key: &OkpKey| (key.public, key.secret.clone()))?;
        match secret {
            Some(secret) => base64url_array(scope, &[&public, &*secret]),
            None => base64url_array(scope, &[&public]),
        }
    })
}

/// `ed25519Sign(key, data)`.
pub(in crate::ops) fn ed25519_sign<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let secret = with_key(scope, args.get(0), |key: &OkpKey| key.secret.clone())?;
        let secret = secret.ok_or(Failure::Operation)?;
        let public = SigningKey::from_bytes(&secret).verifying_key();
        let expanded = ExpandedSecretKey::from(&*secret);
        // The message is hashed twice, and the isolate may be interrupted in each.
        let engine = RefCell::new((&mut *scope, None));
        let message = |hash: &mut Sha512| {
            let (scope, thrown) = &mut *engine.borrow_mut();
            feed(scope, args.get(1), |bytes| hash.update(bytes)).map_err(|throw| {
                *thrown = Some(throw);
                SignatureError::new()
            })
        };
        let signature = raw_sign_byupdate::<Sha512, _>(&expanded, message, &public);
        if let (_, Some(throw)) = engine.into_inner() {
            return Err(throw.into());
        }
        let signature = signature.map_err(|_| Failure::Operation)?;
        Ok(scope.array_buffer(&signature.to_bytes())?)
    })
}

/// `ed25519Verify(key, signature, data)`: what the specification says of points of small order included.
pub(in crate::ops) fn ed25519_verify<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let public = with_key(scope, args.get(0), |key: &OkpKey| key.public)?;
    let signature = bytes(scope, args.get(1))?;
    let verified = match verifier(&public, &signature) {
        Some(mut verifier) => {
            feed(scope, args.get(2), |bytes| verifier.update(bytes))?;
            verifier.finalize_and_verify().is_ok()
        }
        None => false,
    };
    Ok(scope.boolean(verified))
}

/// Nothing if key or signature are none, or one of their points is of small order.
fn verifier(public: &[u8; SIZE], signature: &[u8]) -> Option<StreamVerifier> {
    let signature = Signature::from_slice(signature).ok()?;
    let key = VerifyingKey::from_bytes(public).ok()?;
    let point = VerifyingKey::from_bytes(signature.r_bytes()).ok()?;
    if key.is_weak() || point.is_weak() {
        return None;
    }
    key.verify_stream(&signature).ok()
}

/// `x25519Derive(private, public)`: the shared secret, unless it is zero.
pub(in crate::ops) fn x25519_derive<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let public = with_key(scope, args.get(1), |key: &OkpKey| key.public)?;
        let secret = with_key(scope, args.get(0), |key: &OkpKey| key.secret.clone())?;
        let secret = x25519_dalek::StaticSecret::from(*secret.ok_or(Failure::Operation)?);
        let shared = secret.diffie_hellman(&x25519_dalek::PublicKey::from(public));
        if !shared.was_contributory() {
            return Err(Failure::Operation);
        }
        Ok(scope.array_buffer(shared.as_bytes())?)
    })
}
