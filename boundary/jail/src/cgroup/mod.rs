//! The wall around what a cordon may use up, made by the host.
//!
//! The limits here are the last line: a tenant meets its own limits first. What a cordon used is
//! read here too, because the cordon itself might lie.
//!
//! Version 2 is preferred: one tree, limits that hold for swap too, a peak that survives. Version
//! 1, a tree for each controller, is understood because many machines still have it, some of them
//! with a version 2 tree beside it that has no controllers.

mod error;
mod find;
mod group;
mod mounts;
mod place;
mod readings;
#[cfg(test)]
mod tests;

pub use error::{Controller, GroupError, Unavailable};
pub use find::Cgroups;
pub use group::{Group, GroupLimits};
pub use place::Place;
pub use readings::Readings;

/// One of the two kinds of trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    One,
    Two,
}
