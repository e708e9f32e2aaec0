use std::fs;
use std::time::{Duration, Instant};

use insula_tests::{Process, control_groups, zombies};

use crate::crashes;
use crate::scene::Scene;

/// How much a host's memory may have grown: what allocators keep that was once needed at the same
/// time, and one database page cache. A hundred bytes for each request of half an hour would be more.
const HOST_GROWTH: u64 = 32 << 20;

/// The same for cordons, in all: each innocent's isolate may hold garbage that it has not collected
/// for want of work, or has collected at the other time.
const CORDON_GROWTH: u64 = 128 << 20;

/// Descriptors and threads that may be there more: an isolate of a hostile tenant that lives at one
/// time and not at the other, a worker thread that has nothing to do and has not gone yet.
const SLACK: usize = 16;

/// Cordons that may be there more: whether there is one for those of a trust level that compute much depends on what
/// they did last. One that is left behind with each crash would be dozens.
const SPARE_CORDONS: usize = 2;

/// Control groups of a cordon, one for each controller where they are apart.
const GROUPS_EACH: usize = 4;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// So many looks that show the same are rest: for longer than a cordon lingers that nobody needs.
const LOOKS: usize = 44;

/// How long rest may take to come: longer than any connection and any cordon lingers.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a server occupies when nobody asks anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Footing {
    pub host_bytes: u64,
    pub cordon_bytes: u64,
    /// Nothing where only root may count them.
    pub descriptors: Option<usize>,
    pub threads: usize,
    pub cordons: usize,
    /// In all cordons.
    pub cordon_threads: usize,
    pub groups: usize,
    pub zombies: usize,
    /// Requests in flight, as the server counts them.
    pub requests: u64,
}

impl Footing {
    /// What it occupies at this moment.
    pub async fn now(scene: &Scene) -> Self {
        let host = scene.server.process();
        let cordons = scene.server.cordons();
        let status = scene.admin("/v1/status").await;
        Self {
            host_bytes: host.resident_bytes(),
            cordon_bytes: cordons.iter().map(|cordon| cordon.resident_bytes()).sum(),
            descriptors: count(host, "fd"),
            threads: count(host, "task").unwrap_or(0),
            cordons: cordons.len(),
            cordon_threads: cordons.iter().map(|cordon| cordon.threads().len()).sum(),
            groups: control_groups(scene.server.launcher()).len(),
            zombies: zombies(scene.server.process()).len(),
            requests: status["requests"].as_u64().expect("a number"),
        }
    }

    /// What it occupies once nothing changes any more.
    pub async fn settled(scene: &Scene) -> Self {
        renew_all(scene).await;
        let (began, mut same) = (Instant::now(), 0);
        let mut last = Self::now(scene).await;
        while same < LOOKS && began.elapsed() < PATIENCE {
            tokio::time::sleep(PAUSE).await;
            let now = Self::now(scene).await;
            same = if now.is_like(&last) { same + 1 } else { 0 };
            last = now;
        }
        last
    }

    /// What it occupies once that is no more than at `mark`, or when it has had time enough.
    pub async fn settled_as(scene: &Scene, mark: &Self) -> Self {
        let mut last = Self::settled(scene).await;
        let began = Instant::now();
        while !last.growth_since(mark).is_empty() && began.elapsed() < PATIENCE {
            tokio::time::sleep(PAUSE).await;
            last = Self::now(scene).await;
        }
        last
    }

    /// What there is more than at `mark`, and should not be.
    pub fn growth_since(&self, mark: &Self) -> Vec<String> {
        let count = |bytes: u64| usize::try_from(bytes).expect("fits");
        let bounds = [
            ("bytes of the host", count(self.host_bytes), count(mark.host_bytes + HOST_GROWTH)),
            (
                "bytes of cordons",
                count(self.cordon_bytes),
                count(mark.cordon_bytes + CORDON_GROWTH),
            ),
            (
                "descriptors of the host",
                self.descriptors.unwrap_or(0),
                mark.descriptors.unwrap_or(0) + SLACK,
            ),
            ("threads of the host", self.threads, mark.threads + SLACK),
            ("cordons", self.cordons, mark.cordons + SPARE_CORDONS),
            ("threads of cordons", self.cordon_threads, mark.cordon_threads + 2 * SLACK),
            ("control groups", self.groups, mark.groups + SPARE_CORDONS * GROUPS_EACH),
            ("zombies", self.zombies, 0),
            ("requests in flight", count(self.requests), 0),
        ];
        let grown = bounds.into_iter().filter(|(_, now, most)| now > most);
        grown.map(|(what, now, most)| format!("{now} {what}, more than {most}")).collect()
    }

    /// Whether nothing but memory differs.
    fn is_like(&self, other: &Self) -> bool {
        let Self { host_bytes, cordon_bytes, .. } = *other;
        Self { host_bytes, cordon_bytes, ..self.clone() } == *other
    }
}

/// Gives everybody a new isolate, so that there are as many whenever this is called, and none holds
/// garbage that it has not collected for want of work: what an isolate keeps is its own limit's
/// business, and what stays when it has gone is what is looked for.
async fn renew_all(scene: &Scene) {
    scene.deploy_hostile().await;
    crashes::gather(scene).await;
    let mut connection = scene.server.connect().await;
    for innocent in &scene.innocents {
        innocent.deploy(scene).await;
        let answer = connection.send(innocent.request(0)).await;
        if let Some(problem) = innocent.judge(0, &answer) {
            scene.ledger.problem(problem);
        }
    }
}

/// Entries of a folder of the process's.
fn count(process: Process, what: &str) -> Option<usize> {
    fs::read_dir(format!("/proc/{}/{what}", process.id())).ok().map(Iterator::count)
}
