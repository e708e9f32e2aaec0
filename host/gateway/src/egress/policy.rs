use std::net::IpAddr;

use insula_supervisor::SubrequestError;

use super::EgressConfigError;
use super::address::why_not_public;
use super::origin::Origin;

/// Fetch, "bad port": ports of protocols that could be talked into something by an HTTP request.
const BAD_PORTS: [u16; 82] = [
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102,
    103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465,
    512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993,
    995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668,
    6669, 6679, 6697, 10080,
];

/// Who may be reached: public addresses, and what the operator allows beside them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    allowed: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    whom: Whom,
    /// Every port if `None`.
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Whom {
    /// A network: its address, and how many of its first bits count.
    Network(IpAddr, u8),
    /// A host name, lower case; whatever it resolves to.
    Host(String),
}

impl Policy {
    /// Reads the operator's entries.
    ///
    /// # Errors
    ///
    /// [`EgressConfigError::Allow`] names the entry.
    pub(crate) fn parse(entries: &[String]) -> Result<Self, EgressConfigError> {
        let rule = |entry: &String| {
            Rule::parse(entry)
                .map_err(|reason| EgressConfigError::Allow { entry: entry.clone(), reason })
        };
        Ok(Self { allowed: entries.iter().map(rule).collect::<Result<_, _>>()? })
    }

    /// Whether a connection to `origin` may go to `address`, which is what it resolves to.
    ///
    /// # Errors
    ///
    /// [`SubrequestError::Refused`]. It does not name the address: what the operator's resolver
    /// knows of internal names is none of the tenant's business.
    pub(crate) fn judge(&self, origin: &Origin, address: IpAddr) -> Result<(), SubrequestError> {
        let refused =
            |reason: String| SubrequestError::Refused { target: origin.to_string(), reason };
        if self.allowed.iter().any(|rule| rule.covers(origin, address)) {
            return Ok(());
        }
        if let Some(what) = why_not_public(address) {
            return Err(refused(format!("it is {what}, not a public one")));
        }
        if BAD_PORTS.binary_search(&origin.port).is_ok() {
            return Err(refused(format!("port {} is not for HTTP", origin.port)));
        }
        Ok(())
    }
}

impl Rule {
    fn parse(entry: &str) -> Result<Self, &'static str> {
        if let Ok(address) = entry.parse::<IpAddr>() {
            // An IPv6 address without brackets: its colons are no port's.
            return Ok(Self { whom: Whom::whole(address), port: None });
        }
        let (whom, port) = split_port(entry)?;
        Ok(Self { whom: Whom::parse(whom)?, port })
    }

    fn covers(&self, origin: &Origin, address: IpAddr) -> bool {
        self.port.is_none_or(|port| port == origin.port)
            && match &self.whom {
                Whom::Network(network, bits) => contains(*network, *bits, address),
                Whom::Host(host) => *host == origin.host.trim_end_matches('.'),
            }
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

    fn allows(entry: &str, url: &str, address: &str) -> bool {
        let policy = Policy::parse(&[entry.to_owned()]).expect(entry);
        let origin = Origin::of(&url.parse().expect(url)).expect(url);
        policy.judge(&origin, address.parse().expect(address)).is_ok()
    }

    #[test]
    fn an_entry_allows_what_it_names() {
        for (entry, url, address) in [
            ("127.0.0.1:9000", "http://127.0.0.1:9000/", "127.0.0.1"),
            ("127.0.0.1:9000", "http://name:9000/", "127.0.0.1"),
            ("127.0.0.1:9000", "http://[::ffff:127.0.0.1]:9000/", "::ffff:127.0.0.1"),
            ("127.0.0.1", "http://127.0.0.1:1234/", "127.0.0.1"),
            ("10.0.0.0/8", "https://db/", "10.200.3.4"),
            ("10.0.0.0/8:443", "https://db/", "10.200.3.4"),
            ("0.0.0.0/0", "https://db/", "10.200.3.4"),
            ("::/0", "https://db/", "fd00::1"),
            ("fd00::/8", "https://db/", "fd00::1"),
            ("[fd00::]/8:443", "https://db/", "fd00::1"),
            ("[::1]:8080", "http://[::1]:8080/", "::1"),
            ("::1", "http://[::1]:8080/", "::1"),
            ("Internal.example:443", "https://internal.example/", "10.1.1.1"),
            ("internal.example", "http://internal.example.:81/", "10.1.1.1"),
            ("1.1.1.1:25", "http://1.1.1.1:25/", "1.1.1.1"),
        ] {
            assert!(allows(entry, url, address), "{entry} {url} {address}");
        }
    }

    #[test]
    fn an_entry_allows_nothing_else() {
        for (entry, url, address) in [
            ("127.0.0.1:9000", "http://127.0.0.1:9001/", "127.0.0.1"),
            ("127.0.0.1:9000", "http://127.0.0.2:9000/", "127.0.0.2"),
            ("10.0.0.0/8", "https://db/", "172.16.0.1"),
            ("10.0.0.0/8", "https://db/", "192.168.0.1"),
            ("10.0.0.0/9", "https://db/", "10.128.0.1"),
            ("0.0.0.0/0", "https://db/", "fd00::1"),
            ("10.0.0.0/8:443", "http://db/", "10.200.3.4"),
            ("internal.example:443", "https://other.example/", "10.1.1.1"),
            ("internal.example:443", "http://internal.example/", "10.1.1.1"),
            ("internal.example", "http://sub.internal.example/", "10.1.1.1"),
        ] {
            assert!(!allows(entry, url, address), "{entry} {url} {address}");
        }
    }

    #[test]
    fn ports_of_other_protocols_are_refused() {
        assert!(BAD_PORTS.is_sorted());
        assert!(!allows("10.0.0.1", "http://mail.example:25/", "1.1.1.1"));
        assert!(allows("10.0.0.1", "http://mail.example:8025/", "1.1.1.1"));
    }

    #[test]
    fn entries_that_mean_nothing_are_errors() {
        for entry in [
            "",
            ":",
            ":80",
            "*",
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
            let error = Policy::parse(&[entry.to_owned()]).expect_err(entry);
            assert!(matches!(error, EgressConfigError::Allow { entry: e, .. } if e == entry));
        }
    }
}
