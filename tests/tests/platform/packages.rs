//! Unmodified packages from npm, bundled by esbuild, and a framework's build answer here as under Node. Each program
//! is a file in `tests/packages/src`, with a folder of the same name if it consists of more or is asked more than `GET /`
//! (`requests.json`); what they talk to is `tests/packages/stand-in.mjs`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use http::Request;
use insula_tests::{Answer, Body, Options, Server, bundle, host, whole, within};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
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
        let requests = requests(&folder, name);
        let there = under_node(&folder, name, &requests, &origin).await;
        assert_eq!(there.len(), requests.len(), "{name}");
        let file = folder.join("dist").join(format!("{name}.js"));
        let file = file.to_str().expect("a path in UTF-8");
        let flags = ["--tenant", "packages", "--cpu-ms", "20000", "--var", &variable];
        let deployed = server.insula(&[&["deploy", file], &flags[..]].concat()).await;
        if deployed.code != Some(0) {
            wrong += &format!("{name} cannot be deployed:\n{}\n", deployed.stderr);
            continue;
        }
        for (asked, there) in requests.iter().zip(&there) {
            let here = server.connect().await.send(asked.request()).await;
            wrong += &differences(name, asked, &Answered::new(here), there);
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

/// A request of a program's list.
#[derive(Deserialize, Serialize)]
struct Asked {
    #[serde(default = "get")]
    method: String,
    path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    /// What comes of it, so that both sides' failing alike is a failure.
    status: u16,
}

impl Asked {
    fn request(&self) -> Request<Body> {
        let mut request = Request::builder().uri(&self.path).method(&*self.method);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(whole(self.body.clone())).expect("a request")
    }
}

fn get() -> String {
    "GET".to_owned()
}

fn requests(folder: &Path, name: &str) -> Vec<Asked> {
    let listed = std::fs::read_to_string(folder.join("src").join(name).join("requests.json"));
    let listed = listed.unwrap_or_else(|_| r#"[{ "path": "/", "status": 200 }]"#.to_owned());
    let mut requests: Vec<Asked> = serde_json::from_str(&listed).expect("a list of requests");
    for request in &mut requests {
        request.headers.insert("host".to_owned(), host("packages"));
        request.headers.insert("origin".to_owned(), format!("http://{}", host("packages")));
    }
    requests
}

/// What is compared of an answer.
#[derive(Deserialize, Debug, PartialEq)]
struct Answered {
    status: u16,
    headers: BTreeMap<String, Value>,
    body: String,
}

/// Header fields of servers and their caches, not of programs.
const OF_SERVERS: [&str; 6] =
    ["age", "connection", "content-length", "date", "keep-alive", "transfer-encoding"];

impl Answered {
    fn new(answer: Answer) -> Self {
        let mut headers = BTreeMap::<String, Value>::new();
        for (name, value) in &answer.headers {
            let value = value.to_str().expect("ASCII");
            match (name.as_str(), headers.get_mut(name.as_str())) {
                // As Node.js shows them.
                ("set-cookie", Some(Value::Array(values))) => values.push(value.into()),
                ("set-cookie", _) => drop(headers.insert(name.to_string(), json!([value]))),
                (_, Some(before)) => {
                    *before = format!("{}, {value}", before.as_str().unwrap_or_default()).into();
                }
                (_, None) => drop(headers.insert(name.to_string(), value.into())),
            }
        }
        headers.retain(|name, _| !OF_SERVERS.contains(&name.as_str()));
        Self { status: answer.status, headers, body: answer.text().to_owned() }
    }
}

fn differences(name: &str, asked: &Asked, here: &Answered, there: &Answered) -> String {
    if here == there && here.status == asked.status {
        return String::new();
    }
    let Asked { method, path, .. } = asked;
    format!("{name}, {method} {path}:\n  {here:?}\n  and under Node\n  {there:?}\n")
}

/// What the bundle answers behind Node's own server.
async fn under_node(folder: &Path, name: &str, requests: &[Asked], origin: &str) -> Vec<Answered> {
    let mut command = node(folder);
    let requests = serde_json::to_string(requests).expect("JSON");
    command.args(["--no-warnings", "answer.mjs", &format!("dist/{name}.js"), &requests]);
    command.env("ORIGIN", origin).env("TZ", "UTC");
    let output = within("node to answer", command.output()).await.expect("its output");
    let answers = serde_json::from_slice::<Vec<Answered>>(&output.stdout);
    let mut answers = answers.unwrap_or_else(|error| {
        panic!("{name} under Node: {error}: {}", String::from_utf8_lossy(&output.stderr))
    });
    for answer in &mut answers {
        answer.headers.retain(|name, _| !OF_SERVERS.contains(&name.as_str()));
    }
    answers
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

fn node(folder: &Path) -> Command {
    let mut command = Command::new("node");
    command.current_dir(folder);
    command
}
