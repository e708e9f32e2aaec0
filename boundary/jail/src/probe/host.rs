//! What the host's process gives up, tried in a process to throw away.

use std::io::Write;
use std::os::unix::net::UnixStream;

use super::child::report;
use crate::host::{HostUser, give_up};
use crate::measures::Measure;
use crate::steps::Steps;
use crate::{JailError, Mode, filter};

const USER: &str = "host: unprivileged user";
const RIGHTS: &str = "host: no rights";
const FILTER: &str = "host: system call filter";

/// What the host's process gives up on this machine when it becomes `user`: a child process does
/// the same and then makes a forbidden system call.
pub fn probe_host(user: Option<HostUser>) -> Vec<Measure> {
    let reported = report(|to| try_all(to, user));
    let (lines, killed) = match &reported {
        Ok((lines, killed)) => (lines.as_str(), *killed),
        Err(_) => ("", false),
    };
    let failed = |name: &str| {
        if let Err(error) = &reported {
            let advice = "allow more processes (ulimit -u, TasksMax=, pids.max) and try again";
            return Some((format!("could not be tried: {error}"), advice.to_owned()));
        }
        lines.lines().find_map(|line| {
            let (why, advice) = line.strip_prefix(name)?.strip_prefix('\t')?.split_once('\t')?;
            Some((why.to_owned(), advice.to_owned()))
        })
    };
    let who = match user {
        Some(HostUser { user, .. }) => {
            format!("the server runs as user {user} when root starts it")
        }
        None => "the server runs as the user who starts it, who is not root".to_owned(),
    };
    let not_killed = || {
        let advice = "run a kernel with CONFIG_SECCOMP_FILTER".to_owned();
        (!killed).then(|| ("a forbidden system call did not end the process".to_owned(), advice))
    };
    let row = |name, why: &str, problem: Option<(String, String)>| match problem {
        None => Measure::in_force(name, why),
        Some((why, advice)) => Measure::unavailable(name, why, &advice),
    };
    vec![
        row(USER, &who, failed(USER)),
        row(RIGHTS, "no capability, no way to one, no tracing, no core files", failed(RIGHTS)),
        row(
            FILTER,
            "the kernel ends the server for what only an intruder would ask for, and fails most else",
            failed(FILTER).or_else(not_killed),
        ),
    ]
}

/// In the child: everything that the host's process does, and then what it must not.
fn try_all(mut to: UnixStream, user: Option<HostUser>) {
    let mut steps = Steps::new(Mode::Lenient);
    let given_up = give_up(&mut steps, user);
    let failed = given_up.err().into_iter().chain(steps.into_missing());
    let lines: String =
        failed.map(|error| format!("{}\t{error}\t{}\n", name_of(&error), error.advice())).collect();
    if to.write_all(lines.as_bytes()).is_ok() {
        filter::provoke();
    }
}

fn name_of(error: &JailError) -> &'static str {
    match error {
        JailError::User(_) | JailError::Groups(_) => USER,
        JailError::FilterBuild(_) | JailError::FilterInstall(_) => FILTER,
        _ => RIGHTS,
    }
}
