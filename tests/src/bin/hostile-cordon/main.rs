//! A cordon that has been taken over: no engine, and a will of its own. It enters the jail as the
//! real one does, or nobody would let it near a tenant, and speaks the protocol by hand.
//!
//! Towards most tenants it behaves well. A tenant whose variable `PLAN` is set has it carried out
//! on the first request for `/attack`, and the one in `PLAN_AT_START` in the place of `Ready`
//! ([`plan`]). A file `handshake` beside the binary, read before the walls stand, says how it greets
//! instead ([`handshake`]).

mod calls;
mod control;
mod handshake;
mod isolate;
mod plan;

use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use handshake::Handshake;
use insula_wire::{CordonMessage, ExitReason, SupervisorMessage, VERSION};

fn main() -> ExitCode {
    let handshake = Handshake::read();
    match insula_jail::confine(insula_jail::Mode::from_arguments())
        .and_then(|confined| confined.filter())
    {
        Ok(_) => serve(handshake),
        Err(error) => {
            eprintln!("hostile-cordon: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until the control link closes.
fn serve(handshake: Handshake) -> ExitCode {
    while let Some((message, fd)) = control::receive() {
        match (message, fd) {
            (SupervisorMessage::Hello { .. }, _) => match &handshake.hello {
                Some(packet) if packet.is_empty() => eprintln!("it says nothing"),
                Some(packet) => control::send(packet),
                None => control::send(&CordonMessage::Hello { version: VERSION }.encode()),
            },
            (SupervisorMessage::Start { isolate }, Some(fd)) => {
                let blank = handshake.blank.clone();
                std::thread::spawn(move || {
                    // The end of the link, however it comes about, is the end of the isolate.
                    let _ = isolate::serve(UnixStream::from(fd), blank);
                    let reason = ExitReason::Closed;
                    control::send(&CordonMessage::Exited { isolate, reason }.encode());
                });
            }
            (SupervisorMessage::Start { .. } | SupervisorMessage::Drain, _) => break,
        }
    }
    ExitCode::SUCCESS
}
