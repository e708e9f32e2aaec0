use std::env;

/// The argument that [`Mode::Lenient`] travels by.
const LENIENT: &str = "--insecure-walls";

/// What happens when the machine does not allow a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The cordon does not start.
    Strict,
    /// The step is left out and reported. Only for an operator who asked for it.
    Lenient,
}

impl Mode {
    /// What the arguments of this process say; they are those that [`command`](crate::command)
    /// gives.
    pub fn from_arguments() -> Self {
        match env::args_os().skip(1).any(|argument| argument == LENIENT) {
            true => Self::Lenient,
            false => Self::Strict,
        }
    }

    pub(crate) fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Strict => &[],
            Self::Lenient => &[LENIENT],
        }
    }
}
