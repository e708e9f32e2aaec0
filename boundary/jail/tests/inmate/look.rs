use std::fs;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::BorrowedFd;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use caps::CapSet;
use rustix::process::{Resource, getrlimit};

/// Says what the inmate sees, a line for each thing.
pub fn look() {
    users();
    processes();
    files();
    network();
    limits();
    let open: Vec<i32> = (0..256).filter(|fd| is_open(*fd)).collect();
    println!("descriptors={open:?}");
    println!("variables={}", std::env::vars_os().count());
    println!("host={:?}", rustix::system::uname().nodename());
}

fn users() {
    println!("user={}", rustix::process::getuid().as_raw());
    println!("root={}", rustix::process::geteuid().is_root());
    println!("groups={:?}", rustix::process::getgroups().map(|groups| groups.len()));
    for set in [
        CapSet::Effective,
        CapSet::Permitted,
        CapSet::Inheritable,
        CapSet::Bounding,
        CapSet::Ambient,
    ] {
        println!("{set:?}={:?}", caps::read(None, set).map(|set| set.len()));
    }
    println!("no_new_privileges={:?}", rustix::thread::no_new_privs());
    println!("dumpable={:?}", rustix::process::dumpable_behavior());
    println!("dies_by={:?}", rustix::process::parent_process_death_signal());
}

fn processes() {
    println!("process={}", rustix::process::getpid().as_raw_nonzero());
    println!("parent={:?}", rustix::process::getppid().map(|pid| pid.as_raw_nonzero()));
    let others = (2..100_000).filter_map(rustix::process::Pid::from_raw);
    let seen = others.filter(|pid| rustix::process::test_kill_process(*pid).is_ok()).count();
    println!("others={seen}");
}

fn files() {
    println!("folder={:?}", std::env::current_dir());
    println!("entries={:?}", fs::read_dir("/").map(Iterator::count).map_err(|e| e.kind()));
    println!("above={:?}", fs::metadata("/../etc").map_err(|e| e.kind()).map(drop));
    println!("write={:?}", fs::write("/file", "").map_err(|e| e.kind()));
    println!("proc={:?}", fs::metadata("/proc/self").map_err(|e| e.kind()).map(drop));
}

fn network() {
    println!("interfaces={:?}", interfaces());
    // The port 9 of nobody.
    println!("connect={}", TcpStream::connect("127.0.0.1:9").is_ok());
    println!("listen={}", TcpListener::bind("127.0.0.1:0").is_ok());
    let sent = UdpSocket::bind("0.0.0.0:0").and_then(|udp| udp.send_to(b"?", "127.0.0.1:9"));
    println!("send={}", sent.is_ok());
    println!("abstract={}", reaches_abstract_socket());
}

/// The name that the test listens on, outside.
fn reaches_abstract_socket() -> bool {
    use std::os::linux::net::SocketAddrExt;
    let address = SocketAddr::from_abstract_name(b"insula-jail-walls-test");
    let socket = UnixDatagram::unbound();
    address.and_then(|address| socket?.send_to_addr(b"?", &address)).is_ok()
}

fn limits() {
    for (name, resource) in [
        ("core", Resource::Core),
        ("file", Resource::Fsize),
        ("open", Resource::Nofile),
        ("processes", Resource::Nproc),
        ("locked", Resource::Memlock),
    ] {
        let limit = getrlimit(resource);
        println!("limit_{name}={:?}", limit.current.max(limit.maximum));
    }
}

fn is_open(fd: i32) -> bool {
    // SAFETY: asks for the flags of what may be open, and keeps nothing.
    rustix::io::fcntl_getfd(unsafe { BorrowedFd::borrow_raw(fd) }).is_ok()
}

/// Names of interfaces; those that are up are marked.
fn interfaces() -> Vec<String> {
    let mut first = std::ptr::null_mut();
    // SAFETY: `first` is a valid place for the list.
    if unsafe { libc::getifaddrs(&raw mut first) } != 0 {
        return vec!["unknown".to_owned()];
    }
    let mut names = Vec::new();
    let mut next = first;
    while !next.is_null() {
        // SAFETY: the list's entries live until freeifaddrs, and their names end with a zero.
        let (name, flags) = unsafe {
            (std::ffi::CStr::from_ptr((*next).ifa_name).to_string_lossy(), (*next).ifa_flags)
        };
        let up = flags & libc::IFF_UP as u32 != 0;
        names.push(format!("{name}{}", if up { " up" } else { "" }));
        // SAFETY: as above.
        next = unsafe { (*next).ifa_next };
    }
    // SAFETY: it came from getifaddrs, and nothing of it is used after.
    unsafe { libc::freeifaddrs(first) };
    names.sort();
    names.dedup();
    names
}
