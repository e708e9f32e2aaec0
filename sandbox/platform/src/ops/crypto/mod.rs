//! Web Cryptography's algorithms, and what `node:crypto` needs beside them.
//!
//! Key material lives here, in resources that are wiped when they go. What can take long looks between two pieces
//! whether the isolate may go on. An op answers a failure that the specification knows with the name of its
//! `DOMException`; `TypeError`s of ops are defects of the platform.

mod hash;

use insula_spidermonkey::{Local, Scope, Throw};
use zeroize::Zeroizing;

pub(super) use hash::{digest, hash_copy, hash_digest, hash_new, hash_update};

/// A key that is nothing but bytes.
struct SecretKey(Zeroizing<Vec<u8>>);

/// A secret key's bytes: of its resource, or given as they are.
fn secret(scope: &mut Scope<'_>, value: Local<'_>) -> Result<Zeroizing<Vec<u8>>, Throw> {
    if let Ok(bytes) = scope.with_resource(value, |key: &mut SecretKey| key.0.clone()) {
        return Ok(bytes);
    }
    scope.with_bytes(value, |bytes| Zeroizing::new(bytes.to_vec()))
}
