//! The end: requests first, then isolates, then cordons.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{interval, timeout};

use crate::host::Host;
use crate::placements::Placements;

/// How long requests in flight may take.
const REQUESTS: Duration = Duration::from_secs(30);
/// How long cordons may take after the last request.
const CORDONS: Duration = Duration::from_secs(2);
/// How often requests in flight are counted.
const LOOK: Duration = Duration::from_millis(10);

/// Waits for the requests in flight, then ends all cordons; those that do not go are killed.
pub(crate) async fn drain(host: &Host, placements: &Placements) {
    let over = async {
        let mut looks = interval(LOOK);
        while host.requests() > 0 {
            looks.tick().await;
        }
    };
    if timeout(REQUESTS, over).await.is_err() {
        tracing::warn!(requests = host.requests(), "requests are cut off");
    }
    host.fleets.close();
    placements.retire_all();
    for cordon in host.fleets.cordons() {
        cordon.drain().await;
    }
    if timeout(CORDONS, gone(host)).await.is_err() {
        host.fleets.cordons().iter().for_each(|cordon| cordon.kill());
        // A killed process is reaped at once; a machine that cannot do so must still let go.
        if timeout(CORDONS, gone(host)).await.is_err() {
            tracing::error!("a cordon does not die");
        }
    }
}

/// Returns when the last process has ended, and the last link has noticed.
async fn gone(host: &Host) {
    host.fleets.empty().await;
    let mut looks = interval(LOOK);
    while host.tally.isolates.load(Ordering::Relaxed) > 0 {
        looks.tick().await;
    }
}
