//! Real isolates with the platform, driven by hand instead of by a socket and a clock.

mod engine;
mod host;
mod rows;
mod tenant;

pub use engine::start_engine;
pub use host::{Body, Said};
pub use rows::{Row, check_rows};
pub use tenant::{Tenant, with_tenant};

/// A test and its name.
pub type Test = (&'static str, fn());
