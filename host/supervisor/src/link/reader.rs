use std::sync::Arc;

use insula_wire::{Decoder, IsolateFrame};
use tokio::io::AsyncReadExt;
use tokio::net::unix::OwnedReadHalf;

use super::effects::Effects;
use super::{Breach, Ending, Link};

/// Reads what an isolate says until it has no more to say.
pub(super) async fn run(link: Arc<Link>, mut socket: OwnedReadHalf, mut decoder: Decoder) {
    let mut effects = Effects::default();
    loop {
        if let Err(stop) = take_frames(&link, &mut decoder, &mut effects) {
            effects.run(&link);
            return match stop {
                Stop::Breach(breach) => link.break_off(&breach),
                Stop::Retired(ending) => link.close(ending),
            };
        }
        link.settle(&mut effects);
        effects.run(&link);
        if std::mem::take(&mut effects.resting) {
            decoder.shrink();
        }
        match socket.read(decoder.spare()).await {
            Ok(0) => {
                let told = link.was_told_to_go();
                return link.close(if told { Ending::Left } else { Ending::Gone });
            }
            Ok(n) => decoder.filled(n),
            // A reset is how the death of a process with unread input looks from here.
            Err(_) => return link.close(Ending::Gone),
        }
    }
}

/// Why reading stops before the isolate closes the socket.
pub(super) enum Stop {
    Breach(Breach),
    /// The isolate has said that it goes; nothing it might add counts.
    Retired(Ending),
}

impl<E: Into<Breach>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Breach(error.into())
    }
}

/// Handles every complete frame that has arrived.
fn take_frames(link: &Arc<Link>, decoder: &mut Decoder, effects: &mut Effects) -> Result<(), Stop> {
    while let Some(frame) = decoder.next::<IsolateFrame<'_>>()? {
        link.receive(frame, effects)?;
    }
    Ok(())
}
