//! `insula doctor`: which walls and limits hold on this machine.

mod cordon;
mod host;
mod machine;
mod walls;

use std::borrow::Cow;

use serde::Serialize;

use crate::args::DoctorArgs;
use crate::failure::Failure;
use crate::text::table;

pub use walls::missing as missing_walls;

/// One thing that should hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Measure {
    /// A fixed word for it.
    pub name: Cow<'static, str>,
    /// Whether it holds.
    pub state: State,
    /// Whether `insula serve` cannot do without it.
    pub required: bool,
    /// What was found.
    pub why: String,
    /// What to do; empty when there is nothing to do.
    pub advice: String,
}

/// Whether a measure holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It does.
    InForce,
    /// It does not, though this machine could do it.
    Missing,
    /// This machine cannot do it.
    Unavailable,
}

/// `insula doctor`.
///
/// # Errors
///
/// [`Failure::Said`] when something that is required is missing.
pub fn doctor(args: &DoctorArgs) -> Result<(), Failure> {
    // The host's own rows come from a copy of this process, which must have one thread for that.
    let own = host::measures();
    let (mut measures, launcher) = host::launcher();
    let walls = launcher.as_ref().map(|launcher| walls::rows(&launcher.measures));
    measures.splice(0..0, cordon::measures(launcher));
    measures.extend(own);
    measures.extend(walls.unwrap_or_default());
    measures.extend(machine::measures());
    if args.json {
        let text = serde_json::to_string_pretty(&measures).unwrap_or_default();
        crate::client::say(&(text + "\n"))?;
    } else {
        crate::client::say(&report(&measures))?;
    }
    if measures.iter().any(Measure::is_fatal) { Err(Failure::Said) } else { Ok(()) }
}

impl Measure {
    fn new(name: impl Into<Cow<'static, str>>, state: State, why: impl Into<String>) -> Self {
        Self { name: name.into(), state, required: false, why: why.into(), advice: String::new() }
    }

    fn required(self) -> Self {
        Self { required: true, ..self }
    }

    fn advice(self, advice: impl Into<String>) -> Self {
        Self { advice: advice.into(), ..self }
    }

    fn is_fatal(&self) -> bool {
        self.required && self.state != State::InForce
    }
}

fn report(measures: &[Measure]) -> String {
    let rows: Vec<_> = measures
        .iter()
        .map(|measure| {
            let state = match measure.state {
                State::InForce => "in force",
                State::Missing => "MISSING",
                State::Unavailable => "UNAVAILABLE",
            };
            let cells = [&*measure.name, state, measure.why.as_str(), measure.advice.as_str()];
            cells.map(str::to_owned).to_vec()
        })
        .collect();
    let mut text = table(&["MEASURE", "STATE", "WHY", "WHAT TO DO"], &rows);
    let fatal = measures.iter().filter(|measure| measure.is_fatal()).count();
    if fatal > 0 {
        text.push_str(&format!("\n{fatal} of these must hold before `insula serve` can work\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_required_is_fatal() {
        let missing = Measure::new("a", State::Missing, "why");
        assert!(!missing.is_fatal());
        assert!(missing.clone().required().is_fatal());
        assert!(Measure::new("b", State::Unavailable, "why").required().is_fatal());
        assert!(!Measure::new("c", State::InForce, "why").required().is_fatal());
        assert!(report(&[missing.required()]).contains("1 of these must hold"));
    }

    #[test]
    fn what_does_not_hold_comes_with_advice() {
        let walls = walls::rows(&insula_jail::probe(None));
        for measure in cordon::measures(None).into_iter().chain(walls).chain(machine::measures()) {
            assert_eq!(measure.state == State::InForce, measure.advice.is_empty(), "{measure:?}");
            assert!(!measure.why.is_empty(), "{measure:?}");
        }
    }
}
