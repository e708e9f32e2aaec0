//! SubjectPublicKeyInfo (RFC 5280) and PrivateKeyInfo (RFC 5208): the formats `spki` and `pkcs8`.

use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode};
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use pkcs8::{PrivateKeyInfo, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use super::Failure;

impl From<der::Error> for Failure {
    fn from(_: der::Error) -> Self {
        Self::Data
    }
}

/// A key as it stands in its envelope.
pub(super) struct Enveloped<'a> {
    pub(super) oid: ObjectIdentifier,
    pub(super) parameters: Option<AnyRef<'a>>,
    pub(super) key: &'a [u8],
}

pub(super) fn open_spki(data: &[u8]) -> Result<Enveloped<'_>, Failure> {
    let info = SubjectPublicKeyInfoRef::from_der(data).map_err(|_| Failure::Data)?;
    let key = info.subject_public_key.as_bytes().ok_or(Failure::Data)?;
    Ok(Enveloped { oid: info.algorithm.oid, parameters: info.algorithm.parameters, key })
}

pub(super) fn open_pkcs8(data: &[u8]) -> Result<Enveloped<'_>, Failure> {
    let info = PrivateKeyInfoRef::from_der(data).map_err(|_| Failure::Data)?;
    let key = info.private_key.as_bytes();
    Ok(Enveloped { oid: info.algorithm.oid, parameters: info.algorithm.parameters, key })
}

pub(super) fn spki(
    oid: ObjectIdentifier,
    parameters: Option<AnyRef<'_>>,
    key: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let algorithm = AlgorithmIdentifierRef { oid, parameters };
    let subject_public_key = BitStringRef::from_bytes(key)?;
    Ok(Zeroizing::new(SubjectPublicKeyInfoRef { algorithm, subject_public_key }.to_der()?))
}

pub(super) fn pkcs8(
    oid: ObjectIdentifier,
    parameters: Option<AnyRef<'_>>,
    key: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let algorithm = AlgorithmIdentifierRef { oid, parameters };
    let info: PrivateKeyInfoRef<'_> = PrivateKeyInfo::new(algorithm, OctetStringRef::new(key)?);
    Ok(Zeroizing::new(info.to_der()?))
}
