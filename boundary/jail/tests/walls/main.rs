//! The jail, attacked by what is in it, as root and as an ordinary user.

mod cgroup;
mod ends;
mod files;
mod forbidden;
mod host;
mod lenient;
mod network;
mod prison;
mod processes;
mod relay;
mod rights;
mod rules;
mod start;
mod threads;
