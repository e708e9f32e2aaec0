//! Insula itself, through its command line only.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;
use tempfile::TempDir;

use super::{Contender, tenant_source};
use crate::{
    args::{Args, Name},
    error::BenchError,
    process::Server,
};

/// `insula serve` on free ports, with its data in a temporary folder.
#[derive(Debug)]
pub struct Insula {
    program: PathBuf,
    walls: Walls,
    server: Server,
    address: String,
    dir: TempDir,
}

/// Whether the machine allows walls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walls {
    All,
    None,
}

/// What `serve` writes when it is ready.
#[derive(Debug, Deserialize)]
struct Run {
    pid: u32,
    listen: String,
}

impl Insula {
    pub fn start(args: &Args) -> Result<Self, BenchError> {
        Self::start_behind(Walls::All, args)
    }

    /// The same where the machine allows no walls.
    pub fn start_unwalled(args: &Args) -> Result<Self, BenchError> {
        Self::start_behind(Walls::None, args)
    }

    fn start_behind(walls: Walls, args: &Args) -> Result<Self, BenchError> {
        let dir = TempDir::new().map_err(|source| BenchError::io("make a folder", source))?;
        let program = args.bin_dir.join("insula");
        let (server, address) = serve(&program, walls, &dir)?;
        Ok(Self { program, walls, server, address, dir })
    }

    /// Deploys `t1` to `t<tenants>`.
    pub fn deploy(&mut self, tenants: u32) -> Result<(), BenchError> {
        self.deploy_with(tenants, &[])
    }

    /// The same with further arguments.
    pub fn deploy_with(&mut self, tenants: u32, more: &[&str]) -> Result<(), BenchError> {
        for tenant in 1..=tenants {
            self.deploy_source(&format!("t{tenant}"), &tenant_source(tenant), more)?;
            if tenant % 100 == 0 {
                eprintln!("   deployed {tenant} of {tenants}");
            }
        }
        Ok(())
    }

    /// Deploys one module.
    pub fn deploy_source(
        &self,
        tenant: &str,
        source: &str,
        more: &[&str],
    ) -> Result<(), BenchError> {
        let path = self.dir.path().join(format!("{tenant}.js"));
        fs::write(&path, source).map_err(|error| BenchError::io("write a tenant's code", error))?;
        let mut command = Command::new(&self.program);
        command.arg("deploy").arg(&path).args(["--tenant", tenant]).args(more);
        self.call(&mut command)
    }

    /// Gives tenant `t<tenant>` a trust level.
    pub fn set_level(&self, tenant: u32, level: &str) -> Result<(), BenchError> {
        self.set_policy(&format!("t{tenant}"), &["--level", level])
    }

    /// Decides something for a tenant.
    pub fn set_policy(&self, tenant: &str, what: &[&str]) -> Result<(), BenchError> {
        let mut command = Command::new(&self.program);
        command.args(["policy", "set", tenant]).args(what);
        self.call(&mut command)
    }

    /// Runs a command on this server, which must work.
    fn call(&self, command: &mut Command) -> Result<(), BenchError> {
        let output = command
            .arg("--data")
            .arg(self.data())
            .output()
            .map_err(|error| BenchError::io("start insula", error))?;
        if output.status.success() {
            return Ok(());
        }
        Err(BenchError::Program {
            program: format!("{command:?}"),
            status: output.status.to_string(),
            output: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Ends the server and starts another on the same data: no tenant runs any more.
    pub fn restart(self) -> Result<Self, BenchError> {
        let Self { program, walls, server, dir, .. } = self;
        drop(server);
        let (server, address) = serve(&program, walls, &dir)?;
        Ok(Self { program, walls, server, address, dir })
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }
}

impl Contender for Insula {
    fn name(&self) -> Name {
        Name::Insula
    }

    fn address(&self) -> &str {
        &self.address
    }

    fn pid(&self) -> u32 {
        self.server.pid()
    }
}

fn serve(program: &Path, walls: Walls, dir: &TempDir) -> Result<(Server, String), BenchError> {
    // Started by root, the server is somebody else, who must get to its data.
    let open = Permissions::from_mode(0o711);
    fs::set_permissions(dir.path(), open)
        .map_err(|error| BenchError::io("open the server's folder", error))?;
    let data = dir.path().join("data");
    let mut command = match walls {
        Walls::All => Command::new(program),
        Walls::None => {
            let own =
                std::env::current_exe().map_err(|error| BenchError::io("find itself", error))?;
            let mut command = Command::new(own);
            command.arg("unwalled").arg(program);
            command
        }
    };
    command.arg("serve").arg("--data").arg(&data);
    command.args(["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--insecure-walls"]);
    let mut server = Server::start("insula", &mut command, dir.path().join("server.log"))?;
    let pid = server.pid();
    let address = server.wait_until(|| {
        let text = fs::read_to_string(data.join("run.json")).ok()?;
        let run: Run = serde_json::from_str(&text).ok()?;
        (run.pid == pid).then_some(run.listen)
    })?;
    Ok((server, address))
}
