//! Tenants' secrets at rest: sealed before a store sees them, opened when a version is to run.
//!
//! The cipher is XChaCha20-Poly1305 with a random nonce for each value. One key seals everything
//! for as long as an installation lives, and nobody counts the seals: among nonces of 24 bytes
//! two never meet by chance, while the 12 bytes of AES-GCM bound a key to 2³² seals, and there a
//! nonce that comes twice gives forgeries away. It also takes constant time on processors that
//! have no instructions for AES.
//!
//! What a store keeps of a value, in bytes:
//!
//! | bytes | |
//! |---|---|
//! | 1 | the format of what follows, [`FORMAT`] |
//! | 1 | the number of the key, [`FIRST_KEY`] until keys are replaced |
//! | 24 | the nonce |
//! | as many as the value has | the value, encrypted |
//! | 16 | the tag |
//!
//! The tag also covers format, key number, and the names of the tenant and the secret: a value
//! does not open in another place than the one it was sealed for. An older value of the same
//! secret does, and lengths show: who can write the database can bring an old value back.

mod error;
mod file;
mod key;
mod start;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};

pub use self::error::{KeyTextError, SecretError, SecretsKeyError};
pub use self::key::{SecretsKey, SecretsKeySource};
pub(crate) use self::start::sealer;

const FORMAT: u8 = 1;
const FIRST_KEY: u8 = 1;

const NONCE: usize = 24;
const TAG: usize = 16;
/// Bytes of a sealed value beside those of the value.
const OVERHEAD: usize = 2 + NONCE + TAG;

/// A value that only the right key opens; what a store keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sealed(Vec<u8>);

impl Sealed {
    /// What a store has kept, whole or damaged.
    pub(crate) fn stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Seals and opens with one key.
#[derive(Debug)]
pub(crate) struct Sealer {
    key: SecretsKey,
}

impl Sealer {
    pub(crate) fn new(key: SecretsKey) -> Self {
        Self { key }
    }

    /// Seals the value of `tenant`'s secret `name`.
    pub(crate) fn seal(
        &self,
        tenant: &str,
        name: &str,
        value: &str,
    ) -> Result<Sealed, SecretError> {
        self.encrypt(&secret(tenant, name), value.as_bytes())
    }

    /// The value of `tenant`'s secret `name`.
    pub(crate) fn open(
        &self,
        tenant: &str,
        name: &str,
        sealed: &Sealed,
    ) -> Result<String, SecretError> {
        let names = || (tenant.to_owned(), name.to_owned());
        let value = self.decrypt(&secret(tenant, name), sealed).map_err(|error| match error {
            Shut::Tampered => {
                let (tenant, name) = names();
                SecretError::Unreadable { tenant, name }
            }
            Shut::Unknown { format, key } => {
                let (tenant, name) = names();
                SecretError::Unknown { tenant, name, format, key }
            }
        })?;
        String::from_utf8(value).map_err(|_| {
            let (tenant, name) = names();
            SecretError::Unreadable { tenant, name }
        })
    }

    /// What tells at the next start whether the key is still the same.
    fn key_check(&self) -> Result<Sealed, SecretError> {
        self.encrypt(KEY_CHECK, b"")
    }

    /// Whether `check` was made with this key.
    fn made(&self, check: &Sealed) -> Result<bool, SecretsKeyError> {
        match self.decrypt(KEY_CHECK, check) {
            Ok(_) => Ok(true),
            Err(Shut::Tampered) => Ok(false),
            Err(Shut::Unknown { format, key }) => Err(SecretsKeyError::Unknown { format, key }),
        }
    }

    fn encrypt(&self, place: &[u8], value: &[u8]) -> Result<Sealed, SecretError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| SecretError::Random(error.to_string()))?;
        let head = [FORMAT, FIRST_KEY];
        let aad = [&head[..], place].concat();
        let payload = Payload { msg: value, aad: &aad };
        // The cipher's own bound is 256 GiB.
        let encrypted =
            self.cipher().encrypt(&nonce.into(), payload).map_err(|_| SecretError::TooLong)?;
        let mut sealed = Vec::with_capacity(value.len() + OVERHEAD);
        sealed.extend_from_slice(&head);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&encrypted);
        Ok(Sealed(sealed))
    }

    fn decrypt(&self, place: &[u8], sealed: &Sealed) -> Result<Vec<u8>, Shut> {
        let (head, rest) = sealed.0.split_first_chunk::<2>().ok_or(Shut::Tampered)?;
        let (nonce, encrypted) = rest.split_first_chunk::<NONCE>().ok_or(Shut::Tampered)?;
        let [format, key] = *head;
        if (format, key) != (FORMAT, FIRST_KEY) {
            return Err(Shut::Unknown { format, key });
        }
        let aad = [&head[..], place].concat();
        let payload = Payload { msg: encrypted, aad: &aad };
        self.cipher().decrypt(nonce.into(), payload).map_err(|_| Shut::Tampered)
    }

    /// Wipes its copy of the key when it goes.
    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.key.bytes().into())
    }
}

/// Why something sealed stays shut.
enum Shut {
    Tampered,
    Unknown { format: u8, key: u8 },
}

const KEY_CHECK: &[u8] = b"key check";

/// Where a secret's value belongs. The length keeps `a` + `bc` and `ab` + `c` apart.
fn secret(tenant: &str, name: &str) -> Vec<u8> {
    let length = (tenant.len() as u64).to_le_bytes();
    [b"secret", &length[..], tenant.as_bytes(), name.as_bytes()].concat()
}
