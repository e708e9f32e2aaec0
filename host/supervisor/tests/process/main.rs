//! Supervisor and cordon processes. This program is its own cordon, which is why it has a `main`:
//! a process that dies on demand is not something an engine can be asked to be.

mod echo;

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::{BoxFuture, Either, join_all, select};
use http::HeaderMap;
use insula_launcher::{Launcher, Terms};
use insula_supervisor::{
    BoxBody, Bundle, Capacity, Deployment, Generation, IsolateRequest, Limits, Module, ModuleKind,
    Offence, Policy, RequestBody, RequestError, ReuseMode, Services, StartError, Subrequest,
    SubrequestError, Supervisor, SupervisorConfig, TenantEvent, Wall,
};
use tokio::sync::Notify;

fn main() {
    if std::env::args().nth(1).as_deref() == Some(LAUNCHER) {
        return launch();
    }
    if echo::is_cordon() {
        return echo::run();
    }
    let tests = vec![
        test("many_tenants_share_few_cordons", many_tenants_share_few_cordons),
        test("a_crash_is_told_and_what_follows_works", a_crash_is_told_and_what_follows_works),
        test("a_broken_deployment_says_where", a_broken_deployment_says_where),
        test("first_requests_share_one_start", first_requests_share_one_start),
        test("oneshot_isolates_serve_one_request_each", oneshot_isolates_serve_one_request_each),
        test("a_check_leaves_nothing_behind", a_check_leaves_nothing_behind),
        test("a_retired_isolate_goes", a_retired_isolate_goes),
        test("many_late_requests_share_one_start", many_late_requests_share_one_start),
        test("what_is_older_replaces_nothing", what_is_older_replaces_nothing),
        test("what_was_replaced_does_not_come_back", what_was_replaced_does_not_come_back),
        test("what_does_for_both_stays", what_does_for_both_stays),
        test("no_cordon_is_no_hang", no_cordon_is_no_hang),
        test("levels_never_share_a_cordon", levels_never_share_a_cordon),
        test("the_process_wall_is_a_cordon_of_ones_own", the_process_wall_is_a_cordon_of_ones_own),
        test("who_crashes_a_cordon_gets_one_of_its_own", who_crashes_a_cordon_gets_one_of_its_own),
        test("a_deleted_tenant_leaves_its_quarantine", a_deleted_tenant_leaves_its_quarantine),
        test(
            "what_a_deleted_tenant_does_last_is_its_own",
            what_a_deleted_tenant_does_last_is_its_own,
        ),
        test(
            "suspects_are_taken_in_when_it_happens_again",
            suspects_are_taken_in_when_it_happens_again,
        ),
        test("a_cordon_that_talks_nonsense_is_ended", a_cordon_that_talks_nonsense_is_ended),
        test("who_brings_cordons_down_waits_alone", who_brings_cordons_down_waits_alone),
    ];
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), tests).exit();
}

/// The argument that this program is its own launcher by; the cordon's path follows.
const LAUNCHER: &str = "launcher";

fn launch() {
    let mut arguments = std::env::args_os().skip(2);
    let cordon = arguments.next().map(PathBuf::from).expect("a path");
    let terms = Terms::parse(arguments).expect("terms");
    insula_launcher::run(&cordon, terms).expect("an end");
}

/// One behaviour, in a runtime of its own, which ends what it started.
fn test<F: Future<Output = ()>>(
    name: &'static str,
    behaviour: impl FnOnce(Arc<Notes>) -> F + Send + 'static,
) -> libtest_mimic::Trial {
    libtest_mimic::Trial::test(name, move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let over = runtime.expect("a runtime").block_on(async {
            let limit = Duration::from_secs(60);
            tokio::time::timeout(limit, behaviour(Arc::default())).await
        });
        over.map_err(|_| "it hangs".into())
    })
}

async fn levels_never_share_a_cordon(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    let mut deployments: Vec<_> = (0..4).map(|n| deployment(n, "index.js")).collect();
    for (index, deployment) in deployments.iter_mut().enumerate() {
        let level = if index % 2 == 0 { "free" } else { "paid" };
        let policy = Policy { level: level.parse().expect("a level"), ..Policy::default() };
        Arc::get_mut(deployment).expect("not shared yet").policy = policy.into();
    }
    for deployment in &deployments {
        assert_eq!(get(&supervisor, deployment, "/").await.expect("a response"), 200);
    }
    let crash = get(&supervisor, &deployments[0], "/crash").await;
    assert!(matches!(crash, Err(RequestError::CordonCrashed)), "{crash:?}");
    // The other level's isolates did not notice: they are the ones from before.
    let started = notes.started.load(Ordering::SeqCst);
    for deployment in [&deployments[1], &deployments[3]] {
        assert_eq!(get(&supervisor, deployment, "/").await.expect("a response"), 200);
    }
    assert_eq!(notes.started.load(Ordering::SeqCst), started);
    assert_eq!(get(&supervisor, &deployments[2], "/").await.expect("a response"), 200);
    assert_eq!(notes.started.load(Ordering::SeqCst), started + 1);
}

async fn the_process_wall_is_a_cordon_of_ones_own(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    let mut deployments: Vec<_> = (0..3).map(|n| deployment(n, "index.js")).collect();
    for deployment in &mut deployments {
        Arc::get_mut(deployment).expect("not shared yet").wall = Wall::Process;
    }
    for deployment in &deployments {
        assert_eq!(get(&supervisor, deployment, "/").await.expect("a response"), 200);
    }
    let crash = get(&supervisor, &deployments[0], "/crash").await;
    assert!(matches!(crash, Err(RequestError::CordonCrashed)), "{crash:?}");
    let started = notes.started.load(Ordering::SeqCst);
    for deployment in &deployments[1..] {
        assert_eq!(get(&supervisor, deployment, "/").await.expect("a response"), 200);
    }
    assert_eq!(notes.started.load(Ordering::SeqCst), started, "the neighbours lived on");
    assert_eq!(get(&supervisor, &deployments[0], "/").await.expect("a response"), 200);
}

async fn many_tenants_share_few_cordons(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 10);
    let deployments: Vec<_> = (0..25).map(|n| deployment(n, "index.js")).collect();
    for answer in join_all(deployments.iter().map(|d| get(&supervisor, d, "/"))).await {
        assert_eq!(answer.expect("a response"), 200);
    }
    let counts = supervisor.counts();
    assert_eq!(counts.isolates, 25);
    assert!((2..=25).contains(&counts.cordons), "{counts:?}");
    supervisor.drain().await;
    let counts = supervisor.counts();
    assert_eq!((counts.cordons, counts.isolates, counts.requests), (0, 0, 0));
    let refused = get(&supervisor, &deployments[0], "/").await;
    assert!(matches!(refused, Err(RequestError::Start(StartError::ShuttingDown))));
}

async fn a_crash_is_told_and_what_follows_works(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    let (one, other) = (deployment(1, "index.js"), deployment(2, "index.js"));
    for deployment in [&one, &other] {
        assert_eq!(get(&supervisor, deployment, "/").await.expect("a response"), 200);
    }
    let crash = async {
        // What is in flight is lost only once the isolate has seen it.
        notes.logged.notified().await;
        get(&supervisor, &one, "/crash").await
    };
    let (waiting, crash) = tokio::join!(get(&supervisor, &other, "/silence"), crash);
    assert!(matches!(crash, Err(RequestError::CordonCrashed)), "{crash:?}");
    assert!(matches!(waiting, Err(RequestError::CordonCrashed)), "{waiting:?}");
    for deployment in [&one, &other] {
        assert_eq!(get(&supervisor, deployment, "/").await.expect("a response"), 200);
    }
}

async fn who_crashes_a_cordon_gets_one_of_its_own(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    let (bad, good) = (deployment(1, "index.js"), deployment(2, "index.js"));
    for deployment in [&bad, &good] {
        assert_eq!(get(&supervisor, deployment, "/").await.expect("a response"), 200);
    }
    let crash = get(&supervisor, &bad, "/crash").await;
    assert!(matches!(crash, Err(RequestError::CordonCrashed)), "{crash:?}");
    assert_eq!(notes.quarantined(), [("tenant-1".to_owned(), Offence::Crash)]);
    assert_eq!(get(&supervisor, &good, "/").await.expect("a response"), 200);
    let starts = notes.started.load(Ordering::SeqCst);
    // It comes back, and its next crashes are its own affair.
    for _ in 0..2 {
        let crash = get(&supervisor, &bad, "/crash").await;
        assert!(matches!(crash, Err(RequestError::CordonCrashed)), "{crash:?}");
        assert_eq!(get(&supervisor, &good, "/").await.expect("a response"), 200);
    }
    // One for each crash of the bad one; the good one's isolate is the one from before.
    assert_eq!(notes.started.load(Ordering::SeqCst), starts + 2);
    assert_eq!(notes.quarantined().len(), 1, "told once");
}

async fn a_deleted_tenant_leaves_its_quarantine(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    for times in 1..=2 {
        let bad = deployment(1, "index.js");
        let crash = get(&supervisor, &bad, "/crash").await;
        assert!(matches!(crash, Err(RequestError::CordonCrashed)), "{crash:?}");
        // Who is in quarantine already would not be told of.
        assert_eq!(notes.quarantined().len(), times);
        supervisor.retire(&bad);
        supervisor.forget(&bad.tenant);
    }
    assert!(!supervisor.release("tenant-1"));
}

async fn what_a_deleted_tenant_does_last_is_its_own(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    let gone = deployment(1, "index.js");
    assert_eq!(get(&supervisor, &gone, "/").await.expect("a response"), 200);
    supervisor.forget(&gone.tenant);
    let next = deployment(1, "index.js");
    let crash = get(&supervisor, &gone, "/crash").await;
    assert!(matches!(crash, Err(RequestError::CordonCrashed)), "{crash:?}");
    assert_eq!(notes.quarantined(), []);
    assert!(!supervisor.is_quarantined("tenant-1"));
    supervisor.retire(&gone);
    // And what the next one does is not forgiven.
    let crash = get(&supervisor, &next, "/crash").await;
    assert!(matches!(crash, Err(RequestError::CordonCrashed)), "{crash:?}");
    assert_eq!(notes.quarantined(), [("tenant-1".to_owned(), Offence::Crash)]);
}

async fn suspects_are_taken_in_when_it_happens_again(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    let (bad, busy) = (deployment(1, "index.js"), deployment(2, "index.js"));
    for times in 1..=3 {
        assert_eq!(notes.quarantined(), [], "{times}");
        let crash = async {
            notes.logged.notified().await;
            get(&supervisor, &bad, "/crash").await
        };
        let (waiting, crash) = tokio::join!(get(&supervisor, &busy, "/silence"), crash);
        for answer in [waiting, crash] {
            assert!(matches!(answer, Err(RequestError::CordonCrashed)), "{answer:?}");
        }
    }
    let mut taken = notes.quarantined();
    taken.sort_by(|one, other| one.0.cmp(&other.0));
    let both = ["tenant-1", "tenant-2"].map(|name| (name.to_owned(), Offence::Crash));
    assert_eq!(taken, both);
    supervisor.release("tenant-2");
    assert_eq!(get(&supervisor, &busy, "/").await.expect("a response"), 200);
}

async fn a_cordon_that_talks_nonsense_is_ended(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    let (bad, good) = (deployment(1, "index.js"), deployment(2, "index.js"));
    for deployment in [&bad, &good] {
        assert_eq!(get(&supervisor, deployment, "/").await.expect("a response"), 200);
    }
    let broken = get(&supervisor, &bad, "/nonsense").await;
    assert!(matches!(broken, Err(RequestError::CordonCrashed)), "{broken:?}");
    // Its neighbours leave what is not a cordon any more.
    assert_eq!(get(&supervisor, &good, "/").await.expect("a response"), 200);
    while notes.started.load(Ordering::SeqCst) < 3 {
        tokio::task::yield_now().await;
        assert_eq!(get(&supervisor, &good, "/").await.expect("a response"), 200);
    }
    assert_eq!(notes.quarantined(), [("tenant-1".to_owned(), Offence::BrokeProtocol)]);
}

async fn who_brings_cordons_down_waits_alone(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    let alone = |number| {
        let mut deployment = deployment(number, "index.js");
        Arc::get_mut(&mut deployment).expect("not shared yet").wall = Wall::Process;
        deployment
    };
    let (bad, good) = (alone(1), alone(2));
    for _ in 0..5 {
        let crash = get(&supervisor, &bad, "/crash").await;
        assert!(matches!(crash, Err(RequestError::CordonCrashed)), "{crash:?}");
    }
    // By now it waits for hundreds of milliseconds; a first start of somebody else does not.
    let waiting = pin!(get(&supervisor, &bad, "/"));
    let other = pin!(get(&supervisor, &good, "/"));
    let Either::Right((answer, waiting)) = select(waiting, other).await else {
        panic!("the other one waits too");
    };
    assert_eq!(answer.expect("a response"), 200);
    assert_eq!(waiting.await.expect("a response"), 200);
}

async fn a_broken_deployment_says_where(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    let broken = deployment(1, "broken.js");
    for error in [
        supervisor.check(&broken).await.expect_err("broken"),
        match get(&supervisor, &broken, "/").await.expect_err("broken") {
            RequestError::Start(error) => error,
            other => panic!("{other:?}"),
        },
    ] {
        let StartError::Boot { detail, .. } = error else { panic!("{error:?}") };
        assert_eq!(&*detail.source_line, "export default {}");
    }
}

async fn first_requests_share_one_start(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    let deployment = deployment(1, "index.js");
    for answer in join_all((0..50).map(|_| get(&supervisor, &deployment, "/"))).await {
        assert_eq!(answer.expect("a response"), 200);
    }
    assert_eq!(notes.started.load(Ordering::SeqCst), 1);
}

async fn oneshot_isolates_serve_one_request_each(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    let mut deployment = deployment(1, "index.js");
    Arc::get_mut(&mut deployment).expect("not shared yet").limits.reuse = ReuseMode::Oneshot;
    for answer in join_all((0..10).map(|_| get(&supervisor, &deployment, "/"))).await {
        assert_eq!(answer.expect("a response"), 200);
    }
    assert_eq!(notes.started.load(Ordering::SeqCst), 10);
    no_isolates(&supervisor).await;
}

async fn a_check_leaves_nothing_behind(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    supervisor.check(&deployment(1, "index.js")).await.expect("it starts");
    no_isolates(&supervisor).await;
    assert_eq!(notes.started.load(Ordering::SeqCst), 0);
}

async fn a_retired_isolate_goes(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    let deployment = deployment(1, "index.js");
    assert_eq!(get(&supervisor, &deployment, "/").await.expect("a response"), 200);
    supervisor.retire(&deployment);
    no_isolates(&supervisor).await;
    // A request that was on its way is answered still, and leaves nothing behind.
    let late = get(&supervisor, &deployment, "/").await;
    assert_eq!(late.expect("a response"), 200);
    no_isolates(&supervisor).await;
}

async fn many_late_requests_share_one_start(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    let deployment = deployment(1, "index.js");
    supervisor.retire(&deployment);
    for answer in join_all((0..10).map(|_| get(&supervisor, &deployment, "/"))).await {
        assert_eq!(answer.expect("a response"), 200);
    }
    assert_eq!(notes.started.load(Ordering::SeqCst), 1);
    no_isolates(&supervisor).await;
    assert!(supervisor.usages().is_empty(), "a tenant without a live deployment is listed");
}

/// The same version of the same tenant's code, with other variables: an earlier and a later one.
fn earlier_and_later() -> [Arc<Deployment>; 2] {
    let mut both = [deployment(1, "index.js"), deployment(1, "index.js")];
    let variables = vec![("POLICY".to_owned(), "strict".to_owned())];
    Arc::get_mut(&mut both[1]).expect("not shared yet").variables = variables;
    both
}

async fn what_is_older_replaces_nothing(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    let [earlier, later] = earlier_and_later();
    assert_eq!(get(&supervisor, &later, "/").await.expect("a response"), 200);
    // Routed before the change, and here before the supervisor has heard of it.
    assert_eq!(get(&supervisor, &earlier, "/").await.expect("a response"), 200);
    assert_eq!(get(&supervisor, &later, "/").await.expect("a response"), 200);
    assert_eq!(notes.started.load(Ordering::SeqCst), 2, "the later one was started again");
    isolates(&supervisor, 1).await;
}

async fn what_was_replaced_does_not_come_back(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    let [earlier, later] = earlier_and_later();
    assert_eq!(get(&supervisor, &earlier, "/").await.expect("a response"), 200);
    supervisor.replace(&earlier, &later);
    no_isolates(&supervisor).await;
    assert_eq!(get(&supervisor, &later, "/").await.expect("a response"), 200);
    supervisor.retire(&later);
    supervisor.forget(&later.tenant);
    assert_eq!(get(&supervisor, &earlier, "/").await.expect("a response"), 200);
    no_isolates(&supervisor).await;
    assert_eq!(notes.started.load(Ordering::SeqCst), 3);
    assert!(supervisor.usages().is_empty(), "a tenant that is no more is listed");
}

async fn what_does_for_both_stays(notes: Arc<Notes>) {
    let supervisor = supervisor(&notes, 100);
    let [earlier, later] = [deployment(1, "index.js"), deployment(1, "index.js")];
    assert_eq!(get(&supervisor, &earlier, "/").await.expect("a response"), 200);
    supervisor.replace(&earlier, &later);
    for deployment in [&later, &earlier] {
        assert_eq!(get(&supervisor, deployment, "/").await.expect("a response"), 200);
    }
    assert_eq!(notes.started.load(Ordering::SeqCst), 1);
    supervisor.retire(&later);
    no_isolates(&supervisor).await;
}

async fn no_cordon_is_no_hang(notes: Arc<Notes>) {
    let config = SupervisorConfig {
        launcher: launcher(Path::new("/nonexistent/insula-cordon")),
        handles: 1000,
        capacity: Capacity::default(),
    };
    let supervisor = Supervisor::new(config, notes).expect("a supervisor");
    let answer = get(&supervisor, &deployment(1, "index.js"), "/").await;
    assert!(matches!(answer, Err(RequestError::Start(StartError::NoCordon(_)))), "{answer:?}");
}

/// Waits until the last isolate is gone.
async fn no_isolates(supervisor: &Supervisor) {
    isolates(supervisor, 0).await;
}

/// Waits until so many isolates live.
async fn isolates(supervisor: &Supervisor, number: usize) {
    while supervisor.counts().isolates != number {
        tokio::task::yield_now().await;
    }
}

fn supervisor(notes: &Arc<Notes>, isolates_per_cordon: usize) -> Arc<Supervisor> {
    let launcher = launcher(&std::env::current_exe().expect("a path"));
    let config = SupervisorConfig {
        launcher,
        handles: 1000,
        capacity: Capacity { isolates_per_cordon, ..Capacity::default() },
    };
    Supervisor::new(config, Arc::clone(notes) as Arc<dyn Services>).expect("a supervisor")
}

fn launcher(cordon: &Path) -> Launcher {
    let mut command = Command::new(std::env::current_exe().expect("a path"));
    command.arg(LAUNCHER).arg(cordon);
    Launcher::start(command, Terms::default()).expect("a launcher")
}

async fn get(
    supervisor: &Supervisor,
    deployment: &Arc<Deployment>,
    path: &str,
) -> Result<u16, RequestError> {
    let (url, headers) = (format!("http://tenant.localhost{path}"), HeaderMap::new());
    let body = RequestBody::None;
    let request = IsolateRequest {
        asked: Instant::now(),
        method: "GET",
        url: &url,
        headers: &headers,
        body,
        upgrade: false,
    };
    let response = supervisor.handle(deployment, request).await?;
    Ok(response.status().as_u16())
}

fn deployment(number: usize, entry: &str) -> Arc<Deployment> {
    let module = Module {
        name: entry.to_owned(),
        kind: ModuleKind::JavaScript,
        source: Bytes::from_static(b"export default {}"),
    };
    Arc::new(Deployment {
        wall: Wall::Shared,
        policy: Arc::default(),
        tenant: format!("tenant-{number}").into(),
        id: format!("version-{number}").into(),
        code: Bundle { entry: entry.to_owned(), modules: vec![module] }.into(),
        generation: Generation::next(),
        variables: Vec::new(),
        limits: Limits::default(),
    })
}

/// Counts starts, tells of lines of log, notes who was taken into quarantine.
#[derive(Default)]
struct Notes {
    started: AtomicUsize,
    logged: Notify,
    quarantined: Mutex<Vec<(String, Offence)>>,
}

impl Notes {
    fn quarantined(&self) -> Vec<(String, Offence)> {
        self.quarantined.lock().expect("no panic").clone()
    }
}

impl Services for Notes {
    fn fetch(
        &self,
        _deployment: Arc<Deployment>,
        _request: Subrequest,
    ) -> BoxFuture<'static, Result<http::Response<BoxBody>, SubrequestError>> {
        Box::pin(async { Err(SubrequestError::Network("none here".to_owned())) })
    }

    fn event(&self, deployment: &Arc<Deployment>, event: TenantEvent) {
        match event {
            TenantEvent::Started { .. } => drop(self.started.fetch_add(1, Ordering::SeqCst)),
            TenantEvent::Log(_) => self.logged.notify_one(),
            TenantEvent::Quarantined(offence) => {
                let mut quarantined = self.quarantined.lock().expect("no panic");
                quarantined.push((deployment.tenant.to_string(), offence));
            }
            _ => {}
        }
    }
}
