//! What code that has taken a cordon over asks the kernel for, as far as safe wrappers go. The jail's
//! own tests make the calls for which there are none.

use std::fs::{self, File};
use std::io::IoSliceMut;
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::process::Command;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::ptrace;
use nix::sys::signal::{Signal, kill};
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::{Pid, Uid, execve, getppid, setuid};
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{DumpableBehavior, PidfdFlags, pidfd_open, set_dumpable_behavior};

/// Makes the call; tells `got` and what it got, or `refused` and by which error. A call that ends
/// the process tells nothing.
pub fn attempt(name: &str) -> String {
    let result = match name {
        "kill_all" => text(kill(Pid::from_raw(-1), Signal::SIGKILL)),
        "kill_parent" => text(kill(getppid(), Signal::SIGKILL)),
        "kill_first" => text(kill(Pid::from_raw(1), Signal::SIGSTOP)),
        "ptrace_attach" => text(ptrace::attach(Pid::from_raw(1))),
        "ptrace_me" => text(ptrace::traceme()),
        "read_memory" => {
            let mut room = [0; 64];
            let remote = [RemoteIoVec { base: 0x40_0000, len: 64 }];
            text(process_vm_readv(Pid::from_raw(1), &mut [IoSliceMut::new(&mut room)], &remote))
        }
        "pidfd" => text(pidfd_open(rustix::process::Pid::INIT, PidfdFlags::empty())),
        "open_proc" => text(File::open("/proc/1/environ").map_err(|e| e.kind())),
        "open_own_memory" => text(File::open("/proc/self/mem").map_err(|e| e.kind())),
        "open_passwd" => text(fs::read_to_string("/etc/passwd").map_err(|e| e.kind())),
        "open_above" => text(fs::read_to_string("/../../etc/passwd").map_err(|e| e.kind())),
        "list_root" => text(fs::read_dir("/").map_err(|e| e.kind())),
        "create_file" => text(File::create("/file")),
        "tcp_socket" => text(TcpStream::connect("127.0.0.1:80")),
        "udp_socket" => text(UdpSocket::bind("127.0.0.1:0")),
        "unix_socket" => text(UnixStream::connect("/run/dbus/system_bus_socket")),
        "datagram_socket" => text(UnixDatagram::unbound()),
        "socket_pair" => text(UnixStream::pair()),
        "execve" => text(execve::<&std::ffi::CStr, &std::ffi::CStr>(c"/bin/sh", &[], &[])),
        "spawn" => text(Command::new("/bin/sh").spawn()),
        "memory_file" => text(memfd_create("code", MemfdFlags::empty())),
        "mount" => text(mount(Some("proc"), "/", Some("proc"), MsFlags::empty(), None::<&str>)),
        "unshare" => text(unshare(CloneFlags::CLONE_NEWUSER)),
        "become_root" => text(setuid(Uid::from_raw(0))),
        "become_dumpable" => text(set_dumpable_behavior(DumpableBehavior::Dumpable)),
        _ => "no such call".to_owned(),
    };
    format!("{name}: {result}")
}

fn text<T: std::fmt::Debug, E: std::fmt::Debug>(result: Result<T, E>) -> String {
    match result {
        Ok(got) => format!("got {got:?}"),
        Err(error) => format!("refused: {error:?}"),
    }
}
