//! Ids of versions: short, unique, in order of time.

/// Crockford's alphabet, in lower case: sorts as its values do, has no look-alikes.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Sixteen characters: 48 bits of milliseconds since the Unix epoch, 32 random bits.
///
/// # Errors
///
/// When the operating system has no random bytes.
pub(crate) fn version_id(now_ms: u64) -> Result<String, getrandom::Error> {
    let random = getrandom::u32()?;
    let bits = (u128::from(now_ms & 0xffff_ffff_ffff) << 32) | u128::from(random);
    Ok((0..16).rev().map(|i| char::from(ALPHABET[(bits >> (5 * i)) as usize & 31])).collect())
}

/// The id that isolates run under: changes with the tenant's secrets, so that an isolate which
/// holds old values is never taken for one which holds the new ones.
pub(crate) fn isolate_id(version: &str, secret_revision: u64) -> String {
    match secret_revision {
        0 => version.to_owned(),
        revision => format!("{version}.{revision}"),
    }
}

/// The version that an isolate's id belongs to.
pub(crate) fn version_of(isolate_id: &str) -> &str {
    isolate_id.split_once('.').map_or(isolate_id, |(version, _)| version)
}
