//! Attacks that need a network of their own: this program runs itself anew in network and mount
//! namespaces, with a name server of its own and one public address that is on loopback.

use std::net::Ipv4Addr;
use std::process::{Command, ExitCode};

use insula_tests::{App, binary};

use super::name_server::NameServer;
use crate::driver::{Listener, Scene, User};

/// Public, and in the new network an address of this machine's.
pub const PUBLIC: Ipv4Addr = Ipv4Addr::new(1, 2, 3, 4);

/// Says to the program which attack to make, and as whom.
const INSIDE: &str = "INSULA_ATTACK_INSIDE";

/// Runs the attack `name` in namespaces of its own, which only root can make.
pub async fn enter(scene: &Scene, name: &str) {
    binary("insula");
    let own = std::env::current_exe().expect("a path");
    let user = if scene.user == User::Root { "root" } else { "ordinary" };
    let mut command = tokio::process::Command::new("unshare");
    command.args(["--net", "--mount"]).arg(own).env(INSIDE, format!("{name} {user}"));
    let output = command.kill_on_drop(true).output().await.expect("run unshare");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
}

/// Whether this process was started by [`enter`]; then this is its whole work.
pub fn inside() -> Option<ExitCode> {
    let what = std::env::var(INSIDE).ok()?;
    let (name, user) = what.split_once(' ')?;
    let user = if user == "root" { User::Root } else { User::Ordinary };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        set_up();
        let names = NameServer::start();
        let scene = Scene::shared(user).await;
        let port = scene.canary.address().port();
        let public = Listener::start(&format!("{PUBLIC}:{port}"), "the public one").await;
        match name {
            "rebinding" => super::rebinding::inside(&scene, &names, &public).await,
            "two_addresses" => super::two_addresses::inside(&scene, &names).await,
            _ => super::unanswered::inside(&scene, &names).await,
        }
        assert_eq!(scene.canary.connections(), 0, "somebody reached the service on loopback");
        assert!(scene.victim.ask(&scene.server).await.expect("the victim"), "it was restarted");
        assert!(!scene.server.log().contains("panicked"), "{}", scene.server.log());
    });
    Some(ExitCode::SUCCESS)
}

/// An interface, an address, and who is asked for names. All of it ends with this process.
fn set_up() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "nameserver 127.0.0.1\noptions attempts:1 timeout:2\n")
        .expect("write a file");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(file.path(), mode).expect("open a file");
    let path = file.path().to_str().expect("a path in UTF-8");
    run("ip", &["link", "set", "lo", "up"]);
    run("ip", &["address", "add", &format!("{PUBLIC}/32"), "dev", "lo"]);
    run("mount", &["--bind", path, "/etc/resolv.conf"]);
}

fn run(program: &str, args: &[&str]) {
    let status = Command::new(program).args(args).status();
    assert!(status.as_ref().is_ok_and(|it| it.success()), "{program} {args:?}: {status:?}");
}

/// Fetches each URL in a request of its own, as often as said; returns what the tenant saw.
pub async fn fetch_all(scene: &Scene, urls: &[String], times: usize) -> Vec<String> {
    const ATTACKER: &str = "export default {
        async fetch(request) {
            const { urls, times } = await request.json();
            const once = (url) => fetch(url).then((it) => it.text(), (error) => `failed: ${error.message}`);
            const said = [];
            for (let n = 0; n < times; n++) said.push(...await Promise.all(urls.map(once)));
            return Response.json(said);
        },
    };";
    let args = ["--cpu-ms", "5000"];
    scene.server.deploy_with("attacker", &App::module(ATTACKER), &args).await;
    let asked = serde_json::json!({ "urls": urls, "times": times }).to_string();
    let answer = scene.server.post("attacker", "/", asked).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(scene.canaries.found_in(&answer.body), None, "{answer:?}");
    serde_json::from_slice(&answer.body).expect("a list of texts")
}
