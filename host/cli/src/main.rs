//! The `insula` command.

mod args;
mod client;
mod config;
mod deploying;
mod dev;
mod diagnostic;
mod doctor;
mod failure;
mod package;
mod server;
mod text;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use failure::Failure;

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let text = failure.to_string();
            if !text.is_empty() {
                eprintln!("{text}");
            }
            failure.exit_code()
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Launcher(args) => server::launcher(&args),
        Command::Serve(args) => server::serve(&args),
        Command::Dev(args) => dev::dev(&args),
        Command::Deploy(args) => client::deploy(&args),
        Command::Tenants(args) => client::tenants(&args),
        Command::Deployments(args) => client::deployments(&args),
        Command::Rollback(args) => client::rollback(&args),
        Command::Delete(args) => client::delete(&args),
        Command::Secret(command) => client::secret(&command),
        Command::Policy(command) => client::policy(&command),
        Command::Release(args) => client::release(&args),
        Command::Audit(args) => client::audit(&args),
        Command::Tail(args) => client::tail(&args),
        Command::Doctor(args) => doctor::doctor(&args),
    }
}
