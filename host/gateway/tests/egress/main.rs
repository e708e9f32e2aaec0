//! What tenants fetch, against real servers on this machine.

mod addresses;
mod cancellation;
mod codings;
mod connections;
mod interim;
mod messages;
mod redirects;
mod server;
mod streaming;
mod tls;
