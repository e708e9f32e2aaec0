//! The host's own two processes.

use insula_launcher::Launcher;

use super::{Measure, State};
use crate::server;

/// What a server started by this user has given up before it listens, found out by trying in a
/// process to throw away. There must be one thread.
pub fn measures() -> Vec<Measure> {
    let user = match server::choose_user(None) {
        Ok(user) => user,
        Err(error) => {
            let missing =
                Measure::new("host: unprivileged user", State::Missing, error.to_string());
            return vec![missing.required().advice("name one with `user` in insula.toml")];
        }
    };
    super::walls::rows(&insula_jail::probe_host(user))
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
