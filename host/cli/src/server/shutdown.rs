use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// The wish to end, as SIGTERM and SIGINT express it.
#[derive(Debug, Clone)]
pub struct Shutdown {
    wished: watch::Receiver<bool>,
}

impl Shutdown {
    /// Listens for the signals. The first one is a wish; the second one ends the process at once.
    /// Call it inside of a runtime.
    ///
    /// # Errors
    ///
    /// When the signals cannot be caught.
    pub fn listen() -> io::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let (wish, wished) = watch::channel(false);
        tokio::spawn(async move {
            either(&mut terminate, &mut interrupt).await;
            tracing::info!("shutting down; a second signal ends at once");
            let _ = wish.send(true);
            either(&mut terminate, &mut interrupt).await;
            tracing::warn!("ended at once by a second signal");
            #[expect(clippy::disallowed_methods, reason = "the operator asked not to wait")]
            std::process::exit(1);
        });
        Ok(Self { wished })
    }

    /// Completes when the end is wished for.
    pub async fn wished(mut self) {
        // The sender lives as long as the runtime; if it is gone, so is the reason to go on.
        let _ = self.wished.wait_for(|&wished| wished).await;
    }
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
