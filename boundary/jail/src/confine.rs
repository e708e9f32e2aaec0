//! The way in, step by step.

use crate::privileges::{self, Identity};
use crate::spawn::may_jit;
use crate::steps::Steps;
use crate::{JailError, Landlock, Mode, filter, limits, namespaces, relay, root, rules, start};

/// A process behind all walls but the last.
#[must_use = "the last wall is the system call filter"]
#[derive(Debug)]
pub struct Confined {
    mode: Mode,
    missing: Vec<JailError>,
    landlock: Landlock,
}

/// Locks this process in; the list is at the top of this crate. To be called first thing in
/// `main`, in a process that the host started by [`command`](crate::command), before anything is
/// opened and any thread started.
///
/// Returns in another process than it was called in: a child, whose parent only waits for it and
/// ends as it ends. Standard input is the control link still, unread; standard error is the log;
/// standard output is the log too.
///
/// # Errors
///
/// [`JailError`], one variant per step. In [`Mode::Lenient`] a step that the machine does not
/// allow is [missing](Confined::missing) instead.
pub fn confine(mode: Mode) -> Result<Confined, JailError> {
    privileges::end_with_parent()?;
    start::learn_the_machine();
    start::check()?;
    start::wait_for_supervisor()?;
    let mut steps = Steps::new(mode);
    let landlock = lock_in(&mut steps, mode)?;
    Ok(Confined { mode, missing: steps.into_missing(), landlock })
}

/// All steps that do not depend on how the process was started.
pub(crate) fn lock_in(steps: &mut Steps, mode: Mode) -> Result<Landlock, JailError> {
    let privileged = privileges::may_administer();
    let identity = Identity::choose(privileged);
    let made = namespaces::leave(steps, privileged)?;
    if made.mount {
        steps.take(root::empty())?;
    }
    let parent = match made.process {
        true => steps.take(relay::part(identity, mode))?,
        false => None,
    };
    steps.take(limits::set())?;
    privileges::give_up(steps, identity)?;
    if let Some(parent) = parent {
        parent.is_there()?;
    }
    Ok(steps.take(rules::deny_all())?.unwrap_or(Landlock::Missing))
}

impl Confined {
    /// Steps that this machine did not allow; none in [`Mode::Strict`].
    pub fn missing(&self) -> &[JailError] {
        &self.missing
    }

    /// What Landlock adds on this kernel.
    pub fn landlock(&self) -> Landlock {
        self.landlock
    }

    /// Forbids every thread of this process, and those that it will start, every system call but
    /// those of [`system_calls`](crate::system_calls): the kernel kills the process for any other.
    /// To be called when the engine has started and before any tenant code.
    ///
    /// Returns the steps that this machine did not allow; none in [`Mode::Strict`].
    ///
    /// # Errors
    ///
    /// [`JailError::FilterBuild`] or [`JailError::FilterInstall`].
    pub fn filter(self) -> Result<Vec<JailError>, JailError> {
        let mut missing = self.missing;
        match (filter::install(filter::CORDON, may_jit()), self.mode) {
            (Err(error), Mode::Strict) => return Err(error),
            (Err(error), Mode::Lenient) => missing.push(error),
            (Ok(()), _) => {}
        }
        Ok(missing)
    }
}
