//! Unmodified packages from npm, bundled by esbuild, answer here as under Node. Each program is a file in
//! `tests/packages/src`; what they talk to is `tests/packages/stand-in.mjs`.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use insula_tests::{Options, Server, within};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

#[tokio::test]
async fn programs_of_packages_answer_as_under_node() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("packages");
    bundle(&folder).await;
    let stand_in = StandIn::start(&folder).await;
    let config = format!("[egress]\nallow = [\"{}\"]\n", stand_in.address);
    let server = Server::with(Options::config(config)).await;
    let origin = format!("http://{}", stand_in.address);
    let variable = format!("ORIGIN={origin}");
    let mut wrong = String::new();
    for program in programs(&folder) {
        let name = program.file_stem().and_then(|name| name.to_str()).expect("a name in UTF-8");
        let there = under_node(&folder, name, &origin).await;
        let bundle = folder.join("dist").join(format!("{name}.js"));
        let bundle = bundle.to_str().expect("a path in UTF-8");
        let flags = ["--tenant", "packages", "--cpu-ms", "20000", "--var", &variable];
        let deployed = server.insula(&[&["deploy", bundle], &flags[..]].concat()).await;
        if deployed.code != Some(0) {
            wrong += &format!("{name} cannot be deployed:\n{}\n", deployed.stderr);
            continue;
        }
        let answer = server.get("packages", "/").await;
        let here = (u64::from(answer.status), answer.header("content-type"), answer.text());
        let expected = (
            there["status"].as_u64().unwrap_or_default(),
            there["type"].as_str().unwrap_or_default(),
            there["body"].as_str().unwrap_or_default(),
        );
        if here != expected || here.0 != 200 {
            wrong += &format!("{name}:\n  {here:?}\n  and under Node\n  {expected:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn programs(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.join("src")).expect("the programs");
    let files = entries.map(|entry| entry.expect("a file").path());
    let mut programs: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "js")).collect();
    programs.sort();
    assert!(!programs.is_empty());
    programs
}

/// What the bundle answers behind Node's own server.
async fn under_node(folder: &Path, name: &str, origin: &str) -> Value {
    let mut command = node(folder);
    command.args(["--no-warnings", "answer.mjs", &format!("dist/{name}.js")]);
    command.env("ORIGIN", origin).env("TZ", "UTC");
    let output = within("node to answer", command.output()).await.expect("its output");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{name} under Node: {error}: {}", String::from_utf8_lossy(&output.stderr))
    })
}

/// The services that the packages are made for. Dropping it ends it.
struct StandIn {
    address: String,
    _process: Child,
}

impl StandIn {
    async fn start(folder: &Path) -> Self {
        let mut command = node(folder);
        command.arg("stand-in.mjs").stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().expect("start node");
        let stdout = BufReader::new(process.stdout.take().expect("a pipe"));
        let line = within("the stand-in to listen", stdout.lines().next_line()).await;
        let line = line.expect("a line").expect("node ended without listening");
        let address = line.rsplit(' ').next().unwrap_or_default().to_owned();
        Self { address, _process: process }
    }
}

/// Runs the programs' own build script, unless it has run since they changed.
async fn bundle(folder: &Path) {
    let built = std::fs::metadata(folder.join("dist/.built")).and_then(|file| file.modified());
    let newest =
        sources(folder).iter().filter_map(|path| path.metadata().ok()?.modified().ok()).max();
    if built.is_ok_and(|built| newest.is_some_and(|newest| newest < built)) {
        return;
    }
    for args in [&["ci", "--no-audit", "--no-fund", "--loglevel=error"][..], &["run", "build"]] {
        let output = Command::new("npm").args(args).current_dir(folder).output().await;
        let output = output.expect("npm, which `make test` installs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "npm {args:?}: {said}");
    }
    std::fs::write(folder.join("dist/.built"), "").expect("write a file");
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut sources = programs(folder);
    for name in
        ["package-lock.json", "build.mjs", "src/svelte/App.svelte", "src/svelte/Item.svelte"]
    {
        sources.push(folder.join(name));
    }
    sources
}

fn node(folder: &Path) -> Command {
    let mut command = Command::new("node");
    command.current_dir(folder);
    command
}
