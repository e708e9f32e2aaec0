//! Runs test files on a server.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use insula_tests::{Connection, Options, Server, get};
use tokio::task::JoinSet;

use crate::bundle::{Bundled, app, batch};
use crate::origin;
use crate::progress::Progress;
use crate::results::FileResult;
use crate::substitute::Place;
use crate::suite::{Suite, TestFile};

/// What a file gets, as the suite's own runner has it.
const TIME: Duration = Duration::from_secs(10);
const LONG_TIME: Duration = Duration::from_secs(50);

/// For an isolate to say that time is up.
const GRACE: Duration = Duration::from_secs(5);

/// Limits are not what is tested. Each file has an isolate of its own, so nothing is left of the one
/// before.
const CONFIG: &str = "\
    [limits]\ncpu_ms = 60000\nstartup_cpu_ms = 20000\nwall_ms = 120000\nmemory_mb = 512\n\
    reuse = \"oneshot\"\nmax_isolates = 64\n[policy]\nwasm = true\n";

/// More than there are processors: many tests wait for timers.
pub fn default_jobs() -> usize {
    2 * std::thread::available_parallelism().map_or(2, usize::from)
}

/// A queue of applications, and where results go.
struct Work {
    server: Server,
    suite: Suite,
    place: Place,
    waiting: Mutex<VecDeque<Vec<Bundled>>>,
    results: Mutex<Vec<FileResult>>,
    progress: Progress,
}

/// The results of `files`, sorted by file. `jobs` run at once.
pub async fn run(
    suite: &Suite,
    files: Vec<TestFile>,
    jobs: usize,
) -> Result<Vec<FileResult>, String> {
    let origin = origin::start(suite.clone()).await;
    let place = Place(origin.address());
    let server = Server::with(Options::config(CONFIG.to_owned() + &origin.allowed())).await;
    let mut results = Vec::new();
    let mut tests = Vec::new();
    let progress = Progress::new(files.len());
    for file in files {
        match Bundled::new(suite, file.clone(), place) {
            Ok(test) => tests.push(test),
            Err(error) => results.push(FileResult::crash(file, &error)),
        }
    }
    // Batches that begin alike should not end together: the long files come first.
    tests.sort_by_key(|test| test.file.is_long);
    let mut waiting = VecDeque::new();
    while !tests.is_empty() {
        waiting.push_back(batch(&mut tests));
    }
    let work = Arc::new(Work {
        server,
        suite: suite.clone(),
        place,
        waiting: Mutex::new(waiting),
        results: Mutex::new(results),
        progress,
    });
    let mut workers = JoinSet::new();
    for _ in 0..jobs {
        let work = Arc::clone(&work);
        workers.spawn(async move { work.drain().await });
    }
    while let Some(ended) = workers.join_next().await {
        ended.map_err(|error| format!("the runner broke: {error}"))?;
    }
    let mut results = std::mem::take(&mut *work.results.lock().expect("no worker panicked"));
    results.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(results)
}

impl Work {
    /// Takes applications until there is none.
    async fn drain(&self) {
        loop {
            let next = self.waiting.lock().expect("no worker panicked").pop_front();
            let Some(tests) = next else { return };
            self.deploy(tests).await;
        }
    }

    /// Runs the tests of an application; one that the server refuses is taken apart, to find the
    /// test that it is refused for.
    async fn deploy(&self, mut tests: Vec<Bundled>) {
        let tenant = tests[0].tenant();
        let deployed = match app(&self.suite, &tests) {
            Ok(app) => self.server.try_deploy(&tenant, &app, &["--json"]).await,
            Err(error) => return self.refused(tests, &error),
        };
        if deployed.code == Some(0) {
            for (index, test) in tests.into_iter().enumerate() {
                let result = self.request(&tenant, index, test.file).await;
                self.finished(result);
            }
        } else if tests.len() == 1 {
            self.refused(tests, &deployed.stderr);
        } else {
            let rest = tests.split_off(tests.len() / 2);
            self.waiting.lock().expect("no worker panicked").extend([tests, rest]);
        }
    }

    async fn request(&self, tenant: &str, index: usize, file: TestFile) -> FileResult {
        let time = if file.is_long { LONG_TIME } else { TIME };
        let url = format!("{}/{}", self.place.origin(), file.name());
        let url: String = url.bytes().map(escaped).collect();
        let path = format!("/{index}?timeout={}&url={url}", time.as_millis());
        let mut connection = Connection::http1(self.server.listen()).await;
        let answer = connection.try_send(get(tenant, &path));
        match tokio::time::timeout(time + GRACE, answer).await {
            Ok(Ok(answer)) if answer.status == 200 => FileResult::of_answer(file, &answer.body),
            Ok(Ok(answer)) => FileResult::crash(file, &String::from_utf8_lossy(&answer.body)),
            Ok(Err(error)) => FileResult::crash(file, &error),
            Err(_) => FileResult::crash(file, "it computes and does not end"),
        }
    }

    fn refused(&self, tests: Vec<Bundled>, why: &str) {
        for test in tests {
            self.finished(FileResult::crash(test.file, why));
        }
    }

    fn finished(&self, result: FileResult) {
        self.progress.step(&result.file.name());
        self.results.lock().expect("no worker panicked").push(result);
    }
}

/// A byte of a URL as a part of a query's value.
fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}
