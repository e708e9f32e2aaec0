use std::path::PathBuf;

use insula_supervisor::Blame;
use thiserror::Error;

/// What is wrong with a text that should be a key. No variant holds any of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyTextError {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// Neither form.
    #[error("it is neither hexadecimal nor base64")]
    Encoding,
    /// Not 32 bytes.
    #[error("it stands for {0} bytes")]
    Length(usize),
    /// Longer than any key.
    #[error("it is too long")]
    TooLong,
    /// A placeholder, not a key.
    #[error("all its bytes are the same")]
    Constant,
}

/// Why there is no key for the secrets.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SecretsKeyError {
    /// The text is no key.
    #[error(
        "{origin} does not hold a key: {error}; it has to be 32 random bytes, as 64 hexadecimal \
         digits or in base64 (`openssl rand -hex 32` makes one)"
    )]
    Text {
        /// Where the text comes from.
        origin: String,
        /// What is wrong with it.
        error: KeyTextError,
    },
    /// The file could not be read or written.
    #[error("cannot {operation} the key of the secrets, {}: {source}", path.display())]
    File {
        /// `read`, `write`, …
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is a folder, a pipe or the like.
    #[error("the key of the secrets, {}, is not a file", .0.display())]
    NotAFile(PathBuf),
    /// Others than the owner may use the file.
    #[error(
        "others than its owner may use the key of the secrets, {} (mode {mode:03o}): \
         chmod 600 it, and replace the secrets if somebody may have read it",
        path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The configuration names a file that does not exist.
    #[error(
        "there is no {}, which should hold the key of the secrets: put the key there, or make \
         one for a new server with `(umask 077; openssl rand -hex 32 > FILE)`",
        .0.display()
    )]
    NoSuchFile(PathBuf),
    /// The data folder's key is gone, and there are secrets that it sealed.
    #[error(
        "{} is missing, and without it the secrets in the database cannot be read: put it back \
         from its backup, or name the key with INSULA_SECRETS_KEY or [secrets] key_file. No new \
         one is made while there are secrets; if the key is lost for good, they have to be \
         deleted from the database (DELETE FROM secrets) and set again",
        .0.display()
    )]
    Missing(PathBuf),
    /// The key is not the one that the secrets were sealed with.
    #[error(
        "the key in {origin} is not the one that the secrets in the database were sealed with: \
         give the server the right one; nothing has been changed"
    )]
    Wrong {
        /// Where the key comes from.
        origin: String,
    },
    /// The secrets were sealed in a way that this program does not know.
    #[error(
        "the secrets in the database were sealed by another version of Insula (format {format}, \
         key {key}): start that one"
    )]
    Unknown {
        /// The format's number.
        format: u8,
        /// The key's number.
        key: u8,
    },
    /// The operating system has no random bytes.
    #[error("no random bytes for the key of the secrets: {0}")]
    Random(String),
}

impl SecretsKeyError {
    /// Whose fault it is.
    pub fn blame(&self) -> Blame {
        Blame::Operator
    }
}

/// Why a secret could not be sealed or opened. No variant holds its value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SecretError {
    /// What the database holds is not what was sealed for this place.
    #[error(
        "the secret `{name}` of `{tenant}` cannot be read: what the database holds is damaged or \
         was moved there from another place; set the secret again or delete it"
    )]
    Unreadable {
        /// The tenant.
        tenant: String,
        /// The secret's name.
        name: String,
    },
    /// Sealed in a way that this program does not know.
    #[error(
        "the secret `{name}` of `{tenant}` cannot be read: its format {format} and key {key} are \
         unknown; set it again or delete it"
    )]
    Unknown {
        /// The tenant.
        tenant: String,
        /// The secret's name.
        name: String,
        /// The format's number.
        format: u8,
        /// The key's number.
        key: u8,
    },
    /// More bytes than the cipher takes.
    #[error("a secret is too long to be sealed")]
    TooLong,
    /// The operating system has no random bytes.
    #[error("no random bytes to seal a secret with: {0}")]
    Random(String),
}

impl SecretError {
    /// Whose fault it is: lengths are judged before, so what is left is the machine's.
    pub fn blame(&self) -> Blame {
        Blame::Operator
    }
}
