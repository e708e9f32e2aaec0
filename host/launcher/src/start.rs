use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use insula_jail::{Measure, Place};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

use crate::run::{introduce, serve};
use crate::{Answer, LaunchError, StartError, Terms, receive_answer};

/// A launcher that is ready. It ends, and its cordons with it, when the link closes.
#[derive(Debug)]
pub struct Launcher {
    /// A packet socket that blocks.
    pub link: OwnedFd,
    /// Who serves at the other end.
    pub server: Server,
    /// What it holds to.
    pub terms: Terms,
    /// What holds for cordons that it starts; empty unless it was asked to
    /// [try](Terms::probe).
    pub measures: Vec<Measure>,
    /// Under each of these, the control group of every cordon with a share of the processor has a
    /// folder of its own; none if cordons have no control groups.
    pub places: Vec<Place>,
    /// The same for cordons without a share.
    pub together: Vec<Place>,
    /// Why cordons have no control groups, if they should have some; otherwise empty.
    pub no_groups: String,
}

/// Who is the launcher.
#[derive(Debug)]
pub enum Server {
    /// A process.
    Process(Child),
    /// A thread of this process.
    Thread(JoinHandle<Result<(), LaunchError>>),
}

impl Launcher {
    /// Starts `command` as the launcher, with the arguments of `terms` added, and returns when it
    /// is ready. It gets nothing of this process but standard error.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub fn start(mut command: Command, terms: Terms) -> Result<Self, StartError> {
        let (link, theirs) = pair()?;
        command
            .args(terms.arguments())
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            // A terminal's interrupt is for the host, which lets requests finish first.
            .process_group(0);
        let child = command.spawn().map_err(StartError::Spawn)?;
        // It holds the other end of the link, and would keep it from closing.
        drop(command);
        Self::hear(link, Server::Process(child), terms)
    }

    /// A launcher on a thread of this process, for tests and benchmarks: it does all that a
    /// launcher does, and separates nothing.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub fn on_thread(cordon: impl Into<PathBuf>, terms: Terms) -> Result<Self, StartError> {
        let (link, theirs) = pair()?;
        let cordon = cordon.into();
        let thread = std::thread::Builder::new().name("launcher".to_owned());
        let thread = thread.spawn(move || {
            let groups = introduce(theirs.as_fd(), terms, None)?;
            serve(theirs.as_fd(), &cordon, terms, groups)
        });
        Self::hear(link, Server::Thread(thread.map_err(StartError::Spawn)?), terms)
    }

    fn hear(link: OwnedFd, server: Server, terms: Terms) -> Result<Self, StartError> {
        let (mut measures, mut places, mut together) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            match receive_answer(&link).map_err(StartError::Listen)? {
                Some(Answer::Measure(measure)) => measures.push(measure),
                Some(Answer::Place(place)) => places.push(place),
                Some(Answer::Together(place)) => together.push(place),
                Some(Answer::Ready { no_groups }) => {
                    return Ok(Self { link, server, terms, measures, places, together, no_groups });
                }
                Some(Answer::Failed(why)) => return Err(StartError::Failed(why)),
                Some(answer) => return Err(StartError::Greeting(format!("{answer:?}"))),
                None => return Err(end(server)),
            }
        }
    }
}

impl Server {
    /// Its process.
    pub fn pid(&self) -> u32 {
        match self {
            Self::Process(child) => child.id(),
            Self::Thread(_) => std::process::id(),
        }
    }

    /// Waits for its end, which comes when the link is closed.
    pub fn wait(self) {
        match self {
            // What there was to say about its end, the link has said.
            Self::Process(mut child) => drop(child.wait()),
            Self::Thread(thread) => drop(thread.join()),
        }
    }
}

fn pair() -> Result<(OwnedFd, OwnedFd), StartError> {
    let kind = SocketType::SEQPACKET;
    socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None).map_err(StartError::Link)
}

fn end(server: Server) -> StartError {
    match server {
        Server::Process(mut child) => child.wait().map_or_else(StartError::Lost, StartError::Ended),
        Server::Thread(thread) => {
            let ended = thread.join().ok().and_then(Result::err);
            StartError::Failed(ended.map_or_else(String::new, |error| error.to_string()))
        }
    }
}
