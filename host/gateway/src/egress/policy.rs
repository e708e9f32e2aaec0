use std::net::IpAddr;

use insula_supervisor::{EgressPolicy, EgressTarget, SubrequestError};

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

/// Who may be reached by all tenants: public addresses, and what the operator allows beside them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    allowed: Vec<EgressTarget>,
}

impl Policy {
    pub(crate) fn new(allowed: Vec<EgressTarget>) -> Self {
        Self { allowed }
    }

    /// Whether a connection to `origin` may go to `address`, which is what it resolves to, for a
    /// tenant with these rules of its own.
    ///
    /// # Errors
    ///
    /// [`SubrequestError::Refused`]. It does not name the address: what the operator's resolver
    /// knows of internal names is none of the tenant's business.
    pub(crate) fn judge(
        &self,
        tenant: &EgressPolicy,
        origin: &Origin,
        address: IpAddr,
    ) -> Result<(), SubrequestError> {
        let refused =
            |reason: String| SubrequestError::Refused { target: origin.to_string(), reason };
        let covered = |targets: &[EgressTarget]| {
            targets.iter().any(|target| target.covers(&origin.host, origin.port, address))
        };
        if covered(&tenant.deny) {
            return Err(refused("the operator denies it to this tenant".to_owned()));
        }
        if !tenant.only.is_empty() && !covered(&tenant.only) {
            return Err(refused("it is not on the list that this tenant is held to".to_owned()));
        }
        if covered(&self.allowed) || covered(&tenant.allow) {
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

#[cfg(test)]
mod tests {
    use insula_supervisor::EgressTarget;

    use super::*;

    fn judged(operator: &Policy, tenant: &EgressPolicy, url: &str, address: &str) -> bool {
        let origin = Origin::of(&url.parse().expect(url)).expect(url);
        operator.judge(tenant, &origin, address.parse().expect(address)).is_ok()
    }

    fn targets(entries: &[&str]) -> Vec<EgressTarget> {
        entries.iter().map(|entry| entry.parse().expect(entry)).collect()
    }

    /// It makes no difference who allows it.
    fn allows(entry: &str, url: &str, address: &str) -> bool {
        let operator = Policy::new(targets(&[entry]));
        let tenant = EgressPolicy { allow: targets(&[entry]), ..EgressPolicy::default() };
        let by_operator = judged(&operator, &EgressPolicy::default(), url, address);
        assert_eq!(by_operator, judged(&Policy::default(), &tenant, url, address));
        by_operator
    }

    #[test]
    fn a_tenant_may_be_denied_what_others_reach() {
        let operator = Policy::new(targets(&["10.0.0.0/8"]));
        let tenant = EgressPolicy {
            deny: targets(&["*.evil.example", "10.1.0.0/16", "one.one:80"]),
            ..EgressPolicy::default()
        };
        for (url, address, allowed) in [
            ("https://good.example/", "1.1.1.1", true),
            ("https://very.evil.example/", "1.1.1.1", false),
            ("http://one.one/", "1.1.1.1", false),
            ("https://one.one/", "1.1.1.1", true),
            ("https://db/", "10.2.3.4", true),
            // By its address too, whatever it is called.
            ("https://db/", "10.1.3.4", false),
            ("https://db/", "::ffff:10.1.3.4", false),
        ] {
            assert_eq!(judged(&operator, &tenant, url, address), allowed, "{url} {address}");
        }
    }

    #[test]
    fn a_tenant_may_be_held_to_a_list() {
        let tenant =
            EgressPolicy { only: targets(&["api.example:443", "10.0.0.5"]), ..Default::default() };
        let operator = Policy::default();
        for (url, address, allowed) in [
            ("https://api.example/", "1.1.1.1", true),
            ("http://api.example/", "1.1.1.1", false),
            ("https://other.example/", "1.1.1.1", false),
            // A list of what is left does not open what is closed.
            ("https://api.example/", "127.0.0.1", false),
            ("http://10.0.0.5/", "10.0.0.5", false),
        ] {
            assert_eq!(judged(&operator, &tenant, url, address), allowed, "{url} {address}");
        }
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
}
