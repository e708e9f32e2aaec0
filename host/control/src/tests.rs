//! The control plane on real files in temporary folders. Booting code needs a cordon; here the
//! boot is the one step that [`fixture::deploy`] leaves out.

mod admin_api;
mod admin_auth;
mod answers;
mod bundles;
mod deploys;
mod directory;
mod fixture;
mod ids;
mod judging;
mod names;
mod openapi;
mod reopening;
mod rollbacks;
mod secrets;
mod store;
mod tail;
mod tokens;
mod turns;
mod work;
