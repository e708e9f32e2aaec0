//! The web platform that tenants see: JavaScript close to the specifications (`js/`, one file per
//! spec) over a few coarse native functions (`src/ops/`).
//!
//! An isolate evaluates `js/main.js` before tenant code; everything else is evaluated when a
//! tenant first touches it. The sources are compiled once per process, to an [`Image`] that all
//! isolates share.

mod builtins;
mod dispatch;
mod exchange;
mod globals;
mod host;
mod image;
mod ops;

pub use dispatch::{Incoming, Platform, PlatformError};
pub use host::{Host, report};
pub use image::Image;
