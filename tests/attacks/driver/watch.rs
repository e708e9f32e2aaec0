use std::fs;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use insula_tests::{PATIENCE, Process};

use super::scene::Scene;

/// Descriptors and threads that a host may have more than before: connections of the driver that
/// are being closed, spare cordons that have just come.
const SLACK: usize = 40;

/// Between two looks at the victim or the host.
const PAUSE: Duration = Duration::from_millis(10);

/// What the host was like before an attack.
pub struct Watch<'s> {
    scene: &'s Scene,
    host: Process,
    log: usize,
    descriptors: usize,
    threads: usize,
    reached: usize,
}

impl<'s> Watch<'s> {
    pub fn begin(scene: &'s Scene) -> Self {
        let host = scene.server.process();
        Self {
            scene,
            host,
            log: scene.server.log().len(),
            descriptors: count(host, "fd"),
            threads: count(host, "task"),
            reached: scene.canary.connections(),
        }
    }

    /// Lets an attack happen while the victim is asked all the time, and returns what got
    /// through. The attack says so itself by panicking, or by what it returns.
    pub async fn over(
        self,
        may_end_cordon: bool,
        attack: impl Future<Output = Vec<String>>,
    ) -> Vec<String> {
        let mut problems = Vec::new();
        if let Err(problem) = self.scene.victim.ask(&self.scene.server).await {
            problems.push(format!("before: {problem}"));
        }
        let mut attack = pin!(AssertUnwindSafe(attack).catch_unwind());
        let ended = loop {
            let asking = pin!(self.scene.victim.ask(&self.scene.server));
            let (ended, asked) = match select(attack.as_mut(), asking).await {
                Either::Left((ended, asking)) => (Some(ended), asking.await),
                Either::Right((asked, _)) => (None, asked),
            };
            match asked {
                Ok(true) => {}
                _ if may_end_cordon => {}
                Ok(false) => problems.push("during: the victim was restarted".to_owned()),
                Err(problem) => problems.push(format!("during: {problem}")),
            }
            if let Some(ended) = ended {
                break ended;
            }
            // The attack needs some of the processor, too.
            tokio::time::sleep(PAUSE).await;
        };
        match ended {
            Ok(said) => problems.extend(said),
            Err(panic) => problems.push(message(&*panic)),
        }
        problems.extend(self.aftermath(may_end_cordon).await);
        problems.dedup();
        problems
    }

    async fn aftermath(&self, may_end_cordon: bool) -> Vec<String> {
        let Self { scene, host, .. } = self;
        let mut problems = Vec::new();
        match scene.victim.ask(&scene.server).await {
            Ok(true) => {}
            Ok(false) if may_end_cordon => {}
            Ok(false) => problems.push("after: the victim was restarted".to_owned()),
            Err(problem) => problems.push(format!("after: {problem}")),
        }
        if !host.is_alive() {
            problems.push("the host is dead".to_owned());
            return problems;
        }
        if scene.canary.connections() > self.reached {
            problems.push("somebody reached the service on loopback".to_owned());
        }
        let log = scene.server.log();
        let news = log.get(self.log..).unwrap_or_default();
        if news.contains("panicked") {
            problems.push(format!("the host panicked: {news}"));
        }
        if let Some(what) = scene.canaries.found_in(news.as_bytes()) {
            problems.push(format!("{what} is in the host's log"));
        }
        for (what, before) in [("fd", self.descriptors), ("task", self.threads)] {
            let started = Instant::now();
            while count(*host, what) > before + SLACK {
                if started.elapsed() > PATIENCE {
                    let now = count(*host, what);
                    problems.push(format!("the host's {what}: {before} before, {now} after"));
                    break;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
        problems
    }
}

/// Entries of a folder of the process's.
fn count(process: Process, what: &str) -> usize {
    let folder = fs::read_dir(format!("/proc/{}/{what}", process.id()));
    folder.map_or(0, Iterator::count)
}

/// What a panic says.
fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}
