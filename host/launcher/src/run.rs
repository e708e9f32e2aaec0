//! The launcher itself.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use insula_jail::{Cgroups, Mode};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::SocketType;

use crate::cordons::{Cordons, Reaped};
use crate::packet::{Received, receive_request, send_answer};
use crate::{Answer, LaunchError, Request, Terms};

/// The launcher's life; the list is at the top of this crate. Runs `cordon`, and nothing else, on
/// behalf of the process at the other end of standard input, until that closes the link.
///
/// To be called first thing in `main`, in a process that [`Launcher::start`](crate::Launcher)
/// started.
///
/// # Errors
///
/// [`LaunchError`]. All cordons have ended then.
pub fn run(cordon: &Path, terms: Terms) -> Result<(), LaunchError> {
    // Cordons get another standard input.
    let link = io::stdin();
    if !matches!(rustix::net::sockopt::socket_type(&link), Ok(SocketType::SEQPACKET)) {
        return Err(LaunchError::NoLink);
    }
    let prepared = prepare(link.as_fd(), terms);
    if let Err(error) = &prepared {
        // Nobody may be there to hear it; then the exit status has to do.
        let _ = send_answer(&link, &Answer::Failed(error.to_string()));
    }
    serve(link.as_fd(), cordon, terms, prepared?)
}

fn prepare(link: BorrowedFd<'_>, terms: Terms) -> Result<Option<Cgroups>, LaunchError> {
    insula_jail::confine_launcher().map_err(LaunchError::Confine)?;
    let host = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get().unsigned_abs());
    introduce(link, terms, host)
}

/// What comes before the first request: `host` is the process that is to be kept out of cordons'
/// groups together with this one.
pub(crate) fn introduce(
    link: BorrowedFd<'_>,
    terms: Terms,
    host: Option<u32>,
) -> Result<Option<Cgroups>, LaunchError> {
    let answer = |answer| send_answer(link, &answer).map_err(LaunchError::Answer);
    let found = terms.cordon_memory.map(|_| Cgroups::find(host)).transpose();
    if terms.probe {
        insula_jail::probe(host).into_iter().map(Answer::Measure).try_for_each(answer)?;
    }
    if host.is_some() {
        insula_jail::hide().map_err(LaunchError::Confine)?;
    }
    let (groups, no_groups) = match found {
        Ok(groups) => (groups, String::new()),
        Err(error) => (None, format!("{error}; {}", error.advice())),
    };
    let places = groups.iter().flat_map(Cgroups::places).cloned().map(Answer::Place);
    let together = groups.iter().flat_map(Cgroups::together).cloned().map(Answer::Together);
    // A place that cannot be told whole is not told: its readings are missing then.
    places.chain(together).filter(Answer::is_whole).try_for_each(answer)?;
    answer(Answer::Ready { no_groups })?;
    Ok(groups)
}

/// Serves requests until the link closes, or the first breach.
pub(crate) fn serve(
    link: BorrowedFd<'_>,
    cordon: &Path,
    terms: Terms,
    groups: Option<Cgroups>,
) -> Result<(), LaunchError> {
    let mut cordons = Cordons::new(cordon, terms, groups);
    // However this ends, cordons that live are killed and waited for when `cordons` goes.
    loop {
        let ready = wait(link, &cordons)?;
        for Reaped { id, status, out_of_memory } in cordons.reap(&ready.cordons) {
            let answer = Answer::Exited { id, status, out_of_memory };
            send_answer(link, &answer).map_err(LaunchError::Answer)?;
        }
        if !ready.link {
            continue;
        }
        let (request, descriptors) = match receive_request(link).map_err(LaunchError::Listen)? {
            Received::Request(request, descriptors) => (request, descriptors),
            Received::Nonsense => return Err(LaunchError::Breach),
            Received::End => return Ok(()),
        };
        match request {
            Request::Kill { id } => cordons.kill(id),
            Request::Spawn { id, mode, class, share } => {
                cordons.note(id)?;
                let allowed = terms.lenient || mode == Mode::Strict;
                let started = match allowed {
                    true => cordons.spawn(id, mode, class, share, descriptors),
                    false => Err("cordons without all walls were not asked for".to_owned()),
                };
                let answer = match started {
                    Ok((pid, group)) => Answer::Started { id, pid, group },
                    Err(why) => Answer::Refused { id, why },
                };
                send_answer(link, &answer).map_err(LaunchError::Answer)?;
            }
        }
    }
}

struct Ready {
    link: bool,
    /// Those that have ended.
    cordons: Vec<u64>,
}

/// Waits for the host, or for the end of a cordon.
fn wait(link: BorrowedFd<'_>, cordons: &Cordons) -> Result<Ready, LaunchError> {
    let mut fds = vec![PollFd::from_borrowed_fd(link, PollFlags::IN)];
    fds.extend(cordons.ends().map(|(_, end)| PollFd::from_borrowed_fd(end, PollFlags::IN)));
    loop {
        match poll(&mut fds, None) {
            Ok(_) => break,
            Err(Errno::INTR) => {}
            Err(error) => return Err(LaunchError::Listen(error)),
        }
    }
    let is_ready = |fd: &PollFd<'_>| !fd.revents().is_empty();
    let ended = cordons.ends().zip(&fds[1..]).filter(|(_, fd)| is_ready(fd));
    Ok(Ready { link: is_ready(&fds[0]), cordons: ended.map(|((id, _), _)| id).collect() })
}
