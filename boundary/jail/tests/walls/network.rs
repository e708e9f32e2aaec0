use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use crate::prison::{run, seen, users};

#[test]
fn nothing_can_be_reached() {
    let name = SocketAddr::from_abstract_name(b"insula-jail-walls-test").expect("a name");
    let _listener = UnixDatagram::bind_addr(&name).expect("listens");
    for user in users() {
        let log = run(user, &["look"]).log;
        assert_eq!(seen(&log, "interfaces"), "[\"lo\"]", "{user:?}");
        for way in ["connect", "listen", "send", "abstract"] {
            assert_eq!(seen(&log, way), "false", "{user:?}: {way}");
        }
    }
}

#[test]
fn the_host_has_no_name() {
    for user in users() {
        assert_eq!(seen(&run(user, &["look"]).log, "host"), "\"cordon\"", "{user:?}");
    }
}
