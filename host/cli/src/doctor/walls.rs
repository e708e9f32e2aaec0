use insula_jail::State as JailState;

use super::{Measure, State};

/// What stands around a cordon on this machine, in this build.
pub fn measures() -> Vec<Measure> {
    insula_jail::measures().into_iter().map(Measure::from).collect()
}

/// What every start of a server has to say about its walls; `None` once there is nothing.
pub fn walls_warning() -> Option<String> {
    let measures = measures();
    let missing: Vec<_> =
        measures.iter().filter(|it| it.state != State::InForce).map(|it| it.name).collect();
    (!missing.is_empty()).then(|| {
        format!(
            "the walls are incomplete: cordons run without {}; serve only code that you trust \
             (see `insula doctor`)",
            missing.join(", ")
        )
    })
}

impl From<insula_jail::Measure> for Measure {
    fn from(measure: insula_jail::Measure) -> Self {
        let state = match measure.state {
            JailState::InForce => State::InForce,
            JailState::Missing => State::Missing,
            JailState::Unavailable => State::Unavailable,
        };
        Self::new(measure.name, state, measure.why).advice(measure.advice)
    }
}
