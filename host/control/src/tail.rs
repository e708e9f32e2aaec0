//! What happens in tenants' isolates, for whoever watches.

mod line;
mod stream;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use insula_supervisor::{Code, Deployment, TenantEvent};
use tokio::sync::broadcast;

use crate::clock::now_ms;
use crate::source_maps::SourceMaps;

pub use stream::TailStream;

/// Events that are kept for each tenant, so that a reader sees what just happened.
const KEPT_EVENTS: usize = 100;

/// Bytes of text that the kept events of one tenant may have together.
const KEPT_BYTES: usize = 32 << 10;

/// Events that a reader may lag behind before it misses some.
const LAG: usize = 256;

/// Hands out tenants' events: to readers at once, the last 100 of each tenant to late ones.
///
/// Publishing never waits for a reader. While nobody reads, an event costs one short lock.
#[derive(Default)]
pub struct TailHub {
    /// One for each tenant in the store; events of others are dropped.
    channels: RwLock<HashMap<Arc<str>, Arc<Channel>>>,
    /// What errors are explained with when someone reads them.
    maps: Option<Arc<SourceMaps>>,
}

#[derive(Debug, Default)]
struct Channel {
    state: Mutex<ChannelState>,
}

#[derive(Debug, Default)]
struct ChannelState {
    kept: VecDeque<Arc<Recorded>>,
    /// Bytes of text in `kept`; at most [`KEPT_BYTES`].
    kept_bytes: usize,
    /// There while someone reads.
    readers: Option<broadcast::Sender<Arc<Recorded>>>,
}

/// An event as it was published; turned into a line only when someone reads it.
#[derive(Debug)]
struct Recorded {
    time_ms: u64,
    deployment: Arc<str>,
    /// Where the author's source lines are.
    code: Code,
    event: TenantEvent,
}

impl TailHub {
    /// A hub whose readers see errors in positions of the authors' files.
    pub(crate) fn new(maps: Arc<SourceMaps>) -> Self {
        Self { maps: Some(maps), ..Self::default() }
    }

    /// Takes note of `event`. Never blocks on readers.
    pub fn publish(&self, deployment: &Arc<Deployment>, event: TenantEvent) {
        let Some(channel) = self.channel(&deployment.tenant) else { return };
        let recorded = Arc::new(Recorded {
            time_ms: now_ms(),
            deployment: Arc::clone(&deployment.id),
            code: deployment.code.clone(),
            event,
        });
        channel.lock().record(recorded);
    }

    /// What happens in `tenant`'s isolates from now on.
    pub fn subscribe(&self, tenant: &str) -> TailStream {
        match self.channel(tenant) {
            Some(channel) => self.stream(tenant, VecDeque::new(), channel.lock().reader()),
            None => TailStream::ended(),
        }
    }

    /// The last events of `tenant`, and what happens from now on; nothing between is lost.
    pub fn subscribe_with_recent(&self, tenant: &str) -> TailStream {
        let Some(channel) = self.channel(tenant) else { return TailStream::ended() };
        let mut state = channel.lock();
        self.stream(tenant, state.kept.clone(), state.reader())
    }

    fn stream(
        &self,
        tenant: &str,
        recent: VecDeque<Arc<Recorded>>,
        live: broadcast::Receiver<Arc<Recorded>>,
    ) -> TailStream {
        TailStream::new(tenant.into(), self.maps.clone(), recent, live)
    }

    /// Starts to keep events of `tenant`.
    pub(crate) fn open(&self, tenant: Arc<str>) {
        self.channels.write().unwrap_or_else(PoisonError::into_inner).entry(tenant).or_default();
    }

    /// Forgets `tenant`; its readers come to an end.
    pub(crate) fn close(&self, tenant: &str) {
        self.channels.write().unwrap_or_else(PoisonError::into_inner).remove(tenant);
    }

    /// Brings all readers to an end and forgets all tenants: for the end of the server, so that
    /// it need not wait for readers that would stay for ever.
    pub fn close_all(&self) {
        self.channels.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn channel(&self, tenant: &str) -> Option<Arc<Channel>> {
        self.channels.read().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }
}

impl Channel {
    fn lock(&self) -> MutexGuard<'_, ChannelState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ChannelState {
    fn record(&mut self, recorded: Arc<Recorded>) {
        if let Some(readers) = &self.readers
            && readers.send(Arc::clone(&recorded)).is_err()
        {
            self.readers = None;
        }
        self.keep(recorded);
    }

    fn keep(&mut self, recorded: Arc<Recorded>) {
        let bytes = line::text_bytes(&recorded.event);
        if bytes > KEPT_BYTES {
            return;
        }
        while self.kept.len() >= KEPT_EVENTS || self.kept_bytes + bytes > KEPT_BYTES {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.kept_bytes -= line::text_bytes(&oldest.event);
        }
        self.kept_bytes += bytes;
        self.kept.push_back(recorded);
    }

    fn reader(&mut self) -> broadcast::Receiver<Arc<Recorded>> {
        self.readers.get_or_insert_with(|| broadcast::channel(LAG).0).subscribe()
    }
}
