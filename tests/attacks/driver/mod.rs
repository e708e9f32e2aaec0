//! Runs attacks and judges what came of them.

mod canaries;
mod groups;
mod javascript;
mod listener;
mod program;
mod scene;
pub mod selftest;
mod user;
mod victim;
mod watch;

pub use groups::{Attack, try_all};
pub use listener::Listener;
pub use scene::Scene;
pub use user::{Cordon, User};
