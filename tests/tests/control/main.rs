//! Deploying, going back, and who may.

mod auth;
mod deploys;
mod secrets;
mod tail;
