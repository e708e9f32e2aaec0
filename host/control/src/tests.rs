//! The control plane on real files in temporary folders. Booting code needs a cordon; here the
//! boot is the one step that [`fixture::deploy`] leaves out.

mod admin_api;
mod admin_auth;
mod answers;
mod at_rest;
mod bundles;
mod deploys;
mod directory;
mod fixture;
mod ids;
mod judging;
mod migrating_secrets;
mod names;
mod openapi;
mod reopening;
mod rollbacks;
mod sealing;
mod secrets;
mod secrets_key;
mod store;
mod tail;
mod tokens;
mod turns;
mod work;
