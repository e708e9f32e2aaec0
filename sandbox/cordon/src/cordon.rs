use std::convert::Infallible;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use insula_jail::{JailError, Pace, set_pace};
use insula_platform::{Image, PlatformError};
use insula_spidermonkey::{Engine, EngineError, Isolate, IsolateOptions, Jit, Seed, exit_now};
use insula_wire::{CordonMessage, ExitReason, SupervisorMessage, VERSION};
use thiserror::Error;

use crate::caretaker::Caretaker;
use crate::control::{ControlError, ControlLink};
use crate::isolate;
use crate::watchdog::{Report, Watchdog};

/// Native stack of an isolate's thread: the engine's quota, and room for the ops above it.
pub(crate) const STACK_BYTES: usize = 2 << 20;

/// Why a cordon does not start, or stops serving. One variant per step.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum CordonError {
    /// The control link.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// Giving up what is not needed.
    #[error(transparent)]
    Jail(#[from] JailError),
    /// Starting the engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Compiling the platform.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// Catching faults, to tell whose they are.
    #[error("cannot catch faults: {0}")]
    Faults(std::io::Error),
    /// Starting a thread.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
    /// Supervisor and cordon are of different versions.
    #[error("the supervisor speaks version {supervisor}, this cordon {VERSION}; install both anew")]
    Version {
        /// The supervisor's version.
        supervisor: u16,
    },
    /// The first message was not a greeting, or a start came without a socket.
    #[error("the supervisor broke the protocol: {0}")]
    Protocol(&'static str),
}

/// What isolate threads share.
pub(crate) struct Shared {
    pub(crate) image: Image,
    pub(crate) watchdog: Watchdog,
    pub(crate) caretaker: Caretaker,
    control: ControlLink,
    isolates: AtomicUsize,
    draining: AtomicBool,
}

/// The process, from its main thread.
pub(crate) struct Cordon {
    engine: Engine,
    shared: Arc<Shared>,
}

impl Cordon {
    /// Sees to it that a fault names its isolate, starts the engine, compiles the platform and
    /// starts the watchdog.
    pub(crate) fn start(control: ControlLink, jit: Jit) -> Result<Self, CordonError> {
        insula_jail::report_crashes(CordonMessage::crashed_packet).map_err(CordonError::Faults)?;
        // Threads have the pace of who starts them: the engine's helpers compile and sweep on behalf of
        // isolates that compute, and shall not keep others waiting. A machine that does not allow it is slower for them,
        // and no less a wall.
        let _ = set_pace(0, Pace::Patient);
        let engine = Engine::start(jit)?;
        let _ = set_pace(0, Pace::Prompt);
        let image = compile_platform(engine.seed())?;
        let watchdog = Watchdog::start().map_err(CordonError::Thread)?;
        let shared = Shared {
            image,
            watchdog,
            caretaker: Caretaker::start().map_err(CordonError::Thread)?,
            control,
            isolates: AtomicUsize::new(0),
            draining: AtomicBool::new(false),
        };
        Ok(Self { engine, shared: Arc::new(shared) })
    }

    /// Serves the supervisor until it is gone. Does not return otherwise: isolates run on other
    /// threads, so the process ends without unwinding them.
    pub(crate) fn serve(&self) -> Result<Infallible, CordonError> {
        let control = &self.shared.control;
        match control.receive()? {
            Some((SupervisorMessage::Hello { version: VERSION }, _)) => {}
            Some((SupervisorMessage::Hello { version }, _)) => {
                return Err(CordonError::Version { supervisor: version });
            }
            Some(_) => return Err(CordonError::Protocol("it did not say hello first")),
            None => exit_now(0),
        }
        control.send(&CordonMessage::Hello { version: VERSION });
        loop {
            match control.receive() {
                Ok(Some((SupervisorMessage::Start { isolate }, Some(socket)))) => {
                    self.start_isolate(isolate, socket);
                }
                Ok(Some((SupervisorMessage::Drain, _))) => {
                    self.shared.draining.store(true, Ordering::SeqCst);
                    self.shared.exit_if_drained();
                }
                Ok(None) => exit_now(0),
                Ok(Some(_)) => {
                    eprintln!("insula-cordon: the supervisor sent what makes no sense");
                    exit_now(1);
                }
                Err(error) => {
                    eprintln!("insula-cordon: {error}");
                    exit_now(1);
                }
            }
        }
    }

    fn start_isolate(&self, id: u64, socket: OwnedFd) {
        let seed = self.engine.seed();
        let shared = self.shared.clone();
        shared.isolates.fetch_add(1, Ordering::SeqCst);
        let thread = std::thread::Builder::new().name("isolate".into()).stack_size(STACK_BYTES);
        let started = thread.spawn(move || {
            let reason = isolate::run(id, seed, socket, &shared);
            shared.isolate_ended(id, reason);
        });
        if let Err(error) = started {
            eprintln!("insula-cordon: cannot start an isolate's thread: {error}");
            self.shared.isolate_ended(id, ExitReason::NoIsolate);
        }
    }
}

impl Shared {
    /// Tells the supervisor what it has to know of an isolate.
    pub(crate) fn report(&self, isolate: u64, report: Report) {
        match report {
            Report::Stuck => self.control.send(&CordonMessage::Stuck { isolate }),
            Report::Long(spent) => {
                let cpu_us = u32::try_from(spent.as_micros()).unwrap_or(u32::MAX);
                self.control.hint(&CordonMessage::Long { isolate, cpu_us });
            }
        }
    }

    fn isolate_ended(&self, isolate: u64, reason: ExitReason) {
        self.control.send(&CordonMessage::Exited { isolate, reason });
        self.isolates.fetch_sub(1, Ordering::SeqCst);
        self.exit_if_drained();
    }

    fn exit_if_drained(&self) {
        if self.draining.load(Ordering::SeqCst) && self.isolates.load(Ordering::SeqCst) == 0 {
            exit_now(0);
        }
    }
}

/// Compiles the platform in an isolate of its own, which is thrown away.
fn compile_platform(seed: Seed) -> Result<Image, CordonError> {
    let compile = move || -> Result<Image, CordonError> {
        let mut isolate = Isolate::new(seed, &IsolateOptions::default())?;
        let image = isolate.enter(|scope| {
            Image::compile(scope).map_err(|throw| {
                let thrown = scope.take_exception(throw);
                CordonError::Platform(PlatformError::new(format!("{thrown:?}")))
            })
        })?;
        isolate.shrink();
        Ok(image)
    };
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    let compiled = thread.spawn(compile).map_err(CordonError::Thread)?.join();
    compiled.unwrap_or(Err(CordonError::Protocol("the platform's compiler panicked")))
}
