use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Measure, State};
use crate::server::cordon_binary;

/// How long a cordon may take to tell its version.
const PATIENCE: Duration = Duration::from_secs(5);

/// The engine's binary: there, and of this version.
pub fn measures() -> Vec<Measure> {
    let binary = match cordon_binary() {
        Ok(binary) => binary,
        Err(error) => {
            let missing = Measure::new("cordon-binary", State::Missing, error.message).required();
            return vec![missing.advice(error.help.unwrap_or_default())];
        }
    };
    let found = Measure::new("cordon-binary", State::InForce, binary.display().to_string());
    vec![found.required(), version(&binary)]
}

fn version(binary: &Path) -> Measure {
    let own = env!("CARGO_PKG_VERSION");
    let (state, why) = match told_version(binary) {
        Ok(told) if told.split_whitespace().any(|word| word == own) => (State::InForce, told),
        Ok(told) => (State::Missing, format!("insula is {own}, the cordon says {told:?}")),
        Err(reason) => (State::Missing, format!("the cordon does not tell its version: {reason}")),
    };
    let measure = Measure::new("cordon-version", state, why).required();
    match state {
        State::InForce => measure,
        _ => measure.advice("install insula and insula-cordon from the same build"),
    }
}

/// The first line of `insula-cordon --version`.
fn told_version(binary: &Path) -> Result<String, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let mut command = tokio::process::Command::from(Command::new(binary));
    command.arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = runtime.block_on(async { tokio::time::timeout(PATIENCE, command.output()).await });
    match output {
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
        Ok(Err(error)) => Err(error.to_string()),
        Ok(Ok(output)) if !output.status.success() => Err(output.status.to_string()),
        Ok(Ok(output)) => {
            let text = String::from_utf8_lossy(&output.stdout);
            Ok(text.lines().next().unwrap_or_default().trim().to_owned())
        }
    }
}
