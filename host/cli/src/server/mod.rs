//! `insula serve`: the parts put together.

mod assemble;
mod data_dir;
pub mod log;
mod run_file;
mod secrets_key;
mod services;
mod shutdown;

pub use assemble::{
    ISOLATES_PER_CORDON, bind, cannot, cordon_binary, operator, raise_open_files, runtime, serve,
};
pub use run_file::RunFile;
pub use services::{Ear, HostServices};
pub use shutdown::Shutdown;
