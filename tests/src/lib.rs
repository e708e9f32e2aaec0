//! What the integration tests share: the real binaries, started on free ports, and clients for
//! them. Nothing here knows Insula's crates: the tests see what operators, authors and clients see.
//! Only the hostile cordon of the attack suite does, since it lies in their words.

mod app;
mod binaries;
mod bundle;
mod client;
mod command;
mod dev;
mod origin;
mod process;
mod raw;
mod server;
mod tail;
mod wait;

pub use app::App;
pub use binaries::binary;
pub use bundle::bundle;
pub use client::{Answer, Body, BodySender, Connection, Exchange, empty, streaming, whole};
pub use command::{Command, Run};
pub use dev::Dev;
pub use origin::{Origin, OriginAnswer, OriginRequest, answer};
pub use process::{Process, children, control_groups, descendants, zombies};
pub use raw::Raw;
pub use server::{Options, Server, Stopped, get, host};
pub use tail::Tail;
pub use wait::{PATIENCE, eventually, within};
