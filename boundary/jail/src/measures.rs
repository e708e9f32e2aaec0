//! The measures of the wall, as rows for an operator.

use std::borrow::Cow;

/// Whether a measure protects cordons on this machine, in this build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Every cordon has it.
    InForce,
    /// This build has it, the machine does not allow it.
    Unavailable,
}

/// One measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Its short name.
    pub name: Cow<'static, str>,
    /// Whether it protects.
    pub state: State,
    /// What it protects against, or why it does not.
    pub why: String,
    /// What an operator can do; empty when there is nothing to do.
    pub advice: String,
}

impl Measure {
    pub(crate) fn in_force(name: &'static str, why: &str) -> Self {
        Self {
            name: name.into(),
            state: State::InForce,
            why: why.to_owned(),
            advice: String::new(),
        }
    }

    pub(crate) fn unavailable(name: &'static str, why: String, advice: &str) -> Self {
        Self { name: name.into(), state: State::Unavailable, why, advice: advice.to_owned() }
    }
}
