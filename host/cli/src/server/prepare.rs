//! What the server does while it has the rights of who started it, and how it gives them up.

use std::net::{SocketAddr, TcpListener};

use insula_control::SecretsKeySource;
use insula_jail::{HostUser, Mode, Pace, confine_host, set_pace};
use insula_launcher::Launcher;
use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};

use super::data_dir::DataDir;
use super::hand_over::{hand_over, reach};
use super::secrets_key::secrets_key;
use super::user::{self, UserError};
use super::{cordon_binary, launching, operator};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::failure::Failure;

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 1024;

/// What a server holds when it has no rights any more.
pub struct Prepared {
    pub launcher: Launcher,
    pub data: DataDir,
    pub listener: TcpListener,
    pub admin_listener: TcpListener,
    pub secrets_key: SecretsKeySource,
    /// What every start has to say about walls that are missing.
    pub warnings: Vec<String>,
}

/// From the rights of who started the server to none, in order. There is one thread from the
/// first step to the last; what comes after it runs with nothing but what was opened here.
///
/// # Errors
///
/// [`Failure`]; the operator is to blame.
pub fn prepare(config: &Config, insecure_walls: bool) -> Result<Prepared, Failure> {
    // 1. The launcher: the one process that keeps rights. It tries the walls that it would use.
    cordon_binary()?;
    super::raise_open_files();
    let launcher = launching::start(launching::terms(insecure_walls, true))?;
    let missing = judge_walls(&launcher, insecure_walls)?;
    let mut warnings = Vec::from_iter(missing);

    // 2. What an unprivileged user could not open.
    let user = match user::choose(config.user.as_ref()) {
        Err(error @ UserError::Stuck { .. }) if insecure_walls => {
            warnings.push(format!("the server remains root: {error}"));
            None
        }
        chosen => chosen.map_err(Diagnostic::from)?,
    };
    let data = DataDir::lock(&config.data).map_err(Diagnostic::from)?;
    let secrets_key = secrets_key(config.secrets.clone())?;
    let listener = bind("listen", config.listen)?;
    let admin_listener = bind("admin", config.admin)?;
    if let Some(user) = user {
        hand_over(data.path(), user).map_err(Diagnostic::from)?;
    }

    // 3. Down. Threads that start later have the pace of this one: isolates that compute shall not keep
    // an answer waiting that is ready.
    if let Err(error) = set_pace(0, Pace::Prompt) {
        tracing::warn!(%error, "isolates that compute may hold up answers");
    }
    warnings.extend(give_up(user, insecure_walls)?);
    if let Some(HostUser { user, .. }) = user {
        reach(data.path(), user).map_err(Diagnostic::from)?;
    }
    tracing::info!(
        user = rustix::process::geteuid().as_raw(),
        launcher = launcher.server.pid(),
        "the server has given up what its launcher can do for it"
    );
    Ok(Prepared { launcher, data, listener, admin_listener, secrets_key, warnings })
}

/// Binds the listener that the option `--{option}` is about. It does not block.
///
/// # Errors
///
/// When the address is taken or not this machine's.
pub fn bind(option: &str, address: SocketAddr) -> Result<TcpListener, Diagnostic> {
    let bound = || {
        let family = match address {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = rustix::net::socket_with(family, SocketType::STREAM, flags, None)?;
        sockopt::set_socket_reuseaddr(&socket, true)?;
        rustix::net::bind(&socket, &address)?;
        rustix::net::listen(&socket, BACKLOG)?;
        Ok(TcpListener::from(socket))
    };
    bound().map_err(|error: rustix::io::Errno| {
        let error = std::io::Error::from(error);
        operator(format!("cannot listen on {address}: {error}"))
            .help(format!("choose another address with --{option}; port 0 picks a free one"))
    })
}

fn give_up(user: Option<HostUser>, insecure_walls: bool) -> Result<Option<String>, Diagnostic> {
    let mode = if insecure_walls { Mode::Lenient } else { Mode::Strict };
    let missing = confine_host(user, mode).map_err(|error| {
        let help =
            format!("{}; or serve only code that you trust with --insecure-walls", error.advice());
        operator(format!("the server cannot give up its rights: {error}")).help(help)
    })?;
    let missing: Vec<_> = missing.iter().map(ToString::to_string).collect();
    Ok((!missing.is_empty()).then(|| {
        format!("the server keeps rights that it should not have: {}", missing.join("; "))
    }))
}

/// Refuses to go on behind walls with a hole, unless the operator said so. Returns what every
/// start has to say about what is missing.
fn judge_walls(launcher: &Launcher, insecure_walls: bool) -> Result<Option<String>, Failure> {
    let (required, optional) = crate::doctor::missing_walls(&launcher.measures);
    let shown = |measures: &[crate::doctor::Measure]| {
        let rows = measures.iter().map(|it| format!("{}: {} ({})", it.name, it.why, it.advice));
        rows.collect::<Vec<_>>().join("\n")
    };
    if !required.is_empty() && !insecure_walls {
        let refusal = operator("the walls around cordons have holes on this machine");
        return Err(refusal
            .help(format!(
                "{}\nmend them, or serve only code that you trust with --insecure-walls",
                shown(&required)
            ))
            .into());
    }
    let missing: Vec<_> = required.iter().chain(&optional).map(|it| &*it.name).collect();
    Ok((!missing.is_empty()).then(|| {
        let trust = if required.is_empty() { "" } else { "; serve only code that you trust" };
        format!("cordons run without {}{trust} (see `insula doctor`)", missing.join(", "))
    }))
}
