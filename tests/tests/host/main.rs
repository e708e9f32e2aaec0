//! The server's own processes: what they may do, what becomes of them, whose files they write.

mod data;
mod ends;
mod privileges;
mod whole;

/// A user without rights that the server can be started as.
const ORDINARY: u32 = 60_321;

/// Who the server is when root starts it and names nobody, on a machine without a user `insula`.
const FALLBACK: u32 = 60_947;

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Who may start a server; `None` is who runs the tests.
fn starters() -> Vec<Option<u32>> {
    if is_root() { vec![None, Some(ORDINARY)] } else { vec![None] }
}

/// Who the server is that `starter` starts, as long as its configuration names nobody.
fn server_of(starter: Option<u32>) -> u32 {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let usual = users.lines().find_map(|line| line.strip_prefix("insula:")?.split(':').nth(1));
    let usual = usual.and_then(|number| number.parse().ok()).unwrap_or(FALLBACK);
    starter.unwrap_or(if is_root() { usual } else { rustix::process::geteuid().as_raw() })
}
