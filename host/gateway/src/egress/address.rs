//! Which addresses are public. Everything else could be this machine, its network, or its cloud's
//! metadata, and is nothing that a stranger's code may reach.
//!
//! After IANA's special-purpose address registries; when in doubt, refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What keeps `address` from being public, in words that follow "it is"; `None` if nothing does.
pub(crate) fn why_not_public(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => why_not_public_v4(address),
        IpAddr::V6(address) => why_not_public_v6(address),
    }
}

fn why_not_public_v4(address: Ipv4Addr) -> Option<&'static str> {
    Some(match address.octets() {
        [0, ..] => "an unspecified address",
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => "a private address",
        [100, 64..=127, ..] => "a carrier's shared address",
        [127, ..] => "a loopback address",
        [169, 254, ..] => "a link-local address",
        // Answers for the machine's host on one large cloud, and is global for nobody else.
        [168, 63, 129, 16] => "a metadata address",
        [192, 0, 0, _] | [192, 88, 99, _] => "a protocol's reserved address",
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => "a documentation address",
        [198, 18..=19, ..] => "a benchmarking address",
        [224..=239, ..] => "a multicast address",
        [255, 255, 255, 255] => "the broadcast address",
        [240..=255, ..] => "a reserved address",
        _ => return None,
    })
}

fn why_not_public_v6(address: Ipv6Addr) -> Option<&'static str> {
    if let Some(inner) = embedded_v4(address) {
        return why_not_public_v4(inner);
    }
    Some(match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => "an unspecified address",
        [0, 0, 0, 0, 0, 0, 0, 1] => "a loopback address",
        [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => "a documentation address",
        [0x2001, 0x0002, 0, ..] => "a benchmarking address",
        [0x2001, 0..=0x01ff, ..] => "a protocol's reserved address",
        // 2000::/3, all that is global unicast.
        [0x2000..=0x3fff, ..] => return None,
        [0xfc00..=0xfdff, ..] => "a private address",
        [0xfe80..=0xfebf, ..] => "a link-local address",
        [0xff00..=0xffff, ..] => "a multicast address",
        _ => "a reserved address",
    })
}

/// The IPv4 address at which packets for `address` arrive, if something on the way translates.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        // IPv4-mapped (RFC 4291 §2.5.5.2).
        [0, 0, 0, 0, 0, 0xffff, high, low] => Some(v4(high, low)),
        // NAT64 (RFC 6052 §2.1).
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => Some(v4(high, low)),
        // 6to4 (RFC 3056 §2).
        [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "203.0.112.255",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2001:4860:4860::8888",
            "2a00::1",
            "2001:200::1",
            "3ffe::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
        ] {
            assert_eq!(why_not_public(address.parse().expect(address)), None, "{address}");
        }
    }

    #[test]
    fn addresses_that_are_not() {
        let table = [
            ("unspecified", &["0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0"][..]),
            (
                "private",
                &[
                    "10.0.0.0",
                    "10.255.255.255",
                    "172.16.0.0",
                    "172.31.255.255",
                    "192.168.0.0",
                    "192.168.255.255",
                    "fc00::1",
                    "fd00:ec2::254",
                    "fdff:ffff::1",
                    "::ffff:10.0.0.1",
                    "64:ff9b::192.168.1.1",
                    "2002:0a00:0001::1",
                    "2002:c0a8:0101::",
                ],
            ),
            ("shared", &["100.64.0.0", "100.100.100.200", "100.127.255.255"]),
            (
                "loopback",
                &[
                    "127.0.0.1",
                    "127.255.255.254",
                    "::1",
                    "::ffff:127.0.0.1",
                    "::ffff:7f00:1",
                    "64:ff9b::7f00:1",
                    "2002:7f00:1::",
                ],
            ),
            (
                "link-local",
                &[
                    "169.254.0.1",
                    "169.254.169.254",
                    "fe80::1",
                    "febf::1",
                    "::ffff:169.254.169.254",
                    "64:ff9b::a9fe:a9fe",
                    "2002:a9fe:a9fe::",
                ],
            ),
            ("metadata", &["168.63.129.16", "::ffff:168.63.129.16"]),
            ("protocol", &["192.0.0.192", "192.88.99.1", "2001::1", "2001:10::1", "2001:1ff::"]),
            (
                "documentation",
                &[
                    "192.0.2.1",
                    "198.51.100.1",
                    "203.0.113.1",
                    "2001:db8::1",
                    "3fff::1",
                    "3fff:fff::",
                ],
            ),
            ("benchmarking", &["198.18.0.0", "198.19.255.255", "2001:2::1"]),
            ("multicast", &["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"]),
            ("broadcast", &["255.255.255.255"]),
            (
                "reserved",
                &[
                    "240.0.0.1",
                    "255.255.255.254",
                    "::2",
                    "::127.0.0.1",
                    "::8.8.8.8",
                    "100::1",
                    "64:ff9b:1::1",
                    "64:ff9b::1:0:0",
                    "1fff::1",
                    "4000::1",
                    "5f00::1",
                    "fec0::1",
                    "fe00::1",
                    "::ffff:0:127.0.0.1",
                ],
            ),
        ];
        for (word, addresses) in table {
            for address in addresses {
                let reason = why_not_public(address.parse().expect(address));
                assert!(reason.is_some_and(|r| r.contains(word)), "{address}: {reason:?}, {word}");
            }
        }
    }
}
