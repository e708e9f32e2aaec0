use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::Recorded;
use crate::api::{TailEvent, TailLine};
use crate::clock::now_ms;
use crate::source_maps::SourceMaps;

/// One reader's view of a tenant's events, oldest first.
pub struct TailStream {
    tenant: Arc<str>,
    maps: Option<Arc<SourceMaps>>,
    recent: VecDeque<Arc<Recorded>>,
    /// `None` once there will be no more.
    live: Option<Receiver<Arc<Recorded>>>,
    /// What is being turned into a line; kept here so that a cancelled reader does not lose it.
    pending: Option<Arc<Recorded>>,
}

impl TailStream {
    pub(super) fn new(
        tenant: Arc<str>,
        maps: Option<Arc<SourceMaps>>,
        recent: VecDeque<Arc<Recorded>>,
        live: Receiver<Arc<Recorded>>,
    ) -> Self {
        Self { tenant, maps, recent, live: Some(live), pending: None }
    }

    pub(super) fn ended() -> Self {
        let (recent, live) = (VecDeque::new(), None);
        Self { tenant: "".into(), maps: None, recent, live, pending: None }
    }

    /// The next event; waits for it. `None` when the tenant or the server is gone. A reader that
    /// is too slow gets one [`TailEvent::Missed`] for what it lost. Cancel-safe.
    pub async fn next(&mut self) -> Option<TailLine> {
        loop {
            let recorded = match self.pending.take().or_else(|| self.recent.pop_front()) {
                Some(recorded) => recorded,
                None => match self.live.as_mut()?.recv().await {
                    Ok(recorded) => recorded,
                    Err(RecvError::Lagged(count)) => return Some(missed(count)),
                    Err(RecvError::Closed) => {
                        self.live = None;
                        return None;
                    }
                },
            };
            let recorded = self.pending.insert(recorded);
            let mut line = recorded.line();
            if let Some(line) = &mut line {
                if let Some(maps) = &self.maps {
                    maps.explain_line(&self.tenant, line).await;
                }
                recorded.find_source_line(line).await;
            }
            self.pending = None;
            if line.is_some() {
                return line;
            }
        }
    }
}

fn missed(count: u64) -> TailLine {
    TailLine { time_ms: now_ms(), deployment: String::new(), event: TailEvent::Missed { count } }
}
