//! What keys of all kinds with a public part have in common, and what `node:crypto` asks of them: of which kind one is, and
//! which public one goes with a private one.

use std::any::Any;

use insula_spidermonkey::{Args, Local, Scope, Throw};
use zeroize::Zeroizing;

use super::der::{open_pkcs8, open_spki};
use super::ec::{self, EcKey};
use super::okp::{self, OkpKey};
use super::rsa_key::{self, RsaKey};
use super::{Failure, answer, bytes, text};

/// A public key, or a private one with its public part.
pub(super) trait Key: Any + Sized {
    fn to_public(&self) -> Self;

    /// Fails for a format that is not one of such keys.
    fn export(&self, format: &str) -> Result<Zeroizing<Vec<u8>>, Failure>;
}

/// Lets `work` see a key.
pub(super) fn with_key<K: Key, R>(
    scope: &mut Scope<'_>,
    value: Local<'_>,
    work: impl FnOnce(&K) -> R,
) -> Result<R, Throw> {
    scope.with_resource(value, |key: &mut K| work(key))
}

/// What an op that makes keys returns: public and private key.
pub(super) fn pair<'s, K: Key>(scope: &mut Scope<'s>, private: K) -> Result<Local<'s>, Failure> {
    let public = scope.resource(private.to_public())?;
    let private = scope.resource(private)?;
    Ok(scope.array(&[public, private])?)
}

/// What ops that export do with `(format, key)`.
pub(super) fn export<'s, K: Key>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let format = text(scope, args.get(0))?;
        let data = with_key(scope, args.get(1), |key: &K| key.export(&format))??;
        Ok(scope.array_buffer(&data)?)
    })
}

/// `keyKind(format, data)`: `RSA`, or the name of a curve, for a key in `spki`, `pkcs8` or `sec1`.
pub(in crate::ops) fn key_kind<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let format = text(scope, args.get(0))?;
        let data = bytes(scope, args.get(1))?;
        let kind = kind_of(&format, &data)?;
        Ok(scope.string(kind)?)
    })
}

fn kind_of(format: &str, data: &[u8]) -> Result<&'static str, Failure> {
    let info = match format {
        "spki" => open_spki(data)?,
        "pkcs8" => open_pkcs8(data)?,
        _ => return ec::curve_of_sec1(data),
    };
    if info.oid == rsa_key::RSA_ENCRYPTION {
        return Ok("RSA");
    }
    okp::curve_of(info.oid)
        .or_else(|| ec::curve_of(info.oid, info.parameters))
        .ok_or(Failure::NotSupported)
}

/// `publicKeyOf(key)`: the public key that goes with a private one; of a public one, the same.
pub(in crate::ops) fn public_key_of<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let key = args.get(0);
    if let Ok(public) = with_key(scope, key, RsaKey::to_public) {
        return scope.resource(public);
    }
    if let Ok(public) = with_key(scope, key, EcKey::to_public) {
        return scope.resource(public);
    }
    let public = with_key(scope, key, OkpKey::to_public)?;
    scope.resource(public)
}

#[cfg(test)]
mod tests {
    use super::{Failure, kind_of};

    fn unhex(text: &str) -> Vec<u8> {
        let digits = text.as_bytes().chunks(2);
        let parsed = digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16));
        parsed.map(|byte| byte.expect("hexadecimal")).collect()
    }

    #[test]
    fn kinds_are_told_by_their_identifiers() {
        let key = "00".repeat(32);
        for (format, data, kind) in [
            ("pkcs8", format!("302e020100300506032b657004220420{key}"), Some("Ed25519")),
            ("spki", format!("302a300506032b656e032100{key}"), Some("X25519")),
            (
                "spki",
                "301f300d06092a864886f70d0101010500030e00300b0202".to_owned()
                    + "00c10205010001aabb",
                Some("RSA"),
            ),
            (
                "spki",
                format!("3039301306072a8648ce3d020106082a8648ce3d030107032200{key}00"),
                Some("P-256"),
            ),
            ("spki", format!("302a300506032b656f032100{key}"), None),
            ("sec1", format!("30310201010420{key}a00a06082a8648ce3d030107"), Some("P-256")),
            ("sec1", format!("30250201010420{key}"), None),
            ("spki", "3000".to_owned(), None),
        ] {
            let found = kind_of(format, &unhex(&data)).map_err(|failure| {
                assert!(matches!(failure, Failure::Data | Failure::NotSupported));
            });
            assert_eq!(found.ok(), kind, "{data}");
        }
    }
}
