use std::sync::Arc;

use insula_wire::{Decoder, IsolateFrame};
use tokio::io::AsyncReadExt;
use tokio::net::unix::OwnedReadHalf;
use tokio::task::yield_now;

use super::effects::Effects;
use super::{Breach, Ending, Link};

/// The work that is done for one isolate before others have their turn: all tenants share the host's few
/// threads, and what waits behind a flood of one waits for as long as that takes.
const TURN: usize = 64;

/// Reads what an isolate says until it has no more to say.
pub(super) async fn run(link: Arc<Link>, mut socket: OwnedReadHalf, mut decoder: Decoder) {
    let mut effects = Effects::default();
    // Over several reads: a flood comes in small pieces too.
    let mut effort = 0;
    loop {
        if let Err(stop) = take_frames(&link, &mut decoder, &mut effects, &mut effort) {
            effects.run(&link);
            return match stop {
                Stop::Breach(breach) => link.break_off(&breach),
                Stop::Retired(ending) => link.close(ending),
            };
        }
        link.settle(&mut effects);
        effects.run(&link);
        if effort >= TURN {
            effort = 0;
            yield_now().await;
            continue;
        }
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

/// Handles complete frames that have arrived, until `effort` is a turn's.
fn take_frames(
    link: &Arc<Link>,
    decoder: &mut Decoder,
    effects: &mut Effects,
    effort: &mut usize,
) -> Result<(), Stop> {
    while *effort < TURN
        && let Some(frame) = decoder.next::<IsolateFrame<'_>>()?
    {
        *effort += effort_for(&frame);
        link.receive(frame, effects)?;
    }
    Ok(())
}

/// How much work of the host a frame makes, one small answer being 1.
fn effort_for(frame: &IsolateFrame<'_>) -> usize {
    match frame {
        // It goes out to the network in a task of its own, for which others shall not wait in a row.
        IsolateFrame::Fetch { .. } => TURN,
        // A line is copied, dated and passed on to whoever listens.
        IsolateFrame::Log { text, .. } => 4 + text.len() / 1024,
        _ => 1,
    }
}
