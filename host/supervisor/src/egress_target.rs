use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Whom a connection goes to, as an operator writes it in a list: `127.0.0.1:9000`, `[::1]:9000`,
/// `10.0.0.0/8`, `10.0.0.0/8:443`, `api.example`, `api.example:443`, `*.example`. Without a port:
/// every port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EgressTarget {
    /// As it was written.
    text: String,
    whom: Whom,
    /// Every port if `None`.
    port: Option<u16>,
}

/// An entry that names nothing that can be connected to.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{entry:?}: {reason}")]
pub struct EgressTargetError {
    /// The entry.
    pub entry: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Whom {
    /// A network: its address, and how many of its first bits count.
    Network(IpAddr, u8),
    /// A host name, lower case; whatever it resolves to.
    Host(String),
    /// All names under this one, lower case, with its leading dot; not the name itself.
    Under(String),
}

impl EgressTarget {
    /// Whether a connection to `host` (lower case, as the URL has it), which resolves to
    /// `address`, on `port` is one to this target.
    pub fn covers(&self, host: &str, port: u16, address: IpAddr) -> bool {
        let host = host.trim_end_matches('.');
        self.port.is_none_or(|wanted| wanted == port)
            && match &self.whom {
                Whom::Network(network, bits) => contains(*network, *bits, address),
                Whom::Host(name) => name == host,
                Whom::Under(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
            }
    }

    fn parse(entry: &str) -> Result<(Whom, Option<u16>), &'static str> {
        if let Ok(address) = entry.parse::<IpAddr>() {
            // An IPv6 address without brackets: its colons are no port's.
            return Ok((Whom::whole(address), None));
        }
        let (whom, port) = split_port(entry)?;
        Ok((Whom::parse(whom)?, port))
    }
}

impl FromStr for EgressTarget {
    type Err = EgressTargetError;

    fn from_str(entry: &str) -> Result<Self, EgressTargetError> {
        let failed = |reason| EgressTargetError { entry: entry.to_owned(), reason };
        let (whom, port) = Self::parse(entry).map_err(failed)?;
        Ok(Self { text: entry.to_owned(), whom, port })
    }
}

impl TryFrom<String> for EgressTarget {
    type Error = EgressTargetError;

    fn try_from(entry: String) -> Result<Self, EgressTargetError> {
        entry.parse()
    }
}

impl From<EgressTarget> for String {
    fn from(target: EgressTarget) -> Self {
        target.text
    }
}

impl fmt::Display for EgressTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// `whom[:port]`; an IPv6 address or network takes no port unless its address is in brackets.
fn split_port(entry: &str) -> Result<(&str, Option<u16>), &'static str> {
    let bare_ipv6 = !entry.starts_with('[') && entry.matches(':').count() > 1;
    match entry.rsplit_once(':') {
        Some((whom, port)) if !bare_ipv6 && !port.contains(']') => {
            let port = port.parse().ok().filter(|&port| port != 0).ok_or("the port is no port")?;
            Ok((whom, Some(port)))
        }
        _ => Ok((entry, None)),
    }
}

impl Whom {
    fn whole(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self::Network(address, if address.is_ipv4() { 32 } else { 128 })
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let (name, bits) = match text.split_once('/') {
            Some((name, bits)) => (name, Some(bits)),
            None => (text, None),
        };
        let bare = name.strip_prefix('[').and_then(|n| n.strip_suffix(']')).unwrap_or(name);
        match (bare.parse::<IpAddr>(), bits) {
            (Ok(address), None) => Ok(Self::whole(address)),
            (Ok(address), Some(bits)) => Self::network(address, bits),
            (Err(_), Some(_)) => Err("the network is no address"),
            (Err(_), None) if is_host_name(name) => Ok(Self::Host(name.to_ascii_lowercase())),
            (Err(_), None) if name.strip_prefix("*.").is_some_and(is_host_name) => {
                Ok(Self::Under(name[1..].to_ascii_lowercase()))
            }
            (Err(_), None) => Err("it is no address, network or host name"),
        }
    }

    fn network(address: IpAddr, bits: &str) -> Result<Self, &'static str> {
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.parse().ok().filter(|&bits: &u8| bits <= width);
        let bits = bits.ok_or("the network's prefix length is out of range")?;
        if mask(address, bits) != bits_of(address) {
            return Err("the network has bits set behind its prefix");
        }
        Ok(Self::Network(address, bits))
    }
}

/// A name as DNS has it. All digits and dots is a mistyped address.
fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    name.split('.').all(is_label) && name.bytes().any(|b| b.is_ascii_alphabetic())
}

fn contains(network: IpAddr, bits: u8, address: IpAddr) -> bool {
    let address = address.to_canonical();
    network.is_ipv4() == address.is_ipv4() && mask(address, bits) == bits_of(network)
}

fn mask(address: IpAddr, bits: u8) -> u128 {
    let width: u32 = if address.is_ipv4() { 32 } else { 128 };
    let rest = width - u32::from(bits).min(width);
    bits_of(address).checked_shr(rest).and_then(|high| high.checked_shl(rest)).unwrap_or(0)
}

fn bits_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_mean_nothing_are_errors() {
        for entry in [
            "",
            ":",
            ":80",
            "*",
            "*.",
            "*.*.a",
            "a.*",
            "10.0.0.0/33",
            "10.0.0.1/8",
            "fd00::/129",
            "10.0.0.0/x",
            "10.0.0",
            "a b",
            "a:0",
            "a:99999",
            "a:http",
            "a/8",
            "http://a",
            "[::1",
            "a..b",
            "256.1.1.1",
        ] {
            let error = entry.parse::<EgressTarget>().expect_err(entry);
            assert_eq!(error.entry, entry);
        }
    }

    #[test]
    fn a_star_stands_for_all_names_below() {
        let target: EgressTarget = "*.Example.com:443".parse().unwrap();
        let address = IpAddr::from([1, 1, 1, 1]);
        for (host, port, covered) in [
            ("a.example.com", 443, true),
            ("a.b.example.com.", 443, true),
            ("example.com", 443, false),
            ("badexample.com", 443, false),
            (".example.com", 443, false),
            ("a.example.com", 80, false),
            ("a.example.com.evil.test", 443, false),
        ] {
            assert_eq!(target.covers(host, port, address), covered, "{host}:{port}");
        }
    }

    #[test]
    fn a_target_is_written_as_it_was_read() {
        for entry in ["10.0.0.0/8:443", "[::1]:8080", "*.example", "Api.Example"] {
            let target: EgressTarget = entry.parse().unwrap();
            assert_eq!(target.to_string(), entry);
            assert_eq!(serde_json::to_value(&target).unwrap(), entry);
        }
        assert!(serde_json::from_str::<EgressTarget>("\"a b\"").is_err());
    }
}
