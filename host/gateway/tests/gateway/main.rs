//! The listener against clients that are wrong, slow, gone or many, over real sockets.

mod bodies;
mod connections;
mod heads;
mod http2;
mod routing;
mod server;
mod shutdown;
