//! An isolate that waits for a deployment.

use std::io;
use std::sync::Arc;

use insula_wire::{Decoder, IsolateFrame, VERSION};
use thiserror::Error;
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;

use crate::berth::Berth;

/// An isolate without a deployment.
pub(crate) struct Blank {
    pub(crate) socket: UnixStream,
    pub(crate) berth: Arc<Berth>,
    /// What was read from the socket and belongs to the link.
    pub(crate) decoder: Decoder,
}

/// Why a cordon gave no isolate.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum NoBlank {
    /// It broke the protocol: it is defective or has been taken over, and ends.
    #[error("an isolate broke the protocol: {0}")]
    Breach(String),
    /// It is dead or dying, has no room for another, or does not answer.
    #[error("{0}")]
    Unable(String),
}

impl Blank {
    /// The isolate at the other end of `socket`, once it has said hello.
    ///
    /// # Errors
    ///
    /// [`NoBlank`].
    pub(crate) async fn greet(mut socket: UnixStream, berth: Arc<Berth>) -> Result<Self, NoBlank> {
        let mut decoder = Decoder::for_host();
        loop {
            match decoder.next::<IsolateFrame<'_>>() {
                Ok(Some(IsolateFrame::Hello { version: VERSION })) => break,
                Ok(Some(frame)) => {
                    return Err(NoBlank::Breach(format!("it greets with {frame:?}")));
                }
                Ok(None) => {}
                Err(error) => return Err(NoBlank::Breach(error.to_string())),
            }
            let read = socket.read(decoder.spare()).await;
            match read.map_err(|error| NoBlank::Unable(format!("isolate socket: {error}")))? {
                0 => {
                    return Err(NoBlank::Unable("an isolate ended before it was there".to_owned()));
                }
                n => decoder.filled(n),
            }
        }
        Ok(Self { socket, berth, decoder })
    }

    /// Whether the isolate is still there. A blank one says nothing and does not hang up.
    pub(crate) fn is_alive(&self) -> bool {
        let nothing = self.socket.try_read(&mut [0]);
        nothing.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }
}
