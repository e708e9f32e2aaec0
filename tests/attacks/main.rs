//! The attack suite: hostile programs, one in a file, tried on the real binaries, as root and as an
//! ordinary user.
//!
//! A `.js` file is an attacker's module. Its leading comment says what it tries and what the driver
//! needs to know ([`driver::Program`]); it answers with everything that it could lay hands on, and
//! names in `through` what it should not have been able to do. An `.rs` file attacks from a client,
//! or from a cordon that has been taken over. Around each of them the driver asks a victim, looks
//! for canaries in all that came out, and looks at the host ([`driver::Watch`]).
//!
//! The tries of one kind of user are one test, because they share servers. `INSULA_ATTACKS=word`
//! tries only those with `word` in their name.

/// Declares a group's modules, and lists the attack in each.
macro_rules! attacks {
    ($($name:ident,)*) => {
        $(mod $name;)*
        pub const ATTACKS: &[(&str, crate::driver::Attack)] = &[
            $((stringify!($name), |scene| Box::pin($name::attack(scene)))),*
        ];
    };
}
use attacks;

mod calls;
mod clients;
mod control;
mod driver;
mod frames;
mod handshakes;
mod memory;
mod names;
mod processes;

use std::process::ExitCode;

use driver::{Attack, Cordon, User, selftest};
use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    if let Some(done) = names::namespace::inside() {
        return done;
    }
    // What a panic says is in the verdict. Where it was is enough beside.
    std::panic::set_hook(Box::new(|panic| {
        eprintln!("{}", panic.location().map_or_else(String::new, |at| format!("panic at {at}")))
    }));
    let trials = vec![
        user("as_root", User::Root),
        user("as_an_ordinary_user", User::Ordinary),
        trial("the_driver_sees_what_gets_through", selftest::run),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// All attacks on servers of one kind of user.
fn user(name: &'static str, user: User) -> Trial {
    let possible = user.is_possible();
    if !possible {
        eprintln!("{name} is left out: only root can start a server as {user}");
    }
    trial(name, move || driver::try_all(user)).with_ignored_flag(!possible)
}

fn trial<F: Future<Output = Result<(), String>>>(
    name: &'static str,
    work: impl FnOnce() -> F + Send + 'static,
) -> Trial {
    Trial::test(name, move || {
        let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
        Ok(runtime.block_on(work())?)
    })
}

/// The Rust attacks of a group, and which cordon its server has.
fn attacks_in(group: &str) -> (Cordon, &'static [(&'static str, Attack)]) {
    match group {
        "clients" => (Cordon::Real, clients::ATTACKS),
        "calls" => (Cordon::Hostile, calls::ATTACKS),
        "control" => (Cordon::Hostile, control::ATTACKS),
        "memory" => (Cordon::Real, memory::ATTACKS),
        "names" => (Cordon::Real, names::ATTACKS),
        "processes" => (Cordon::Real, processes::ATTACKS),
        "frames" => (Cordon::Hostile, frames::ATTACKS),
        "handshakes" => (Cordon::Hostile, handshakes::ATTACKS),
        _ => (Cordon::Real, &[]),
    }
}
