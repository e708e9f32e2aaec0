use super::fixture::{deployment, source_of};
use crate::Directory;

fn directory() -> Directory {
    let directory = Directory::new("Cloud.Test.");
    directory.activate(deployment("alice", "01", "alice's"));
    directory.activate(deployment("bob", "02", "bob's"));
    directory.add_host("shop.example", "alice".into());
    directory.add_host("new.example", "carol".into());
    directory
}

#[tokio::test]
async fn hosts_lead_to_their_tenants() {
    let directory = directory();
    for (host, source) in [
        ("alice.cloud.test", Some("alice's")),
        ("ALICE.Cloud.TEST", Some("alice's")),
        ("alice.cloud.test.", Some("alice's")),
        ("bob.cloud.test", Some("bob's")),
        ("shop.example", Some("alice's")),
        ("Shop.Example.", Some("alice's")),
        // A tenant that owns a name but has nothing deployed.
        ("new.example", None),
        ("carol.cloud.test", None),
        ("cloud.test", None),
        (".cloud.test", None),
        ("alice", None),
        ("alice.cloud.test.evil", None),
        ("alicecloud.test", None),
        ("x.alice.cloud.test", None),
        ("www.shop.example", None),
        ("alice.cloud.test..", None),
        ("", None),
        (".", None),
    ] {
        let found = match directory.route(host) {
            Some(deployment) => Some(source_of(&deployment).await),
            None => None,
        };
        assert_eq!(found.as_deref(), source, "{host}");
    }
}

#[test]
fn activating_replaces_and_returns_what_was() {
    let directory = directory();
    let old = directory.activate(deployment("alice", "03", "newer")).unwrap();
    assert_eq!(&*old.id, "01");
    assert_eq!(&*directory.active("alice").unwrap().id, "03");
    assert_eq!(directory.serving(), 2);
}

#[test]
fn removing_a_tenant_removes_its_hosts_only() {
    let directory = directory();
    directory.add_host("bob.example", "bob".into());
    directory.remove("alice");
    assert!(directory.route("alice.cloud.test").is_none());
    assert!(directory.route("shop.example").is_none());
    assert!(directory.route("bob.example").is_some());
}

#[tokio::test]
async fn a_host_that_has_changed_hands_stays_with_its_new_owner() {
    let directory = directory();
    directory.add_host("shop.example", "bob".into());
    directory.remove_host("shop.example", "alice");
    assert_eq!(source_of(&directory.route("shop.example").unwrap()).await, "bob's");
    directory.remove_host("shop.example", "bob");
    assert!(directory.route("shop.example").is_none());
}
