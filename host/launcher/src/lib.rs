//! The one process of the host that may start cordons.
//!
//! The host is two processes. One reads bytes from strangers: gateway, admin API, supervisor,
//! egress. It has no rights (`insula_jail::confine_host`). The other one, here, keeps the rights
//! that starting cordons takes, and reads nothing but small packets of a fixed length from the
//! first. It believes little of what they say: it runs one binary, behind the walls and with the
//! limits that it was started with, and ends only what it has started. The first packet that is
//! not what it should be ends it, and all cordons with it.
//!
//! [`Launcher::start`] is the first process's side until there is an event loop, [`run`] the
//! launcher itself:
//!
//! 1. the process is as it should be: a packet socket as standard input, one thread;
//! 2. it finds the place for cordons' control groups, and takes the host's process along there;
//! 3. it gives up what starting cordons does not need (`insula_jail::confine_launcher`);
//! 4. if it is asked to, it tries out which walls hold for cordons that it would start;
//! 5. it hides its memory, says where cordons' control groups will be, so that the host's process
//!    can read what they use, and that it is ready;
//! 6. then it serves, one packet after the other, until the socket closes. The socket closes with
//!    the host's process, however that ends. Then it kills the cordons, waits for their end and
//!    removes their groups.
//!
//! No async runtime, no thread, no allocation of a size that a packet names.

mod answer;
mod cordons;
mod error;
mod packet;
mod request;
mod run;
mod start;
mod terms;
#[cfg(test)]
mod tests;

pub use answer::{ANSWER, Answer};
pub use error::{LaunchError, StartError};
pub use packet::{receive_answer, send_request};
pub use request::{Class, REQUEST, Request, Share};
pub use run::run;
pub use start::{Launcher, Server};
pub use terms::Terms;
