//! Keys that are nothing but bytes: of AES, HMAC, HKDF, PBKDF2.

use insula_spidermonkey::{Args, Local, Scope, Throw};
use zeroize::Zeroizing;

use super::{Failure, answer, base64url, bytes, integer, random};

/// The longest key that is made: no algorithm gains from more than a block of its hash.
const LONGEST: u32 = 1 << 16;

struct SecretKey(Zeroizing<Vec<u8>>);

/// A secret key's bytes: of its resource, or given as they are.
pub(super) fn secret(scope: &mut Scope<'_>, value: Local<'_>) -> Result<Zeroizing<Vec<u8>>, Throw> {
    match scope.with_resource(value, |key: &mut SecretKey| key.0.clone()) {
        Ok(bytes) => Ok(bytes),
        Err(_) => bytes(scope, value),
    }
}

/// `secretImport(data)`: a key.
pub(in crate::ops) fn secret_import<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let bytes = bytes(scope, args.get(0))?;
    scope.resource(SecretKey(bytes))
}

/// `secretGenerate(length)`: a key of so many random bits; the bits that the last byte has beyond are zero.
pub(in crate::ops) fn secret_generate<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let bits = integer(args.get(0))?;
        if bits.div_ceil(8) > LONGEST {
            return Err(Failure::Operation);
        }
        let mut bytes = Zeroizing::new(vec![0; bits.div_ceil(8) as usize]);
        random::fill(&mut bytes);
        if let (Some(last), 1..) = (bytes.last_mut(), bits % 8) {
            *last &= 0xff << (8 - bits % 8);
        }
        Ok(scope.resource(SecretKey(bytes))?)
    })
}

/// `secretExport(key)`: its bytes.
pub(in crate::ops) fn secret_export<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let bytes = secret(scope, args.get(0))?;
    scope.array_buffer(&bytes)
}

/// `secretImportJwk(k)`: a key.
pub(in crate::ops) fn secret_import_jwk<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    answer(scope, |scope| {
        let bytes = base64url(scope, args.get(0))?;
        Ok(scope.resource(SecretKey(bytes))?)
    })
}

/// `secretExportJwk(key)`: the `k` of its JWK.
pub(in crate::ops) fn secret_export_jwk<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let bytes = secret(scope, args.get(0))?;
    let text = Zeroizing::new(base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes.as_slice()));
    scope.string(&text)
}

/// `secretLength(key)`: in bytes.
pub(in crate::ops) fn secret_length<'s>(
    scope: &mut Scope<'s>,
    args: Args<'s>,
) -> Result<Local<'s>, Throw> {
    let length = scope.with_resource(args.get(0), |key: &mut SecretKey| key.0.len())?;
    Ok(scope.number(length as f64))
}
