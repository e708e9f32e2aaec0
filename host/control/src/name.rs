//! Names that people choose: parsed once, trusted afterwards.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use insula_supervisor::Blame;
use thiserror::Error;

/// Names that would be taken for a part of Insula or of the machine.
const RESERVED: &[&str] =
    &["admin", "administrator", "insula", "internal", "localhost", "root", "system"];

/// Bytes in the name of a variable or secret.
const VARIABLE_NAME: usize = 256;

/// Why a name cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NameError {
    /// A tenant's name is not a DNS label.
    #[error(
        "`{0}` cannot be a tenant's name: use 1 to 63 of a-z, 0-9 and '-', \
         with no '-' at the start or end"
    )]
    Tenant(String),
    /// A tenant's name is kept for Insula.
    #[error("`{0}` cannot be a tenant's name: it is reserved")]
    Reserved(String),
    /// A host name is not one.
    #[error("`{0}` is not a host name: give it without scheme, port and path")]
    Host(String),
    /// A host name lies under the base domain, where tenants' names decide.
    #[error("`{host}` cannot be given away: names under {base_domain} belong to tenants by name")]
    HostUnderBase {
        /// The host name.
        host: String,
        /// The server's base domain.
        base_domain: String,
    },
    /// The name of a variable or secret.
    #[error(
        "`{0}` cannot be the name of a variable: \
         use 1 to 256 of A-Z, a-z, 0-9, '_', '-', '.' and '$'"
    )]
    Variable(String),
}

impl NameError {
    /// Whose fault it is.
    pub fn blame(&self) -> Blame {
        Blame::Client
    }
}

/// A tenant's name: a DNS label in lower case that is not reserved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TenantName(Arc<str>);

impl TenantName {
    pub(crate) fn parse(name: &str) -> Result<Self, NameError> {
        if !is_label(name) {
            return Err(NameError::Tenant(shown(name)));
        }
        // A punycode label is shown as other letters than it is written with.
        if RESERVED.contains(&name) || name.starts_with("xn--") {
            return Err(NameError::Reserved(shown(name)));
        }
        Ok(Self(name.into()))
    }

    pub(crate) fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl Deref for TenantName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A host name that a tenant may own: lower case, no trailing dot, not under the base domain.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct HostName(String);

impl HostName {
    pub(crate) fn parse(host: &str, base_domain: &str) -> Result<Self, NameError> {
        let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        if name.len() > 253 || !name.split('.').all(is_label) {
            return Err(NameError::Host(shown(host)));
        }
        let under = name.strip_suffix(base_domain);
        if under.is_some_and(|rest| rest.is_empty() || rest.ends_with('.')) {
            return Err(NameError::HostUnderBase {
                host: name,
                base_domain: base_domain.to_owned(),
            });
        }
        Ok(Self(name))
    }
}

impl Deref for HostName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Checks the name of a variable or secret.
pub(crate) fn check_variable(name: &str) -> Result<(), NameError> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"_-.$".contains(&b);
    if name.is_empty() || name.len() > VARIABLE_NAME || !name.bytes().all(legal) {
        return Err(NameError::Variable(shown(name)));
    }
    Ok(())
}

/// Whether `text` is a DNS label (RFC 1123 §2.1) in lower case.
pub(crate) fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// A refused name, fit to be shown: short and without control characters.
pub(crate) fn shown(name: &str) -> String {
    let mut shown: String = name.chars().take(80).flat_map(char::escape_debug).collect();
    if name.chars().nth(80).is_some() {
        shown.push('…');
    }
    shown
}
