use crate::name::{HostName, NameError, TenantName, check_variable};

#[test]
fn tenants_names_are_dns_labels() {
    for name in ["a", "alice", "a-b", "0", "a--b", &"a".repeat(63)] {
        assert_eq!(&*TenantName::parse(name).unwrap(), name);
    }
    for name in ["", "-a", "a-", "A", "a.b", "a_b", "a b", "ä", "a\0", "a/b", "..", &"a".repeat(64)]
    {
        assert!(matches!(TenantName::parse(name), Err(NameError::Tenant(_))), "{name:?}");
    }
}

#[test]
fn reserved_tenants_names_are_refused() {
    for name in ["admin", "insula", "localhost", "root", "xn--80ak6aa92e"] {
        assert!(matches!(TenantName::parse(name), Err(NameError::Reserved(_))), "{name}");
    }
}

#[test]
fn host_names_are_made_equal() {
    for (given, parsed) in [
        ("shop.example", "shop.example"),
        ("Shop.EXAMPLE.", "shop.example"),
        ("notcloud.test", "notcloud.test"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ] {
        assert_eq!(&*HostName::parse(given, "cloud.test").unwrap(), parsed);
    }
}

#[test]
fn what_is_no_host_name_is_refused() {
    let long = format!("{}.example", ["a"; 200].join("."));
    for name in ["", ".", "a..b", "a:80", "http://a", "a/b", "*.a", "a_b.c", "[::1]", &long] {
        assert!(matches!(HostName::parse(name, "cloud.test"), Err(NameError::Host(_))), "{name}");
    }
}

#[test]
fn nobody_can_own_a_name_under_the_base_domain() {
    for name in ["cloud.test", "bob.cloud.test", "a.b.cloud.test", "BOB.cloud.test."] {
        let parsed = HostName::parse(name, "cloud.test");
        assert!(matches!(parsed, Err(NameError::HostUnderBase { .. })), "{name}");
    }
}

#[test]
fn variables_names_are_short_and_plain() {
    for name in ["A", "API_KEY", "my-var", "a.b", "$x", "1"] {
        assert_eq!(check_variable(name), Ok(()), "{name}");
    }
    for name in ["", "a b", "a=b", "a\n", "ä", "a\0b", &"a".repeat(257)] {
        assert!(check_variable(name).is_err(), "{name:?}");
    }
}

#[test]
fn a_refused_name_is_shown_short_and_harmless() {
    let error = TenantName::parse(&format!("\x1b[31m{}", "x".repeat(10_000))).unwrap_err();
    let text = error.to_string();
    assert!(text.len() < 400 && !text.contains('\x1b'), "{text}");
}
