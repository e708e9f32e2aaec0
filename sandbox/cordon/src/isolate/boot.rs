//! From a blank isolate to one that serves a deployment.

use std::time::Duration;

use insula_memory::Account;
use insula_platform::{Platform, report};
use insula_spidermonkey::{ErrorInfo, Isolate, ModuleBody, PromiseState, Scope, Throw, Thrown};
use insula_wire::{BootFailure, Decoder, Exports, HostFrame, IsolateFrame, ModuleKind, VERSION};

use crate::isolate::link::{Closed, Received};
use crate::isolate::requests::IsolateHost;

/// After so long without a deployment a blank isolate rehearses its first answer.
const SOON: Duration = Duration::from_millis(10);
/// After so long again it makes itself small: it may wait for long.
const LATER: Duration = Duration::from_millis(200);

/// How a boot ended when it did not succeed.
#[derive(Debug)]
pub(crate) enum BootEnd {
    /// The host went away, or had no use for this isolate.
    Closed,
    /// The host broke the protocol.
    Protocol,
    /// The deployment does not start; the host was told why.
    Failed,
}

impl From<Closed> for BootEnd {
    fn from(_: Closed) -> Self {
        Self::Closed
    }
}

/// A deployment as it arrives.
#[derive(Default)]
struct Delivery {
    entry: String,
    modules: u32,
    variables: Vec<(String, String)>,
    expected_modules: u32,
    expected_variables: u32,
}

/// A deployment that does not start.
struct Failure {
    failure: BootFailure,
    error: ErrorInfo,
}

/// Receives a deployment, evaluates it, and tells the host how that went. What has followed the deployment is
/// in the decoder.
pub(crate) fn boot(
    isolate: &mut Isolate,
    platform: &Platform,
    host: &IsolateHost,
    account: &Account,
) -> Result<Decoder, BootEnd> {
    let mut decoder = Decoder::for_isolate();
    let mut delivery = receive(isolate, platform, host, account, &mut decoder)?;
    platform.provide_variables(std::mem::take(&mut delivery.variables));
    isolate.set_time(host.advance_clock());
    host.meter.begin(Duration::from_micros(host.limits().cpu_startup_us));
    let started = start(isolate, platform, host, &delivery, &mut decoder);
    let took = host.meter.end();
    let started = match started {
        _ if host.meter.is_exceeded() => Err(Failure {
            failure: BootFailure::CpuLimit,
            error: message(format!(
                "Start-up took more than {} ms of CPU time.",
                host.limits().cpu_startup_us / 1000
            )),
        }),
        _ if isolate.is_out_of_memory() || host.meter.is_thrashing() => Err(Failure {
            failure: BootFailure::MemoryLimit,
            error: message("Start-up ran out of memory.".to_owned()),
        }),
        started => started,
    };
    match started {
        Ok(exports) => {
            let cpu_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            host.link.queue(&IsolateFrame::Ready { cpu_us, exports });
            host.tell_memory();
            // Before the first request runs: one that the host believes untouched is carried out again.
            host.link.flush_blocking();
            Ok(decoder)
        }
        Err(Failure { failure, mut error }) => {
            let error = report(&mut error);
            host.link.queue(&IsolateFrame::BootFailed { failure, error });
            Err(BootEnd::Failed)
        }
    }
}

/// Waits for the host to send a deployment, up to `Start`.
fn receive(
    isolate: &mut Isolate,
    platform: &Platform,
    host: &IsolateHost,
    account: &Account,
    decoder: &mut Decoder,
) -> Result<Delivery, BootEnd> {
    let mut delivery = Delivery::default();
    let mut greeted = false;
    // Only a blank isolate has nothing to do.
    let mut chores = [SOON, LATER].into_iter();
    let mut patience = chores.next();
    loop {
        host.link.flush()?;
        let received = host.link.receive(decoder, patience, true)?;
        if received == Received::Nothing && patience.is_some() {
            if patience == Some(LATER) {
                // What evaluating the platform has left behind goes, and much of the rehearsal with it.
                isolate.shrink();
            }
            rehearse(isolate, platform);
            patience = chores.next();
        }
        while let Some(frame) = decoder.next().map_err(|_| BootEnd::Protocol)? {
            match frame {
                HostFrame::Hello { version: VERSION, limits } if !greeted => {
                    greeted = true;
                    host.set_limits(limits);
                    isolate.allow_wasm(limits.wasm);
                    account.set_limit(limits.memory_bytes);
                    // Far above: a collector near its own cap collects again and again, while a
                    // refusal of pages ends what goes on at once.
                    let heap = limits.memory_bytes.saturating_mul(2);
                    isolate.set_heap_limit(u32::try_from(heap).unwrap_or(u32::MAX));
                }
                HostFrame::Shutdown { .. } => return Err(BootEnd::Closed),
                HostFrame::Start if greeted => {
                    let complete = delivery.modules == delivery.expected_modules
                        && delivery.variables.len() == delivery.expected_variables as usize;
                    return if complete { Ok(delivery) } else { Err(BootEnd::Protocol) };
                }
                frame if greeted => accept(isolate, &mut delivery, frame)?,
                _ => return Err(BootEnd::Protocol),
            }
        }
    }
}

/// Does what next to every deployment does for its first answer: an engine compiles a function when it is first
/// called.
fn rehearse(isolate: &mut Isolate, platform: &Platform) {
    isolate.enter(|scope| {
        if let Err(throw) = platform.warm_up(scope) {
            // What could not be had now may be had when it is needed.
            let _ = scope.take_exception(throw);
        }
    });
}

fn accept(
    isolate: &mut Isolate,
    delivery: &mut Delivery,
    frame: HostFrame<'_>,
) -> Result<(), BootEnd> {
    match frame {
        HostFrame::Boot { entry, modules, variables } => {
            delivery.entry = entry.to_owned();
            delivery.expected_modules = modules;
            delivery.expected_variables = variables;
        }
        HostFrame::Module { name, kind, source } => {
            delivery.modules += 1;
            let body = module_body(kind, source).ok_or(BootEnd::Protocol)?;
            isolate.enter(|scope| scope.add_module(name, body));
        }
        HostFrame::Variable { name, value } => {
            delivery.variables.push((name.to_owned(), value.to_owned()));
        }
        _ => return Err(BootEnd::Protocol),
    }
    let within = delivery.modules <= delivery.expected_modules
        && delivery.variables.len() <= delivery.expected_variables as usize;
    if within { Ok(()) } else { Err(BootEnd::Protocol) }
}

fn module_body(kind: ModuleKind, source: &[u8]) -> Option<ModuleBody> {
    let text = |source: &[u8]| String::from_utf8(source.to_vec()).ok();
    Some(match kind {
        ModuleKind::JavaScript => ModuleBody::JavaScript(text(source)?),
        ModuleKind::Json => ModuleBody::Json(text(source)?),
        ModuleKind::Text => ModuleBody::Text(text(source)?),
        ModuleKind::Data => ModuleBody::Data(source.to_vec()),
        ModuleKind::Wasm => ModuleBody::Wasm(source.to_vec()),
    })
}

/// Evaluates the entry module, waits for its top-level awaits, and looks at what it exports.
fn start(
    isolate: &mut Isolate,
    platform: &Platform,
    host: &IsolateHost,
    delivery: &Delivery,
    decoder: &mut Decoder,
) -> Result<Exports, Failure> {
    let promise = isolate.enter(|scope| {
        let promise = scope
            .evaluate_module(&delivery.entry)
            .map_err(|throw| failure_of(scope, throw, BootFailure::Exception))?;
        Ok(scope.persist(promise))
    })?;
    loop {
        let state = isolate.enter(|scope| {
            let _ = platform.settle(scope);
            let promise = scope.local(&promise);
            scope.promise_state(promise)
        });
        if host.link.flush().is_err() || host.meter.is_exceeded() {
            return Err(never_settles());
        }
        match state {
            Some(PromiseState::Fulfilled) => break,
            Some(PromiseState::Rejected) => {
                return Err(isolate.enter(|scope| {
                    let promise = scope.local(&promise);
                    let _ = scope.mark_handled(promise);
                    let reason = scope.promise_result(promise);
                    let throw = scope.throw(reason);
                    failure_of(scope, throw, BootFailure::Exception)
                }));
            }
            Some(PromiseState::Pending) | None => run_next_timer(isolate, platform, host, decoder)?,
        }
    }
    isolate.enter(|scope| {
        // Rejections that `settle` has reported as unhandled before were none of this promise's.
        let configured = scope
            .module_namespace(&delivery.entry)
            .and_then(|namespace| platform.configure(scope, namespace));
        match configured {
            Ok(Exports { fetch: false, scheduled: false }) => Err(Failure {
                failure: BootFailure::NoHandler,
                error: ErrorInfo {
                    file: delivery.entry.clone(),
                    line: 1,
                    column: 1,
                    ..message(NO_HANDLER.to_owned())
                },
            }),
            Ok(exports) => Ok(exports),
            Err(throw) => Err(failure_of(scope, throw, BootFailure::Exception)),
        }
    })
}

const NO_HANDLER: &str = "The entry module has no default export with a fetch method, and no \
    listener of 'fetch' was added.";

/// Top-level await waits: the next timer may help, and nothing else can, since a module cannot
/// fetch before there is a request.
fn run_next_timer(
    isolate: &mut Isolate,
    platform: &Platform,
    host: &IsolateHost,
    decoder: &mut Decoder,
) -> Result<(), Failure> {
    let next = host.timers.borrow().next(std::time::Instant::now(), Duration::ZERO);
    let Some(delay) = next else { return Err(never_settles()) };
    // Requests may arrive, which wait, and the end of the link.
    if !delay.is_zero() && host.link.receive(decoder, Some(delay), true).is_err() {
        return Err(never_settles());
    }
    isolate.set_time(host.advance_clock());
    let due = host.timers.borrow_mut().take_due(std::time::Instant::now(), true, |_| false);
    if let Some((id, _)) = due {
        isolate.enter(|scope| {
            let _ = platform.timer(scope, id);
        });
    }
    Ok(())
}

/// What `throw` says, as a boot failure.
fn failure_of(scope: &mut Scope<'_>, throw: Throw, otherwise: BootFailure) -> Failure {
    let unresolved = scope.take_unresolved_import();
    let error = match scope.take_exception(throw) {
        Thrown::Exception(error) => error,
        Thrown::Terminated => message("The isolate was terminated.".to_owned()),
    };
    if let Some(import) = unresolved {
        return Failure {
            failure: BootFailure::MissingModule,
            error: ErrorInfo {
                file: import.referrer,
                line: import.line,
                column: import.column,
                ..error
            },
        };
    }
    let is_syntax = error.message.starts_with("SyntaxError:") && error.stack.is_empty();
    Failure { failure: if is_syntax { BootFailure::Syntax } else { otherwise }, error }
}

fn never_settles() -> Failure {
    Failure {
        failure: BootFailure::NeverSettles,
        error: message("Top-level await waits for a promise that nothing can settle.".to_owned()),
    }
}

fn message(message: String) -> ErrorInfo {
    ErrorInfo { message, ..ErrorInfo::default() }
}
