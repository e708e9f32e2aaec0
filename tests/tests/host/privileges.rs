use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use insula_tests::{Command, Options, Process, Server, children, eventually};

use crate::{is_root, server_of, starters};

/// `CAP_DAC_OVERRIDE`, `CAP_KILL`, `CAP_SETGID`, `CAP_SETUID`, `CAP_SETPCAP`, `CAP_SYS_ADMIN`.
const LAUNCHER: u64 = 1 << 1 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 21;

fn set(process: Process, name: &str) -> u64 {
    u64::from_str_radix(&process.status(name), 16).expect("a set of capabilities")
}

#[tokio::test]
async fn who_listens_has_no_rights() {
    for starter in starters() {
        let server = Server::with(Options::default().user(starter)).await;
        let (process, user) = (server.process(), server_of(starter).to_string());
        for name in ["Uid", "Gid"] {
            let numbers = process.status(name);
            assert!(numbers.split_whitespace().all(|number| number == user), "{numbers}");
        }
        for name in ["CapEff", "CapPrm", "CapInh", "CapAmb"] {
            assert_eq!(set(process, name), 0, "{name}");
        }
        assert_eq!(process.status("NoNewPrivs"), "1");
        assert_eq!(process.status("Seccomp"), "2");
        // What a process that cannot be dumped has under /proc is root's.
        let memory = format!("/proc/{}/mem", process.id());
        assert_eq!(std::fs::metadata(memory).expect("is there").uid(), 0);
        if is_root() && starter.is_none() {
            assert_eq!(process.status("Groups"), "");
            assert_eq!(set(process, "CapBnd"), 0);
        }
    }
}

#[tokio::test]
async fn the_launcher_has_the_rights_that_cordons_take() {
    for starter in starters() {
        let server = Server::with(Options::default().user(starter)).await;
        let launcher = server.launcher();
        let may = if is_root() && starter.is_none() { LAUNCHER } else { 0 };
        for name in ["CapEff", "CapPrm"] {
            assert_eq!(set(launcher, name) & !may, 0, "{name}");
        }
        assert_eq!(set(launcher, "CapInh") | set(launcher, "CapAmb"), 0);
        if may != 0 {
            assert_eq!(set(launcher, "CapBnd") & !may, 0);
        }
        assert_eq!(launcher.status("NoNewPrivs"), "1");
        assert_eq!(launcher.status("Threads"), "1");
        let environment = std::fs::read(format!("/proc/{}/environ", launcher.id()));
        assert!(environment.is_ok_and(|text| text.is_empty()) || !is_root());
        if is_root() {
            let log = server.data().with_file_name("log");
            let is_known = |to: &PathBuf| {
                let text = to.to_string_lossy();
                let standard = text == "/dev/null" || text.starts_with("socket:") || *to == log;
                standard || text.contains("pidfd")
            };
            // It holds a cordon's descriptors for the moment of its start.
            eventually("a launcher with nothing but its link and its cordons", async || {
                launcher.descriptors().iter().all(is_known).then_some(())
            })
            .await;
        }
    }
}

#[tokio::test]
async fn only_the_launcher_has_children_that_run_other_programs() {
    for starter in starters() {
        let server = Server::with(Options::default().user(starter)).await;
        eventually("two cordons", async || (server.cordons().len() >= 2).then_some(())).await;
        let launchers = children(server.process());
        assert_eq!(launchers, [server.launcher()]);
        assert_eq!(launchers[0].status("Name"), "insula-launcher");
        let relays = children(launchers[0]);
        assert!(relays.len() >= 2, "{relays:?}");
        for relay in relays {
            let cordons = children(relay);
            assert_eq!(cordons.len(), 1, "{cordons:?}");
            // It comes up to the last wall when its engine has started.
            let filter = async || (cordons[0].status("Seccomp") == "2").then_some(());
            eventually("the cordon's filter", filter).await;
        }
    }
}

#[tokio::test]
async fn a_port_of_root_s_is_bound_before_root_goes() {
    if !is_root() {
        return;
    }
    // An address of this machine's own that nothing else listens on.
    let options = Options::default().args(&["--listen", "127.83.61.97:83"]);
    let server = Server::with(options).await;
    assert_eq!(server.listen().port(), 83);
    server.handler("alice", "() => new Response('here')").await;
    server.get("alice", "/").await.assert_ok("here");
}

#[tokio::test]
async fn the_configuration_names_the_user() {
    if !is_root() {
        return;
    }
    let server = Server::with(Options::config("user = 60322")).await;
    assert!(server.process().status("Uid").starts_with("60322\t"));
    assert_eq!(std::fs::metadata(server.data()).expect("is there").uid(), 60_322);
}

#[tokio::test]
async fn root_is_no_user_to_serve_as() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("insula.toml");
    std::fs::write(&config, "user = \"root\"\n").expect("writes");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
    let shown = Command::insula(serve).folder(folder.path()).run().await.failed(1);
    assert!(shown.contains("does not serve as root"), "{shown}");
    assert!(!folder.path().join("insula-data").exists());
}

#[tokio::test]
async fn nobody_starts_a_launcher_by_hand() {
    let shown = Command::insula(["launcher"]).run().await.failed(1);
    assert!(shown.contains("insula serve"), "{shown}");
    let help = Command::insula(["--help"]).run().await.succeeded();
    assert!(!help.contains("launcher"), "{help}");
}

#[tokio::test]
async fn doctor_shows_the_host_s_own_measures() {
    let run = Command::insula(["doctor", "--json"]).run().await;
    let rows: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    for name in ["launcher", "unprivileged user", "no rights", "system call filter"] {
        let name = format!("host: {name}");
        let row = rows.as_array().expect("rows").iter().find(|row| row["name"] == name);
        assert_eq!(row.expect("a row")["state"], "in-force", "{name}");
    }
}
