//! A cordon: the process that holds isolates. The supervisor starts it with one end of a packet
//! socket as standard input, and nothing else.
//!
//! 1. lock itself in, up to the last wall ([`insula_jail::confine`]);
//! 2. take over the control link;
//! 3. start the engine and compile the platform, then the watchdog;
//! 4. raise the last wall, the system call filter, before there is any tenant code;
//! 5. greet the supervisor and start isolates as it asks, until it goes or says to drain.

mod caretaker;
mod control;
mod cordon;
mod isolate;
mod pacer;
mod thread_clock;
mod watchdog;

use std::process::ExitCode;

use cordon::CordonError;
use insula_spidermonkey::Jit;

/// What isolates take is charged to them, what this crate takes for them too.
#[global_allocator]
static ALLOCATOR: insula_memory::Charged = insula_memory::Charged;

fn main() -> ExitCode {
    match boot() {
        Ok(never) => match never {},
        Err(error) => {
            eprintln!("insula-cordon: {error}");
            ExitCode::FAILURE
        }
    }
}

fn boot() -> Result<std::convert::Infallible, CordonError> {
    // Before anything is opened: a descriptor that should not be there is refused.
    let confined = insula_jail::confine(insula_jail::Mode::from_arguments())?;
    insula_memory::settle_threshold();
    // All threads begin like this one. A kernel that does not know it goes on as it always has.
    let _ = insula_jail::set_pace(0, insula_jail::Pace::Prompt);
    let control = control::ControlLink::from_stdin()?;
    let jit = if insula_jail::may_jit() { Jit::On } else { Jit::Off };
    let cordon = cordon::Cordon::start(control, jit)?;
    for missing in confined.filter()? {
        eprintln!("insula-cordon: a wall is missing: {missing}");
    }
    cordon.serve()
}
