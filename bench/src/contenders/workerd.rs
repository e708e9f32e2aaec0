//! workerd, as one would configure it for many tenants: a worker each, and a router before them.

use std::{
    fmt::Write,
    fs,
    net::TcpListener,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{Contender, tenant_source};
use crate::{
    args::{Args, Name},
    error::BenchError,
    http::Connection,
    process::Server,
};

/// Passes a request to the worker that the host name's first label names.
const ROUTER: &str = "\
export default {
  fetch(request, env) {
    const host = request.headers.get(\"host\");
    return env[host.slice(0, host.indexOf(\".\"))].fetch(request);
  },
};
";

#[derive(Debug)]
pub struct Workerd {
    server: Server,
    address: String,
    /// From the start of the process until the last worker had answered.
    pub started_in: Duration,
    _dir: TempDir,
}

impl Workerd {
    /// With one tenant there is no router: the socket leads straight to the worker.
    pub fn start(args: &Args, tenants: u32) -> Result<Self, BenchError> {
        let io = |source| BenchError::io("prepare workerd", source);
        let dir = TempDir::new().map_err(io)?;
        let address = free_address().map_err(io)?;
        write_config(dir.path(), &address, tenants).map_err(io)?;
        let program = args.bench_dir.join(".cache/node_modules/.bin/workerd");
        let mut command = Command::new(program);
        command.arg("serve").arg(dir.path().join("config.capnp"));
        let began = Instant::now();
        let mut server = Server::start("workerd", &mut command, dir.path().join("log"))?;
        // It accepts connections before it has started its workers.
        let last = format!("t{tenants}.localhost");
        server.wait_until(|| Connection::open(&address).ok()?.get(&last).ok())?;
        Ok(Self { server, address, started_in: began.elapsed(), _dir: dir })
    }
}

impl Contender for Workerd {
    fn name(&self) -> Name {
        Name::Workerd
    }

    fn address(&self) -> &str {
        &self.address
    }

    fn pid(&self) -> u32 {
        self.server.pid()
    }
}

/// A port that was free a moment ago: workerd cannot say which one it was given.
fn free_address() -> std::io::Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

fn write_config(dir: &Path, address: &str, tenants: u32) -> std::io::Result<()> {
    let mut services = String::new();
    let mut bindings = String::new();
    for tenant in 1..=tenants {
        fs::write(dir.join(format!("t{tenant}.js")), tenant_source(tenant))?;
        let module = format!("(name = \"main\", esModule = embed \"t{tenant}.js\")");
        let _ = writeln!(
            services,
            "    (name = \"t{tenant}\", worker = (compatibilityDate = \"2026-01-01\", modules = [{module}])),"
        );
        let _ = write!(bindings, "(name = \"t{tenant}\", service = \"t{tenant}\"), ");
    }
    let entry = if tenants == 1 { "t1" } else { "router" };
    if tenants > 1 {
        fs::write(dir.join("router.js"), ROUTER)?;
        let module = "(name = \"main\", esModule = embed \"router.js\")";
        let _ = writeln!(
            services,
            "    (name = \"router\", worker = (compatibilityDate = \"2026-01-01\", modules = [{module}], bindings = [{bindings}])),"
        );
    }
    let config = format!(
        "using Workerd = import \"/workerd/workerd.capnp\";\n\
         const config :Workerd.Config = (\n\
         \x20 services = [\n{services}  ],\n\
         \x20 sockets = [(name = \"http\", address = \"{address}\", http = (), service = \"{entry}\")],\n\
         );\n"
    );
    fs::write(dir.join("config.capnp"), config)
}
