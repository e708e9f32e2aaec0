use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use notify::event::EventKind;
use notify::{Config, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;

/// How often files are looked at where the system does not tell of changes.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Editors write in several steps; a change counts once there was none for so long.
const QUIET: Duration = Duration::from_millis(40);

/// Waits for changes of files.
pub struct Watch {
    watcher: Box<dyn Watcher + Send>,
    polls: bool,
    folders: BTreeSet<PathBuf>,
    /// Holds at most one: there was some change.
    changes: Receiver<()>,
    sender: Sender<()>,
}

impl Watch {
    /// A watch over nothing yet.
    pub fn start() -> Self {
        let (sender, changes) = channel(1);
        let native = RecommendedWatcher::new(on_event(sender.clone()), Config::default());
        let (watcher, polls): (Box<dyn Watcher + Send>, _) = match native {
            Ok(watcher) => (Box::new(watcher), false),
            Err(_) => (poll_watcher(sender.clone()), true),
        };
        Self { watcher, polls, folders: BTreeSet::new(), changes, sender }
    }

    /// Watches the folders of these files as well. Folders, not files: editors replace files.
    pub fn cover(&mut self, touched: &[PathBuf]) {
        for path in touched {
            let folder = if path.is_dir() { Some(path.as_path()) } else { path.parent() };
            let folder = match folder {
                Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
                Some(folder) => folder.to_owned(),
                None => continue,
            };
            if self.folders.contains(&folder) {
                continue;
            }
            let watched = self.watcher.watch(&folder, RecursiveMode::NonRecursive);
            self.folders.insert(folder);
            if watched.is_err() && !self.polls {
                self.poll_instead();
            }
        }
    }

    /// Completes when something changed and has come to rest.
    pub async fn changed(&mut self) {
        // The sender lives in this value, so the channel is never closed.
        self.changes.recv().await;
        while timeout(QUIET, self.changes.recv()).await.is_ok() {}
    }

    fn poll_instead(&mut self) {
        tracing::warn!("the system does not tell of changes here: looking every half second");
        self.watcher = poll_watcher(self.sender.clone());
        self.polls = true;
        for folder in &self.folders {
            // A folder that is gone tells of its return through the one above it.
            let _ = self.watcher.watch(folder, RecursiveMode::NonRecursive);
        }
    }
}

fn poll_watcher(sender: Sender<()>) -> Box<dyn Watcher + Send> {
    // By contents, since times of change are compared in whole seconds only.
    let config = Config::default().with_poll_interval(POLL_INTERVAL).with_compare_contents(true);
    match PollWatcher::new(on_event(sender), config) {
        Ok(watcher) => Box::new(watcher),
        Err(error) => {
            tracing::warn!(%error, "changes will not be noticed");
            Box::new(notify::NullWatcher)
        }
    }
}

fn on_event(sender: Sender<()>) -> impl Fn(notify::Result<notify::Event>) + Send + 'static {
    move |event| {
        let is_change =
            event.as_ref().map_or(true, |event| !matches!(event.kind, EventKind::Access(_)));
        if is_change {
            // A full channel knows of a change already.
            let _ = sender.try_send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    async fn notices(mut watch: Watch) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.js");
        fs::write(&file, "1").unwrap();
        watch.cover(std::slice::from_ref(&file));
        // A poll watcher compares with what it saw first.
        while watch.changes.try_recv().is_ok() {}
        fs::write(folder.path().join("b.js"), "2").unwrap();
        timeout(Duration::from_secs(20), watch.changed()).await.expect("a new file beside it");
        fs::write(&file, "longer").unwrap();
        timeout(Duration::from_secs(20), watch.changed()).await.expect("a change");
    }

    #[tokio::test]
    async fn a_change_is_noticed() {
        notices(Watch::start()).await;
    }

    #[tokio::test]
    async fn a_change_is_noticed_without_the_system_s_help() {
        let mut watch = Watch::start();
        watch.poll_instead();
        notices(watch).await;
    }
}
