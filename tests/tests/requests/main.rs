//! A request's life: what handlers may do, bodies, the protocol, and subrequests.

mod bodies;
mod fetch;
mod handlers;
mod http;
mod websocket;
