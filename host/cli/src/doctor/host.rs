//! The host's own two processes.

use insula_launcher::Launcher;

use super::{Measure, State};
use crate::diagnostic::Diagnostic;
use crate::server;

/// What a server started by this user has given up before it listens, found out by trying in a
/// process to throw away. There must be one thread.
pub fn measures() -> Vec<Measure> {
    const USER: &str = "host: unprivileged user";
    match server::choose_user(None).map_err(Diagnostic::from) {
        Ok(user) => super::walls::rows(&insula_jail::probe_host(user)),
        Err(error) => {
            let missing = Measure::new(USER, State::Missing, error.message).required();
            let missing = missing.advice(error.help.unwrap_or_default());
            let others = super::walls::rows(&insula_jail::probe_host(None)).into_iter();
            std::iter::once(missing).chain(others.filter(|row| row.name != USER)).collect()
        }
    }
}

/// A launcher that has tried the walls of its cordons, and the row about itself.
pub fn launcher() -> (Vec<Measure>, Option<Launcher>) {
    const NAME: &str = "host: launcher";
    match server::start_launcher(server::terms(false, true)) {
        Ok(launcher) => {
            let why = "a process of its own starts cordons; the one that listens has no right to";
            (vec![Measure::new(NAME, State::InForce, why).required()], Some(launcher))
        }
        Err(error) => {
            let missing = Measure::new(NAME, State::Missing, error.message).required();
            (vec![missing.advice(error.help.unwrap_or_default())], None)
        }
    }
}
