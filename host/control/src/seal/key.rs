use std::fmt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::error::{KeyTextError, SecretsKeyError};
use super::file;

/// Bytes of a key.
pub(super) const KEY: usize = 32;

/// Bytes that a text with a key may have, white space included.
pub(super) const LONGEST_TEXT: usize = 1024;

/// Where the key of the secrets comes from.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum SecretsKeySource {
    /// The file `secrets.key` in the data folder, made at the first start.
    #[default]
    DataFolder,
    /// A file of the operator's. It is never made: a folder that is not mounted yet must not
    /// look like a new server.
    File(PathBuf),
    /// This key.
    Given(SecretsKey),
}

/// The key that tenants' secrets are sealed with. Its memory is wiped when it goes, and it does
/// not show itself.
#[derive(Clone)]
pub struct SecretsKey {
    bytes: Zeroizing<[u8; KEY]>,
    origin: String,
}

impl SecretsKey {
    /// The key that `text` writes: 32 bytes as hexadecimal digits or in base64, with white space
    /// around it or not. `origin` says in errors where the text was.
    ///
    /// # Errors
    ///
    /// [`SecretsKeyError::Text`]; it shows nothing of the text.
    pub fn parse(origin: impl Into<String>, text: &[u8]) -> Result<Self, SecretsKeyError> {
        let origin = origin.into();
        match bytes(text.trim_ascii()) {
            Ok(bytes) => Ok(Self { bytes, origin }),
            Err(error) => Err(SecretsKeyError::Text { origin, error }),
        }
    }

    /// The key in a file that the operator has made.
    ///
    /// # Errors
    ///
    /// [`SecretsKeyError`] when there is no such file, others than its owner may use it, or it holds
    /// no key.
    pub fn read(path: &Path) -> Result<Self, SecretsKeyError> {
        file::named(path)
    }

    /// A new key, for `origin`.
    pub(super) fn random(origin: String) -> Result<Self, SecretsKeyError> {
        let mut bytes = Zeroizing::new([0; KEY]);
        getrandom::fill(&mut *bytes).map_err(|error| SecretsKeyError::Random(error.to_string()))?;
        Ok(Self { bytes, origin })
    }

    pub(super) fn bytes(&self) -> &[u8; KEY] {
        &self.bytes
    }

    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// The key as a file holds it: 64 hexadecimal digits and a line feed.
    pub(super) fn text(&self) -> Zeroizing<Vec<u8>> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        // Room from the start: what a vector leaves behind when it moves is not wiped.
        let mut text = Zeroizing::new(Vec::with_capacity(2 * KEY + 1));
        for byte in &*self.bytes {
            text.push(DIGITS[usize::from(byte >> 4)]);
            text.push(DIGITS[usize::from(byte & 15)]);
        }
        text.push(b'\n');
        text
    }
}

impl fmt::Debug for SecretsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretsKey")
    }
}

/// No key in base64 is as long as one in hexadecimal, so the length says which it is.
fn bytes(text: &[u8]) -> Result<Zeroizing<[u8; KEY]>, KeyTextError> {
    if text.is_empty() {
        return Err(KeyTextError::Empty);
    }
    if text.len() > LONGEST_TEXT {
        return Err(KeyTextError::TooLong);
    }
    let mut room = Zeroizing::new([0; LONGEST_TEXT]);
    let length = match hexadecimal(text, &mut *room) {
        Some(length) => length,
        None => base64(text, &mut *room).ok_or(KeyTextError::Encoding)?,
    };
    if length != KEY {
        return Err(KeyTextError::Length(length));
    }
    let mut bytes = Zeroizing::new([0; KEY]);
    bytes.copy_from_slice(&room[..KEY]);
    if bytes.iter().all(|byte| *byte == bytes[0]) {
        return Err(KeyTextError::Constant);
    }
    Ok(bytes)
}

fn hexadecimal(text: &[u8], room: &mut [u8]) -> Option<usize> {
    let (pairs, rest) = text.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    for ([high, low], byte) in pairs.iter().zip(room.iter_mut()) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(pairs.len())
}

/// In either alphabet, padded or not.
fn base64(text: &[u8], room: &mut [u8]) -> Option<usize> {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    [&alphabet::STANDARD, &alphabet::URL_SAFE]
        .into_iter()
        .find_map(|alphabet| GeneralPurpose::new(alphabet, config).decode_slice(text, room).ok())
}
