use std::fs;
use std::path::PathBuf;

use insula_tests::{App, Connection, Options, Server, control_groups, empty, eventually};

/// What the kernel says of a cordon's control group and, in the words of version 2 and of version 1,
/// where.
const OF_GROUPS: [(&str, &[&str]); 6] = [
    ("cordon_memory_bytes", &["memory.current", "memory.usage_in_bytes"]),
    ("cordon_memory_peak_bytes", &["memory.peak", "memory.max_usage_in_bytes"]),
    ("cordon_memory_limit_bytes", &["memory.max", "memory.limit_in_bytes"]),
    ("cordon_oom_kills_total", &["memory.events", "memory.oom_control"]),
    ("cordon_cpu_seconds_total", &["cgroup.controllers", "cpuacct.usage"]),
    ("cordon_threads", &["pids.current"]),
];

/// The text of `/metrics`.
pub(crate) async fn scrape(server: &Server) -> String {
    let token = std::fs::read_to_string(server.data().join("admin-token")).expect("a token");
    let request = http::Request::get("/metrics")
        .header("host", "admin")
        .header("authorization", format!("Bearer {}", token.trim()));
    let mut connection = Connection::http1(server.admin()).await;
    let answer = connection.send(request.body(empty()).expect("a request")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    answer.text().to_owned()
}

/// The value of the sample that a line begins with `name`.
pub(crate) fn value(text: &str, name: &str) -> f64 {
    let line =
        text.lines().find(|line| line.strip_prefix(name).is_some_and(|l| l.starts_with(' ')));
    let line = line.unwrap_or_else(|| panic!("no {name} in\n{text}"));
    line[name.len()..].trim().parse().expect("a number")
}

#[tokio::test]
async fn every_tenant_has_its_numbers() {
    let server = Server::start().await;
    server
        .handler(
            "alice",
            "(request) => {
                if (request.url.endsWith('/burn')) for (;;) {}
                if (request.url.endsWith('/throw')) throw new Error('no');
                return new Response('here')
            }",
        )
        .await;
    server.handler("bob", "() => new Response('there')").await;
    for _ in 0..3 {
        server.get("alice", "/").await.assert_ok("here");
    }
    server.get("alice", "/throw").await.assert_error(500, "tenant-exception");
    server.get("alice", "/burn").await.assert_error(503, "cpu-limit");
    server.get("bob", "/").await.assert_ok("there");

    // What has been answered may be counted a moment later.
    let text = eventually("all requests to be counted", async || {
        let text = scrape(&server).await;
        text.contains("outcome=\"cpu-limit\"").then_some(text)
    })
    .await;
    for (name, expected) in [
        (r#"insula_tenant_requests_total{tenant="alice",outcome="ok"}"#, 3.0),
        (r#"insula_tenant_requests_total{tenant="alice",outcome="tenant-exception"}"#, 1.0),
        (r#"insula_tenant_requests_total{tenant="alice",outcome="cpu-limit"}"#, 1.0),
        (r#"insula_tenant_exceptions_total{tenant="alice"}"#, 1.0),
        (r#"insula_tenant_limit_breaches_total{tenant="alice",limit="cpu-limit"}"#, 1.0),
        (r#"insula_tenant_requests_total{tenant="bob",outcome="ok"}"#, 1.0),
        (r#"insula_tenant_cold_starts_total{tenant="bob"}"#, 1.0),
        (r#"insula_tenant_isolates{tenant="bob"}"#, 1.0),
    ] {
        assert_eq!(value(&text, name), expected, "{name}\n{text}");
    }
    assert!(value(&text, r#"insula_tenant_cpu_seconds_total{tenant="alice"}"#) >= 0.05, "{text}");
    assert!(value(&text, r#"insula_tenant_memory_bytes{tenant="bob"}"#) > 100_000.0, "{text}");
    assert!(value(&text, "insula_cordons") >= 1.0);
    assert!(text.ends_with("# EOF\n"));
    // A tenant that is no more leaves nothing behind.
    server.insula(&["delete", "bob"]).await.succeeded();
    assert!(!scrape(&server).await.contains("bob"));
}

#[tokio::test]
async fn every_cordon_has_the_readings_of_its_control_group() {
    for starter in starters() {
        let server = Server::with(Options::default().user(starter)).await;
        server.handler("alice", "() => { for (;;) {} }").await;
        server.get("alice", "/").await.assert_error(503, "cpu-limit");
        let text = eventually("two cordons", async || {
            let text = scrape(&server).await;
            (of_cordons(&text, "cordon_resident_bytes").len() >= 2).then_some(text)
        })
        .await;
        if !has_groups(&server) {
            for (family, _) in OF_GROUPS {
                assert_eq!(of_cordons(&text, family), [], "{family} of no group\n{text}");
            }
            continue;
        }
        for (pid, _) in &of_cordons(&text, "cordon_resident_bytes") {
            let folders = folders(&server, pid);
            assert!(!folders.is_empty(), "{pid} is in no group\n{text}");
            let sample = |family| {
                let all = of_cordons(&text, family);
                all.iter().find(|(of, _)| of == pid).map(|(_, value)| *value)
            };
            for (family, files) in OF_GROUPS {
                let is_counted = file(&folders, files).is_some();
                assert_eq!(sample(family).is_some(), is_counted, "{family} of {pid}\n{text}");
            }
            let limit = file(&folders, OF_GROUPS[2].1).and_then(|text| text.trim().parse().ok());
            let samples = OF_GROUPS.map(|(family, _)| sample(family));
            let [memory, peak, said_limit, kills, _, threads] = samples;
            assert_eq!(said_limit, limit, "{text}");
            assert!(memory.is_none_or(|bytes| bytes > 1e6), "{text}");
            assert!(
                peak.is_none_or(|bytes| Some(bytes) >= memory && Some(bytes) <= limit),
                "{text}"
            );
            assert!(kills.is_none_or(|kills| kills == 0.0), "{text}");
            // The relay, the cordon's first thread, and one that runs an isolate.
            assert!(threads.is_none_or(|threads| threads >= 3.0), "{text}");
        }
        let times = of_cordons(&text, "cordon_cpu_seconds_total");
        // One of them has let alice use all that she may.
        let has_worked = times.iter().any(|(_, seconds)| *seconds >= 0.05);
        assert!(times.is_empty() || has_worked, "{text}");
    }
}

#[tokio::test]
async fn a_cordon_that_ended_for_lack_of_memory_is_counted() {
    let server = Server::start().await;
    let app = App::module(
        "let kept; export default { fetch(request) {
            if (request.url.endsWith('/much')) kept = new Uint8Array(96 << 20).fill(1);
            return new Response('here');
        } }",
    );
    let flags = ["--cpu-ms", "20000", "--memory-mb", "128"];
    server.deploy_with("alice", &app, &flags).await;
    server.get("alice", "/much").await.assert_ok("here");
    let ended = "insula_cordons_out_of_memory_total";
    let groups = control_groups(server.launcher());
    if file(&groups, OF_GROUPS[0].1).is_none() {
        has_groups(&server);
        assert!(!scrape(&server).await.contains(ended));
        return;
    }
    // Killed by somebody else.
    server.cordons().iter().for_each(|cordon| cordon.kill());
    eventually("the end of a cordon", async || server.log().contains("cordon ended").then_some(()))
        .await;
    eventually("a new cordon", async || {
        (server.get("alice", "/").await.status == 200).then_some(())
    })
    .await;
    assert_eq!(value(&scrape(&server).await, ended), 0.0, "{}", server.log());
    // No room for what alice keeps.
    for group in control_groups(server.launcher()) {
        let used = file(std::slice::from_ref(&group), OF_GROUPS[0].1)
            .and_then(|text| text.trim().parse().ok());
        let Some(used): Option<u64> = used else { continue };
        let limits = ["memory.max", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"];
        for limit in limits.map(|name| group.join(name)).iter().filter(|limit| limit.exists()) {
            let written = fs::write(limit, (used + (32 << 20)).to_string());
            // The groups of those that were killed are about to go.
            assert!(written.is_ok() || !group.exists(), "{written:?} {limit:?}");
        }
    }
    server.get("alice", "/much").await.assert_error(502, "cordon-crashed");
    eventually("it is counted", async || {
        (value(&scrape(&server).await, ended) >= 1.0).then_some(())
    })
    .await;
}

/// Who may start a server: who runs the tests and, if that is root, somebody without rights.
fn starters() -> Vec<Option<u32>> {
    if rustix::process::geteuid().is_root() { vec![None, Some(60_321)] } else { vec![None] }
}

/// Whether cordons have control groups, in the words of the server; what is there must agree.
fn has_groups(server: &Server) -> bool {
    let has_none = server.log().contains("cordons have no control group");
    assert_eq!(control_groups(server.launcher()).is_empty(), has_none, "{}", server.log());
    !has_none
}

/// The samples of a family that has one for each cordon: whose, and what.
fn of_cordons(text: &str, family: &str) -> Vec<(String, f64)> {
    let prefix = format!("insula_{family}{{pid=\"");
    let samples = text.lines().filter_map(|line| {
        let (pid, rest) = line.strip_prefix(&prefix)?.split_once('"')?;
        // All of these tests' cordons are of those that a server starts with.
        let value = rest.strip_prefix(",kind=\"light\",level=\"default\"} ");
        Some((pid, value.unwrap_or_else(|| panic!("{line}"))))
    });
    samples.map(|(pid, value)| (pid.to_owned(), value.parse().expect("a number"))).collect()
}

/// The folders of the group that the process `pid` is in.
fn folders(server: &Server, pid: &str) -> Vec<PathBuf> {
    let mut folders = control_groups(server.launcher());
    folders.retain(|folder| {
        let ids = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
        ids.lines().any(|id| id == pid)
    });
    folders
}

/// What the first of these files says that a group has.
fn file(folders: &[PathBuf], names: &[&str]) -> Option<String> {
    let paths = folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
    paths.filter_map(|path| fs::read_to_string(path).ok()).next()
}
