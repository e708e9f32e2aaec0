//! What tenants' code finds, and that code from npm finds it too.

mod apis;
mod caches;
mod hono;
mod hostile;
mod node;
mod packages;
mod table;
