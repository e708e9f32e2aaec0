//! What the host's process may do when it has given its rights up.

use std::process::ExitCode;

use insula_jail::{HostUser, Mode, Rule, Verdict, confine_host, host_system_calls};

use crate::call::call;
use crate::{NOT_CONFINED, UNKNOWN, WRONG, attacks};

/// Rules whose calls do something whatever their arguments are.
const WITH_EFFECT: [&str; 4] = ["exit", "exit_group", "rt_sigreturn", "clone of a thread"];

/// Gives the rights up, and then looks, makes the calls of the rules, or an attack.
pub fn serve(what: &str, name: &str) -> ExitCode {
    let user = HostUser { user: 60_947, group: 60_947 };
    let user = rustix::process::geteuid().is_root().then_some(user);
    if let Err(error) = confine_host(user, Mode::Strict) {
        eprintln!("{error}");
        return ExitCode::from(NOT_CONFINED);
    }
    match what {
        // It may not ask in any other way.
        "look" => match std::fs::read_to_string("/proc/self/status") {
            Ok(status) => eprint!("{status}"),
            Err(_) => return ExitCode::from(WRONG),
        },
        "rules" => return rules(),
        "rule" => match host_system_calls().iter().find(|rule| rule.name == name) {
            // The filter ends the process here, if the test is to pass.
            Some(rule) => drop(make(rule)),
            None => return ExitCode::from(UNKNOWN),
        },
        "attack" => match attacks::attempt(name) {
            Some(Err(error)) if error.raw_os_error() == Some(libc::EPERM) => {}
            None => return ExitCode::from(UNKNOWN),
            Some(_) => return ExitCode::from(WRONG),
        },
        "thread" => {
            let thread = std::thread::Builder::new().spawn(|| {
                let refused = attacks::attempt("memfd");
                matches!(refused, Some(Err(error)) if error.raw_os_error() == Some(libc::EPERM))
            });
            if !thread.is_ok_and(|thread| thread.join().is_ok_and(|held| held)) {
                return ExitCode::from(WRONG);
            }
        }
        _ => return ExitCode::from(UNKNOWN),
    }
    ExitCode::SUCCESS
}

/// All calls of the list that do not end the process, without sense: the kernel must get to look
/// at them, or the filter must say what it is to say.
fn rules() -> ExitCode {
    let mut wrong = false;
    for rule in host_system_calls() {
        let expected = match rule.verdict {
            _ if WITH_EFFECT.contains(&rule.name) => continue,
            Verdict::Kill => continue,
            Verdict::Allow => None,
            Verdict::Refuse(error) => Some(error),
        };
        let found = make(rule).err().and_then(|error| error.raw_os_error());
        if found == Some(libc::EPERM) || expected.is_some_and(|error| found != Some(error)) {
            eprintln!("{}: {found:?}", rule.name);
            wrong = true;
        }
    }
    if wrong { ExitCode::from(WRONG) } else { ExitCode::SUCCESS }
}

fn make(rule: &Rule) -> std::io::Result<usize> {
    let (number, arguments) = rule.example();
    call(number, arguments)
}
