use crate::{JailError, Mode};

/// The steps taken so far, as far as they failed.
pub(crate) struct Steps {
    mode: Mode,
    missing: Vec<JailError>,
}

impl Steps {
    pub(crate) fn new(mode: Mode) -> Self {
        Self { mode, missing: Vec::new() }
    }

    /// Notes how a step ended; what it returned is there if it was taken.
    ///
    /// # Errors
    ///
    /// That of the step, when steps must not fail.
    pub(crate) fn take<T>(&mut self, result: Result<T, JailError>) -> Result<Option<T>, JailError> {
        match (result, self.mode) {
            (Ok(value), _) => Ok(Some(value)),
            (Err(error), Mode::Strict) => Err(error),
            (Err(error), Mode::Lenient) => {
                self.missing.push(error);
                Ok(None)
            }
        }
    }

    /// The steps that were left out.
    pub(crate) fn into_missing(self) -> Vec<JailError> {
        self.missing
    }
}
