//! Who the host's process is once it has what only root may open.

use std::fs;

use insula_jail::HostUser;
use serde::Deserialize;
use thiserror::Error;

use crate::diagnostic::Diagnostic;

/// The local user that is taken if it exists and the configuration names none.
const USUAL: &str = "insula";

/// The user that is taken otherwise: in a range that distributions leave unused, between the users
/// of people and packages and those that systemd makes up, and small enough to exist in most
/// containers. Not nobody, who is whoever has no other name.
const FALLBACK: u32 = 60_947;

const USERS: &str = "/etc/passwd";

/// A user as the configuration names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a user's name or number")]
pub enum UserKey {
    /// By number.
    Number(u32),
    /// By a name among this machine's own users.
    Name(String),
}

/// Why the host's process cannot run as the user that it should.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum UserError {
    /// The name means nobody.
    #[error("there is no user {0:?} in {USERS}")]
    Unknown(String),
    /// The server would keep most of root's rights.
    #[error("the server does not serve as root")]
    Root,
    /// Who started the server may not become somebody else.
    #[error("only root can serve as another user: this is user {own}, not {wanted}")]
    NotRoot {
        /// Who started the server.
        own: u32,
        /// Who it should be.
        wanted: u32,
    },
    /// Root may not become anybody else, as in some containers.
    #[error("root may not become user {user}: {why}")]
    Stuck {
        /// Who it should become.
        user: u32,
        /// What is missing.
        why: &'static str,
    },
    /// Names could not be looked up.
    #[error("cannot read {USERS}: {0}")]
    Users(std::io::Error),
}

impl From<UserError> for Diagnostic {
    fn from(error: UserError) -> Self {
        let help = match error {
            UserError::Stuck { .. } => {
                "grant it, name another user with `user` in insula.toml, or start as an \
                 unprivileged user; or serve only code that you trust with --insecure-walls"
            }
            _ => "name an unprivileged user with `user` in insula.toml, or leave it out",
        };
        super::operator(error.to_string()).help(help)
    }
}

/// The user to become; `None` to stay who this is, an ordinary user.
///
/// # Errors
///
/// [`UserError`]; the operator is to blame.
pub fn choose(key: Option<&UserKey>) -> Result<Option<HostUser>, UserError> {
    let own = rustix::process::geteuid();
    let users = match (key, fs::read_to_string(USERS)) {
        (Some(UserKey::Name(_)), Err(error)) => return Err(UserError::Users(error)),
        // A number needs no names.
        (_, users) => users.unwrap_or_default(),
    };
    if own.is_root() {
        let wanted = wanted(key, &users)?;
        // Found out before anything is given to that user.
        return match obstacle(wanted) {
            None => Ok(Some(wanted)),
            Some(why) => Err(UserError::Stuck { user: wanted.user, why }),
        };
    }
    match key.map(|key| wanted(Some(key), &users)).transpose()? {
        Some(HostUser { user, .. }) if user != own.as_raw() => {
            Err(UserError::NotRoot { own: own.as_raw(), wanted: user })
        }
        _ => Ok(None),
    }
}

/// What keeps root from becoming `user`.
fn obstacle(user: HostUser) -> Option<&'static str> {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    if !insula_jail::may_become_host_user() {
        return Some("CAP_SETUID or CAP_SETGID is missing");
    }
    if !has(&read("/proc/self/uid_map"), user.user) || !has(&read("/proc/self/gid_map"), user.group)
    {
        return Some("this user namespace has no such user or group");
    }
    (read("/proc/self/setgroups").trim() == "deny")
        .then_some("this user namespace lets nobody leave their groups")
}

/// Whether a user namespace with this map has the user or group `number`.
fn has(map: &str, number: u32) -> bool {
    map.lines().any(|line| {
        let mut fields = line.split_whitespace().map(str::parse::<u64>);
        let (first, _, count) = (fields.next(), fields.next(), fields.next());
        let (Some(Ok(first)), Some(Ok(count))) = (first, count) else { return false };
        (first..first.saturating_add(count)).contains(&u64::from(number))
    })
}

fn wanted(key: Option<&UserKey>, users: &str) -> Result<HostUser, UserError> {
    let found = match key {
        Some(UserKey::Name(name)) => {
            by_name(users, name).ok_or_else(|| UserError::Unknown(name.clone()))?
        }
        Some(UserKey::Number(user)) => by_number(users, *user),
        None => by_name(users, USUAL).unwrap_or_else(|| by_number(users, FALLBACK)),
    };
    if found.user == 0 { Err(UserError::Root) } else { Ok(found) }
}

fn by_name(users: &str, name: &str) -> Option<HostUser> {
    entries(users).find_map(|(known, user)| (known == name).then_some(user))
}

/// A number that no name belongs to has a group of the same number.
fn by_number(users: &str, number: u32) -> HostUser {
    let known = entries(users).find_map(|(_, found)| (found.user == number).then_some(found));
    known.unwrap_or(HostUser { user: number, group: number })
}

/// Name, and numbers of user and group, of each line.
fn entries(users: &str) -> impl Iterator<Item = (&str, HostUser)> {
    users.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let (name, _, user, group) =
            (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        Some((name, HostUser { user: user.parse().ok()?, group: group.parse().ok()? }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "root:x:0:0:root:/:/bin/sh\nbroken\nada:x:7:8::/:\ninsula:x:5:6::/:\n";

    #[test]
    fn names_and_numbers_are_found() {
        let name = |name: &str| UserKey::Name(name.to_owned());
        let found = |key: &UserKey| wanted(Some(key), FILE).unwrap();
        assert_eq!(found(&name("ada")), HostUser { user: 7, group: 8 });
        assert_eq!(found(&UserKey::Number(7)), HostUser { user: 7, group: 8 });
        assert_eq!(found(&UserKey::Number(9)), HostUser { user: 9, group: 9 });
        assert_eq!(wanted(None, FILE).unwrap(), HostUser { user: 5, group: 6 });
        let fallback = HostUser { user: FALLBACK, group: FALLBACK };
        assert_eq!(wanted(None, "").unwrap(), fallback);
        assert!(matches!(wanted(Some(&name("eve")), FILE), Err(UserError::Unknown(_))));
    }

    #[test]
    fn a_namespace_has_the_users_that_it_maps() {
        assert!(has("         0          0 4294967295\n", FALLBACK));
        assert!(has("0 1000 1\n1 100000 65536\n", FALLBACK));
        assert!(!has("0 1000 1\n", FALLBACK) && !has("", FALLBACK));
    }

    #[test]
    fn root_is_refused_under_every_name() {
        for key in [UserKey::Number(0), UserKey::Name("root".to_owned())] {
            assert!(matches!(wanted(Some(&key), FILE), Err(UserError::Root)));
        }
    }
}
