use std::fs::{self, File, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, ExitStatus, Stdio};

use http::Request;
use tempfile::TempDir;

use crate::binaries::binary;
use crate::client::{Answer, Body, Connection, empty, whole};
use crate::process::{Process, children};
use crate::{App, Command, Raw, Run, Tail, eventually};

/// Seconds that a server gets to end before it is killed: requests that a test has left in flight
/// are not worth waiting for.
const GRACE_SECONDS: i64 = 2;

/// On free ports, with a data folder beside the configuration.
const SERVE: [&str; 5] = ["serve", "--admin", "127.0.0.1:0", "--data", "data"];

/// Unless a test chooses.
const LISTEN: [&str; 2] = ["--listen", "127.0.0.1:0"];

/// A running `insula serve` with a data folder of its own. Dropping it ends it, and shows its log
/// if the test fails.
pub struct Server {
    folder: TempDir,
    child: Child,
    listen: SocketAddr,
    admin: SocketAddr,
}

/// How to start a server.
#[derive(Debug, Clone, Default)]
pub struct Options {
    config: String,
    args: Vec<String>,
    user: Option<u32>,
    env: Vec<String>,
    binaries: Option<PathBuf>,
}

impl Options {
    /// The text of `insula.toml`.
    pub fn config(text: impl Into<String>) -> Self {
        Self { config: text.into(), ..Self::default() }
    }

    /// A folder with another `insula`, beside an `insula-cordon` that it will start.
    #[must_use]
    pub fn binaries(mut self, folder: &Path) -> Self {
        self.binaries = Some(folder.to_owned());
        self
    }

    /// Further arguments of `insula serve`.
    #[must_use]
    pub fn args(mut self, args: &[&str]) -> Self {
        self.args.extend(args.iter().map(|arg| (*arg).to_owned()));
        self
    }

    /// Who starts it; only root can start it as somebody else.
    #[must_use]
    pub fn user(mut self, user: Option<u32>) -> Self {
        self.user = user;
        self
    }

    /// A variable in its environment; a line of text.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push(format!("{name}={value}"));
        self
    }
}

impl Server {
    /// A server with the default configuration.
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    /// A server.
    pub async fn with(options: Options) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // Started by root, the server is somebody else.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o711)).expect("opens");
        fs::write(folder.path().join("insula.toml"), &options.config).expect("write a file");
        fs::write(folder.path().join("args"), options.args.join("\n")).expect("write a file");
        let mut program = binary("insula");
        if let Some(binaries) = &options.binaries {
            program = binaries.join("insula");
        } else if options.user.is_some() {
            // Where everybody can start them.
            for name in ["insula", "insula-cordon"] {
                fs::copy(binary(name), folder.path().join(name)).expect("copy a binary");
            }
            program = folder.path().join("insula");
        }
        let program = program.to_str().expect("a path in UTF-8");
        fs::write(folder.path().join("program"), program).expect("write a file");
        if let Some(user) = options.user {
            chown(folder.path(), Some(user), Some(user)).expect("give the folder");
        }
        fs::write(folder.path().join("env"), options.env.join("\n")).expect("write a file");
        Self::run(folder).await
    }

    /// Ends the server by SIGTERM, and keeps its folder.
    pub async fn end(mut self) -> Stopped {
        self.process().terminate();
        assert_eq!(self.ended().await.code(), Some(0), "{}", self.log());
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().expect("a folder"));
        Stopped(folder)
    }

    async fn run(folder: TempDir) -> Self {
        let mut child = spawn(folder.path());
        let run = folder.path().join("data/run.json");
        let pid = child.id();
        let document = eventually("run.json of a server that just started", async || {
            if let Ok(Some(status)) = child.try_wait() {
                panic!("insula serve ended with {status}:\n{}", log(folder.path()));
            }
            let document: serde_json::Value =
                serde_json::from_str(&fs::read_to_string(&run).ok()?).ok()?;
            // The file of a server that was killed is still there.
            (document["pid"] == pid).then_some(document)
        })
        .await;
        let address = |name: &str| {
            document[name].as_str().and_then(|text| text.parse().ok()).expect("an address")
        };
        let (listen, admin) = (address("listen"), address("admin"));
        Self { folder, child, listen, admin }
    }

    /// Kills the server and starts it again with the same folder; its address changes.
    pub async fn kill_and_restart(self) -> Self {
        self.kill().start().await
    }

    /// Kills the server and keeps its folder.
    pub fn kill(mut self) -> Stopped {
        self.process().kill();
        self.child.wait().expect("its end");
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().expect("a folder"));
        Stopped(folder)
    }

    /// Its process.
    pub fn process(&self) -> Process {
        Process::new(self.child.id())
    }

    /// The one process that may start others.
    pub fn launcher(&self) -> Process {
        let children = children(self.process());
        *children.first().unwrap_or_else(|| panic!("no launcher:\n{}", self.log()))
    }

    /// The processes that hold isolates now. The launcher's children are only their relays.
    pub fn cordons(&self) -> Vec<Process> {
        let launchers = children(self.process());
        launchers.into_iter().flat_map(children).flat_map(children).collect()
    }

    /// Where clients' requests arrive.
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// Where the admin API listens.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// Its data folder.
    pub fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// What it wrote on standard error.
    pub fn log(&self) -> String {
        log(self.folder.path())
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        let child = &mut self.child;
        eventually("the server to end", async || child.try_wait().expect("its state")).await
    }

    // The command line.

    /// Runs `insula` on this server.
    pub async fn insula(&self, args: &[&str]) -> Run {
        self.command(args).run().await
    }

    /// A call of `insula` on this server that has not happened yet.
    pub fn command(&self, args: &[&str]) -> Command {
        let data = self.data();
        let data = ["--data", data.to_str().expect("a path in UTF-8")];
        Command::insula(args.iter().copied().chain(data))
    }

    /// Deploys `app`, which must work.
    pub async fn deploy(&self, tenant: &str, app: &App) -> serde_json::Value {
        self.deploy_with(tenant, app, &[]).await
    }

    /// Deploys `app` with further arguments, which must work.
    pub async fn deploy_with(&self, tenant: &str, app: &App, args: &[&str]) -> serde_json::Value {
        self.try_deploy(tenant, app, &[&["--json"], args].concat()).await.json()
    }

    /// Deploys `app` or fails to.
    pub async fn try_deploy(&self, tenant: &str, app: &App, args: &[&str]) -> Run {
        let path = app.path().to_str().expect("a path in UTF-8");
        self.insula(&[&["deploy", path, "--tenant", tenant], args].concat()).await
    }

    /// Deploys a handler: a function of `(request, env, ctx)`.
    pub async fn handler(&self, tenant: &str, function: &str) {
        self.deploy(tenant, &App::handler(function)).await;
    }

    /// What `insula tenants show` says of a tenant.
    pub async fn tenant(&self, tenant: &str) -> serde_json::Value {
        self.insula(&["tenants", "show", tenant, "--json"]).await.json()
    }

    /// Listens to a tenant's events, beginning with those that just happened.
    pub fn tail(&self, tenant: &str) -> Tail {
        Tail::new(self.command(&["tail", tenant, "--json"]))
    }

    // Clients.

    /// A connection.
    pub async fn connect(&self) -> Connection {
        Connection::http1(self.listen).await
    }

    /// A connection for bytes of the test's own making.
    pub async fn raw(&self) -> Raw {
        Raw::connect(self.listen).await
    }

    /// `GET`, on a connection of its own.
    pub async fn get(&self, tenant: &str, path: &str) -> Answer {
        self.send(get(tenant, path)).await
    }

    /// `POST`, on a connection of its own.
    pub async fn post(&self, tenant: &str, path: &str, body: impl Into<bytes::Bytes>) -> Answer {
        let request = Request::post(path).header("host", host(tenant));
        self.send(request.body(whole(body)).expect("a request")).await
    }

    /// One request, on a connection of its own.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        self.connect().await.send(request).await
    }
}

/// What a server that was killed has left.
pub struct Stopped(TempDir);

impl Stopped {
    /// Its data folder.
    pub fn data(&self) -> std::path::PathBuf {
        self.0.path().join("data")
    }

    /// What it wrote on standard error.
    pub fn log(&self) -> String {
        log(self.0.path())
    }

    /// Starts it again as it was; its address changes.
    pub async fn start(self) -> Server {
        Server::run(self.0).await
    }

    /// A start that is expected to fail, with what it was started with but its environment.
    pub fn command(&self) -> Command {
        let args = fs::read_to_string(self.0.path().join("args")).expect("the arguments");
        Command::insula(arguments(&args)).folder(self.0.path())
    }
}

/// A `GET` for a tenant.
pub fn get(tenant: &str, path: &str) -> Request<Body> {
    Request::get(path).header("host", host(tenant)).body(empty()).expect("a request")
}

/// The host name of a tenant.
pub fn host(tenant: &str) -> String {
    format!("{tenant}.localhost")
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.process().terminate();
            if !self.process().wait_blocking(GRACE_SECONDS) {
                self.process().kill();
            }
            let _ = self.child.wait();
        }
        if std::thread::panicking() {
            eprintln!("--- the server's log ---\n{}---", self.log());
        }
    }
}

fn spawn(folder: &Path) -> Child {
    binary("insula-cordon");
    let log = File::options().create(true).append(true).open(folder.join("log"));
    let args = fs::read_to_string(folder.join("args")).expect("the arguments");
    let env = fs::read_to_string(folder.join("env")).expect("the environment");
    let owner = fs::metadata(folder).expect("the folder").uid();
    let own = rustix::process::geteuid().as_raw();
    let program = fs::read_to_string(folder.join("program")).expect("the program");
    let mut command = process::Command::new(program);
    if owner != own {
        command.uid(owner).gid(owner);
    }
    command
        .args(arguments(&args))
        .env_remove("INSULA_SECRETS_KEY")
        .envs(env.lines().filter_map(|line| line.split_once('=')))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log.expect("a file for the log"));
    command.spawn().expect("start insula serve")
}

/// Those of `insula serve`, with a test's own.
fn arguments(own: &str) -> Vec<&str> {
    let listen = LISTEN.into_iter().filter(|_| !own.lines().any(|arg| arg == LISTEN[0]));
    SERVE.into_iter().chain(listen).chain(own.lines()).collect()
}

fn log(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap_or_default()
}
