//! One isolate: a thread, a runtime, a socket.
//!
//! 1. *blank*: the runtime is made and the platform evaluated; nothing of a tenant's is here;
//! 2. *boot*: the host names limits and sends a deployment, which is evaluated;
//! 3. *serving*: the event loop waits for the socket and the next timer, and for nothing else.

mod allowance;
mod boot;
mod link;
mod meter;
mod requests;
mod serve;
mod timers;

use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;

use insula_jail::{Pace, set_pace};
use insula_memory::Account;
use insula_platform::Platform;
use insula_spidermonkey::{InterruptAction, Isolate, IsolateOptions, Seed};
use insula_wire::{ExitReason, IsolateFrame, VERSION};

use crate::cordon::Shared;
use boot::BootEnd;
use requests::IsolateHost;

/// The life of an isolate, on its thread. A panic is a defect of Insula and ends the isolate
/// alone.
pub(crate) fn run(id: u64, seed: Seed, socket: OwnedFd, shared: &Arc<Shared>) -> ExitReason {
    insula_jail::run_isolate(id);
    let life = || live(id, seed, socket, shared);
    catch_unwind(AssertUnwindSafe(life)).unwrap_or_else(|_| {
        eprintln!("insula-cordon: isolate {id} panicked: a defect of Insula");
        ExitReason::Defect
    })
}

fn live(id: u64, seed: Seed, socket: OwnedFd, shared: &Arc<Shared>) -> ExitReason {
    // Until it has shown to need little; see `crate::pacer`.
    let _ = set_pace(0, Pace::Patient);
    let Some(account) = Account::open().map(Arc::new) else { return ExitReason::NoIsolate };
    let _afterwards = Afterwards(account.clone(), shared);
    let _attached = account.attach();
    let Ok(mut isolate) = Isolate::new(seed, &IsolateOptions::default()) else {
        return ExitReason::NoIsolate;
    };
    let watch = {
        let shared = shared.clone();
        let handle = isolate.interrupt_handle();
        let watchdog = shared.clone();
        let account = account.clone();
        watchdog.watchdog.watch(handle, account, move |report| shared.report(id, report))
    };
    let Ok(host) = IsolateHost::new(socket, watch, account.clone()) else {
        return ExitReason::Closed;
    };
    let host = Rc::new(host);
    let meter = host.clone();
    isolate.on_interrupt(move || match meter.meter.check() {
        true => InterruptAction::Continue,
        false => InterruptAction::Terminate,
    });
    let platform = match Platform::install(&mut isolate, &shared.image, host.clone()) {
        Ok(platform) => platform,
        Err(error) => {
            eprintln!("insula-cordon: {error}");
            return ExitReason::Defect;
        }
    };
    host.link.queue(&IsolateFrame::Hello { version: VERSION });
    let reason = match boot::boot(&mut isolate, &platform, &host, &account) {
        Ok(decoder) => serve::serve(&mut isolate, &platform, &host, &shared.caretaker, decoder),
        Err(BootEnd::Closed) => ExitReason::Closed,
        Err(BootEnd::Protocol) => ExitReason::Protocol,
        Err(BootEnd::Failed) => ExitReason::BootFailed,
    };
    host.link.flush_blocking();
    if isolate.has_defect() { ExitReason::Defect } else { reason }
}

/// What is done when everything else of an isolate is gone.
struct Afterwards<'a>(Arc<Account>, &'a Shared);

impl Drop for Afterwards<'_> {
    fn drop(&mut self) {
        self.1.caretaker.leave(self.0.usage().peak);
    }
}
