use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::args::LogFormat;
use crate::config::LogSection;
use crate::diagnostic::Diagnostic;

/// Starts the server's log, on standard error.
///
/// # Errors
///
/// A [`Diagnostic`] when the level cannot be understood.
pub fn start(section: &LogSection) -> Result<(), Diagnostic> {
    let filter = EnvFilter::try_new(&section.level).map_err(|error| {
        Diagnostic::new(format!("the log level {:?} cannot be understood: {error}", section.level))
            .help("write error, warn, info, debug or trace under [log] level")
    })?;
    let on_terminal = std::io::stderr().is_terminal();
    let format =
        section.format.unwrap_or(if on_terminal { LogFormat::Human } else { LogFormat::Json });
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Human => log.with_ansi(on_terminal).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| Diagnostic::new(format!("cannot start the log: {error}")))
}
