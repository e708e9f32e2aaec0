//! HTTP in, routing, hand-over to isolates, HTTP out; and the other direction: what tenants fetch.
//!
//! The life of a request is one list, in `request.rs`. Errors become answers in one function, in
//! `answer.rs`. The gateway knows neither stores nor tenants: who answers to a host name comes
//! in through [`Routes`].

mod activity;
mod answer;
mod cache;
mod config;
mod connection;
mod deadline;
mod egress;
mod error;
mod headers;
mod io;
mod reply;
mod request;
mod request_body;
mod room;
mod serve;
mod target;
mod websocket;

pub use cache::{CacheConfig, Caches, SCHEME as CACHE_SCHEME};
pub use config::{GatewayConfig, Routes};
pub use egress::{Egress, EgressConfig, EgressConfigError};
pub use serve::{WebSockets, serve};
