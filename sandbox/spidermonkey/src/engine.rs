use mozjs::rust::{JSEngine, ParentRuntime, Runtime};
use thiserror::Error;

/// The process-wide engine and the parent runtime that all isolates share atoms and self-hosted
/// code with. Lives on the thread that made it; every isolate must be gone before it is dropped.
pub struct Engine {
    // Field order is drop order: the parent runtime goes before the engine.
    parent: Runtime,
    _engine: JSEngine,
}

/// Whether the engine may make machine code at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jit {
    /// It may.
    On,
    /// It interprets. No memory is ever executable beside the program's own; there is no
    /// WebAssembly.
    Off,
}

/// The right to make one isolate, on any thread.
pub struct Seed(pub(crate) ParentRuntime);

/// Why the engine is not to be had. An operator's or Insula's fault, never a tenant's.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The engine runs already, or ran before: once per process.
    #[error("the engine can be started only once in a process")]
    AlreadyStarted,
    /// The engine could not initialise.
    #[error("the engine could not initialise")]
    InitFailed,
    /// There is no thread for the engine's helpers.
    #[error("no thread for the engine's helpers can be made: {0}")]
    NoThread(#[source] std::io::Error),
    /// A realm could not be created: out of memory.
    #[error("a realm could not be created: out of memory")]
    NoRealm,
}

impl Engine {
    /// Starts the engine.
    ///
    /// # Errors
    ///
    /// [`EngineError::AlreadyStarted`], [`EngineError::InitFailed`], [`EngineError::NoThread`].
    pub fn start(jit: Jit) -> Result<Self, EngineError> {
        if jit == Jit::Off {
            // SAFETY: it sets a flag that the initialisation below reads; if the engine runs
            // already, that fails.
            unsafe { mozjs::jsapi::JS::DisableJitBackend() };
        }
        let engine = JSEngine::init().map_err(|error| match error {
            mozjs::rust::JSEngineError::InitFailed => EngineError::InitFailed,
            _ => EngineError::AlreadyStarted,
        })?;
        crate::helpers::provide().map_err(EngineError::NoThread)?;
        let mut parent = Runtime::new(engine.handle());
        // SAFETY: the context was made on this thread just now and has run nothing.
        unsafe { crate::policy::harden_process(parent.cx().raw_cx()) };
        Ok(Self { parent, _engine: engine })
    }

    /// A seed for one isolate. The engine cannot be dropped while the seed or its isolate lives.
    pub fn seed(&self) -> Seed {
        Seed(self.parent.prepare_for_new_child())
    }
}

/// Ends the process without running destructors: the engine's abort the process when isolates
/// still live on other threads.
pub fn exit_now(status: i32) -> ! {
    // SAFETY: `_exit` has no preconditions; nothing runs after it.
    unsafe { libc::_exit(status) }
}
