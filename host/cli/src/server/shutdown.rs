use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// The wish to end, as SIGTERM and SIGINT express it.
#[derive(Debug, Clone)]
pub struct Shutdown {
    wish: watch::Sender<bool>,
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
        let shutdown = Self { wish: watch::Sender::new(false) };
        let signalled = shutdown.clone();
        tokio::spawn(async move {
            either(&mut terminate, &mut interrupt).await;
            tracing::info!("shutting down; a second signal ends at once");
            signalled.wish();
            either(&mut terminate, &mut interrupt).await;
            tracing::warn!("ended at once by a second signal");
            #[expect(clippy::disallowed_methods, reason = "the operator asked not to wait")]
            std::process::exit(1);
        });
        Ok(shutdown)
    }

    /// Wishes for the end: there is nothing left to go on with.
    pub fn wish(&self) {
        self.wish.send_replace(true);
    }

    /// Whether the end is wished for.
    pub fn is_wished(&self) -> bool {
        *self.wish.borrow()
    }

    /// Completes when the end is wished for.
    pub async fn wished(self) {
        // The sender is this one, so it cannot be gone.
        let _ = self.wish.subscribe().wait_for(|&wished| wished).await;
    }
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
