//! A cordon: the process that holds isolates. The supervisor starts it with one end of a packet
//! socket as standard input, and nothing else.
//!
//! 1. give up what is not needed ([`insula_jail::enter`]);
//! 2. start the engine and compile the platform;
//! 3. start the watchdog;
//! 4. greet the supervisor and start isolates as it asks, until it goes or says to drain.

mod control;
mod cordon;
mod isolate;
mod thread_clock;
mod watchdog;

use std::process::ExitCode;

use cordon::CordonError;

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
    let control = control::ControlLink::from_stdin()?;
    insula_jail::enter()?;
    let cordon = cordon::Cordon::start(control)?;
    cordon.serve()
}
