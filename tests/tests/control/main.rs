//! Deploying, going back, and who may.

mod auth;
mod crowd;
mod deploys;
mod errors;
mod metrics;
mod secrets;
mod tail;
