//! Puts the inmate into a jail.

use std::fs;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::OnceLock;

use insula_jail::{Mode, command};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socketpair,
};

/// Bytes of an inmate's words that a test listens to.
const WORDS: usize = 1 << 20;

/// Seconds after which an inmate that says nothing and does not end hangs.
const PATIENCE: i64 = 60;

/// Who starts the inmate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum User {
    /// Who runs the tests.
    Own,
    /// Nobody, when that is root.
    Ordinary,
}

/// How an inmate ended, and what it said.
#[derive(Debug)]
pub struct Sentence {
    pub status: ExitStatus,
    pub log: String,
}

/// A jail with its inmate.
pub struct Cell {
    child: Child,
    control: OwnedFd,
}

/// Everybody who may start a cordon.
pub fn users() -> Vec<User> {
    match rustix::process::geteuid().is_root() {
        true => vec![User::Own, User::Ordinary],
        false => vec![User::Own],
    }
}

/// Runs the inmate to its end.
pub fn run(user: User, words: &[&str]) -> Sentence {
    let cell = start(user, words);
    cell.speak();
    cell.end()
}

/// What [`run`] with `look` says after `name`.
pub fn seen(log: &str, name: &str) -> String {
    let line = log.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    line.unwrap_or_else(|| panic!("{name} is not in {log}")).to_owned()
}

/// Starts the inmate, which waits for the supervisor to speak.
pub fn start(user: User, words: &[&str]) -> Cell {
    let (control, theirs) = link();
    let mut command = prepare(user, theirs, Mode::Strict);
    Cell { child: command.args(words).spawn().expect("starts"), control }
}

/// The command that starts the inmate.
pub fn prepare(user: User, control: OwnedFd, mode: Mode) -> Command {
    prepare_class(user, control, mode, true)
}

/// The same, for an inmate that may or may not make machine code.
pub fn prepare_class(user: User, control: OwnedFd, mode: Mode, jit: bool) -> Command {
    let mut command = command(binary(), control, mode, jit);
    if user == User::Ordinary {
        command.uid(65_534).gid(65_534);
    }
    command
}

/// A control link.
pub fn link() -> (OwnedFd, OwnedFd) {
    socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
        .expect("a link")
}

impl Cell {
    pub fn new(child: Child, control: OwnedFd) -> Self {
        Self { child, control }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What a supervisor does when everything outside is prepared.
    pub fn speak(&self) {
        // An inmate that did not get this far does not listen.
        let _ = send(&self.control, b"hello", SendFlags::NOSIGNAL);
    }

    /// Returns when the inmate has said something.
    pub fn hear(&mut self) -> String {
        let mut word = [0; 64];
        let heard = self.child.stderr.as_mut().expect("piped").read(&mut word).expect("hears");
        String::from_utf8_lossy(&word[..heard]).into_owned()
    }

    /// The next packet on the control link.
    pub fn packet(&self) -> [u8; 10] {
        let mut packet = [0; 10];
        let mut hear = || recv(&self.control, &mut packet[..], RecvFlags::empty());
        // That the first word was never read is told before what the inmate has said.
        let (_, length) = hear().or_else(|_| hear()).expect("hears");
        assert_eq!(length, packet.len());
        packet
    }

    pub fn kill(&mut self) {
        self.child.kill().expect("kills");
    }

    /// Waits for the end of everything in the jail, and of the process that was started.
    pub fn end(mut self) -> Sentence {
        let mut log = Vec::new();
        let mut stderr = self.child.stderr.take().expect("piped");
        loop {
            let mut fds = [PollFd::from_borrowed_fd(stderr.as_fd(), PollFlags::IN)];
            let patience = Timespec { tv_sec: PATIENCE, tv_nsec: 0 };
            let said = poll(&mut fds, Some(&patience)).expect("polls");
            assert!(said > 0, "something in the jail lives on");
            let mut piece = [0; 4096];
            match stderr.read(&mut piece).expect("reads") {
                0 => break,
                read => log.extend_from_slice(&piece[..read]),
            }
            assert!(log.len() < WORDS, "it talks too much");
        }
        let log = String::from_utf8_lossy(&log).into_owned();
        Sentence { status: self.child.wait().expect("ends"), log }
    }
}

impl Sentence {
    /// Whether the kernel ended it for its system call.
    pub fn is_killed_for_a_call(&self) -> bool {
        self.status.signal() == Some(libc::SIGSYS)
    }
}

/// The inmate's binary, where every user can start it.
fn binary() -> &'static Path {
    static BINARY: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = BINARY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let open = fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder.path(), open.clone()).expect("opens");
        let path = folder.path().join("inmate");
        fs::copy(env!("CARGO_BIN_EXE_insula-inmate"), &path).expect("copies");
        fs::set_permissions(&path, open).expect("opens");
        (folder, path)
    });
    path
}
