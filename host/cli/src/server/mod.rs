//! `insula serve`: the parts put together.

mod admin;
mod assemble;
mod data_dir;
mod hand_over;
mod launching;
pub mod log;
mod prepare;
mod run_file;
mod secrets_key;
mod services;
mod shutdown;
mod user;

pub use assemble::{adopt, cannot, cordon_binary, operator, raise_open_files, runtime, serve};
pub use launching::{launcher, start as start_launcher, terms};
pub use prepare::bind;
pub use run_file::RunFile;
pub use services::{Ear, Errands, HostServices};
pub use shutdown::Shutdown;
pub use user::{UserKey, choose as choose_user};
