//! The maps of versions whose errors are being read.

use std::sync::Arc;

use insula_supervisor::ErrorDetail;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::sync::Semaphore;

use super::MapSet;
use crate::api::{TailEvent, TailLine};
use crate::bundles::Bundles;
use crate::id::version_of;
use crate::recent::recent;
use crate::store::{Store, VersionKey};
use crate::work::blocking;

/// Bytes of maps that are kept ready, over all tenants.
const READY_BYTES: u64 = 64 << 20;

/// Reads versions' maps when an error is to be shown, and keeps the ones that were used last.
pub(crate) struct SourceMaps {
    store: Arc<dyn Store>,
    bundles: Arc<Bundles>,
    /// By version; most have none.
    ready: Cache<String, Arc<MapSet>, Bytes>,
    /// One reads at a time: decoding a map takes memory.
    reading: Arc<Semaphore>,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<String, Arc<MapSet>> for Bytes {
    fn weight(&self, version: &String, set: &Arc<MapSet>) -> u64 {
        // The table has its cost too, also where there are no maps.
        (set.size() + version.len() + 200) as u64
    }
}

impl SourceMaps {
    pub(crate) fn new(store: Arc<dyn Store>, bundles: Arc<Bundles>) -> Self {
        let reading = Arc::new(Semaphore::new(1));
        Self { store, bundles, ready: recent(READY_BYTES, Bytes), reading }
    }

    /// Tells what a line shows of errors in positions of the author's files.
    pub(crate) async fn explain_line(&self, tenant: &str, line: &mut TailLine) {
        if !shows_errors(&line.event) {
            return;
        }
        let set = self.of(tenant, &line.deployment).await;
        if set.is_empty() {
            return;
        }
        let mut event = std::mem::replace(&mut line.event, TailEvent::Missed { count: 0 });
        line.event = blocking(move || {
            explain_event(&set, &mut event);
            event
        })
        .await;
    }

    /// Tells an error of the deployment with this id in positions of the author's files.
    pub(crate) async fn explain(&self, tenant: &str, deployment: &str, detail: &mut ErrorDetail) {
        let set = self.of(tenant, version_of(deployment)).await;
        if set.is_empty() {
            return;
        }
        let mut explained = std::mem::take(detail);
        *detail = blocking(move || {
            set.explain(&mut explained);
            explained
        })
        .await;
    }

    /// The maps of a version; none when they cannot be read.
    async fn of(&self, tenant: &str, version: &str) -> Arc<MapSet> {
        let set = self.ready.get_or_insert_async(version, self.read(tenant, version)).await;
        // A version that is not there yet, or not any more, is not remembered.
        set.unwrap_or_default()
    }

    async fn read(&self, tenant: &str, version: &str) -> Result<Arc<MapSet>, NoVersion> {
        let row = self.store.version(tenant, VersionKey::Id(version)).await;
        let row = row.ok().flatten().ok_or(NoVersion)?;
        // The semaphore is never closed, so a permit always comes.
        let turn = Arc::clone(&self.reading).acquire_owned().await.ok();
        Ok(match self.bundles.maps(row.version.bundle).await {
            Ok(Some(kept)) => {
                let read = blocking(move || {
                    let set = MapSet::read(&kept);
                    // Who asked may have gone meanwhile; this goes on, and the next one waits for it.
                    drop((kept, turn));
                    set
                });
                Arc::new(read.await)
            }
            Ok(None) => Arc::default(),
            Err(error) => {
                tracing::warn!(tenant, version, %error, "source maps cannot be read");
                Arc::default()
            }
        })
    }
}

struct NoVersion;

fn shows_errors(event: &TailEvent) -> bool {
    match event {
        TailEvent::Log { text, .. } => text.contains("\n    at "),
        TailEvent::Exception { .. } => true,
        TailEvent::Outcome { error, .. } => error.as_ref().is_some_and(|it| it.detail.is_some()),
        _ => false,
    }
}

fn explain_event(set: &MapSet, event: &mut TailEvent) {
    match event {
        TailEvent::Log { text, .. } => {
            if let Some(explained) = set.explain_text(text) {
                *text = explained;
            }
        }
        TailEvent::Exception { detail, .. } => set.explain(detail),
        TailEvent::Outcome { error: Some(error), .. } => {
            let Some(detail) = &mut error.detail else { return };
            // The text for people ends with what and where, without the line.
            let told = |detail: &ErrorDetail| {
                ErrorDetail { source_line: "".into(), ..detail.clone() }.to_string()
            };
            let before = told(detail);
            set.explain(detail);
            if let Some(head) = error.message.strip_suffix(&before) {
                error.message = format!("{head}{}", told(detail));
            }
        }
        _ => {}
    }
}
