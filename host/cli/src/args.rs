use std::ffi::OsString;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use insula_control::api;
use insula_supervisor::{EgressTarget, LimitsOverride, ReuseMode, TrustLevel};

/// A self-hosted isolate cloud: many tenants' JavaScript on one machine, each behind its wall.
#[derive(Debug, Parser)]
#[command(name = "insula", version, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server.
    Serve(ServeArgs),
    /// Start cordons for a server; only a server can use it.
    #[command(hide = true)]
    Launcher(LauncherArgs),
    /// Make an application the live version of a tenant.
    Deploy(DeployArgs),
    /// Run one application here; reload on save.
    Dev(DevArgs),
    /// List the tenants, or show one.
    Tenants(TenantsArgs),
    /// List a tenant's versions, newest first.
    Deployments(TenantArgs),
    /// Go back to an earlier version.
    Rollback(RollbackArgs),
    /// Delete a tenant with its versions, secrets and host names.
    Delete(TenantArgs),
    /// Keep secrets for a tenant's code.
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Show or set what the operator decides for a tenant: trust, wall, what it may reach.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Let a tenant that brought a cordon down live with others again.
    Release(TenantArgs),
    /// Show who changed what, newest first.
    Audit(AuditArgs),
    /// Show a tenant's logs, exceptions and outcomes as they happen.
    Tail(TenantArgs),
    /// Show which walls and limits hold on this machine, and what to do about the rest.
    Doctor(DoctorArgs),
}

/// How to run the server. What is said here wins over the configuration file.
#[derive(Debug, Default, Args)]
pub struct ServeArgs {
    /// The configuration file [default: insula.toml, if there is one].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder for everything that is kept [default: ./insula-data].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where tenants' requests arrive; port 0 picks a free one [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub listen: Option<SocketAddr>,
    /// Where the admin API listens; port 0 picks a free one [default: 127.0.0.1:9090].
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub admin: Option<SocketAddr>,
    /// Tenants answer at NAME.<base domain> [default: localhost].
    #[arg(long, value_name = "DOMAIN")]
    pub base_domain: Option<String>,
    /// Serve even though the walls around tenants are incomplete.
    #[arg(long)]
    pub insecure_walls: bool,
    /// How to write the server's log [default: human on a terminal, json otherwise].
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
}

/// What a server starts its launcher with.
#[derive(Debug, Args)]
pub struct LauncherArgs {
    /// In the words of `insula_launcher::Terms`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub terms: Vec<OsString>,
}

/// How to write the server's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Which server, and who asks.
#[derive(Debug, Args)]
pub struct ServerArgs {
    /// The admin API's URL [default: that of the server whose data folder is --data].
    #[arg(long, env = "INSULA_ADMIN_URL", value_name = "URL")]
    pub admin_url: Option<String>,
    /// The admin token [default: the one in --data].
    #[arg(long, env = "INSULA_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// The data folder of a server on this machine.
    #[arg(long, value_name = "DIR", default_value = "./insula-data")]
    pub data: PathBuf,
}

/// What to deploy, and how it shall run.
#[derive(Debug, Args)]
pub struct DeployArgs {
    /// A .js, .mjs or .ts file, or a folder with wrangler.toml, wrangler.jsonc, package.json
    /// (main), index.js or index.ts.
    pub path: PathBuf,
    /// The tenant [default: `name` in the application's wrangler file].
    #[arg(long, value_name = "NAME")]
    pub tenant: Option<String>,
    /// What stands between the tenant and the rest.
    #[arg(long)]
    pub wall: Option<Wall>,
    /// Do not let the engine turn the code into machine code: slower, and out of reach of holes in
    /// its compilers.
    #[arg(long)]
    pub no_jit: bool,
    /// What the version is about, for the list of deployments.
    #[arg(long, value_name = "TEXT")]
    pub message: Option<String>,
    #[command(flatten)]
    pub app: AppArgs,
    /// Print the answer as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// What an application may use, and what it finds in `env`.
#[derive(Debug, Default, Args)]
pub struct AppArgs {
    /// How requests share an isolate.
    #[arg(long)]
    pub reuse: Option<Reuse>,
    /// CPU time per request, in milliseconds.
    #[arg(long, value_name = "N")]
    pub cpu_ms: Option<u64>,
    /// Memory per isolate, in MiB.
    #[arg(long, value_name = "N")]
    pub memory_mb: Option<u64>,
    /// Wall time until the response's head, in milliseconds.
    #[arg(long, value_name = "N")]
    pub wall_ms: Option<u64>,
    /// Isolates that run the version at once, when its requests need more than one processor.
    #[arg(long, value_name = "N")]
    pub max_isolates: Option<u32>,
    /// A variable for `env`; may be given again.
    #[arg(long = "var", value_name = "K=V", value_parser = variable)]
    pub vars: Vec<(String, String)>,
}

/// What to run here.
#[derive(Debug, Args)]
pub struct DevArgs {
    /// What `insula deploy` would take.
    pub path: PathBuf,
    /// Where to listen; port 0 picks a free one.
    #[arg(long, value_name = "ADDR", value_parser = address, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// An address, network or host that `fetch` may reach although it is not public; may be given
    /// again.
    #[arg(long = "allow-egress", value_name = "TARGET")]
    pub allow_egress: Vec<String>,
    #[command(flatten)]
    pub app: AppArgs,
}

/// All tenants, or one.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct TenantsArgs {
    /// Show one.
    #[command(subcommand)]
    pub command: Option<TenantsCommand>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// What to do with tenants beside listing them.
#[derive(Debug, Subcommand)]
pub enum TenantsCommand {
    /// Show a tenant's limits, wall, live version and counters.
    Show(TenantArgs),
}

/// One tenant.
#[derive(Debug, Args)]
pub struct TenantArgs {
    /// The tenant's name.
    pub name: String,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// Where to go back to.
#[derive(Debug, Args)]
pub struct RollbackArgs {
    /// The tenant's name.
    pub name: String,
    /// The version's id, or v and its number [default: the version before the live one].
    pub id: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// What to do with secrets.
#[derive(Debug, Subcommand)]
pub enum SecretCommand {
    /// Keep a secret; its value comes from standard input, without the line break at its end.
    Put(SecretArgs),
    /// List the names of a tenant's secrets.
    List(TenantArgs),
    /// Forget a secret.
    Delete(SecretArgs),
}

/// One secret.
#[derive(Debug, Args)]
pub struct SecretArgs {
    /// The tenant's name.
    pub name: String,
    /// The secret's name: what the code finds in `env`.
    pub key: String,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// What to do with a tenant's policy.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Show what holds for a tenant.
    Show(TenantArgs),
    /// Change what holds for a tenant; what is not named stays as it is.
    Set(PolicyArgs),
    /// Let a tenant have what holds for all.
    Reset(TenantArgs),
}

/// What to change in a tenant's policy.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// The tenant's name.
    pub name: String,
    /// How far it is trusted; tenants of different levels never share a process.
    #[arg(long, value_name = "NAME")]
    pub level: Option<TrustLevel>,
    /// The weakest wall that will do.
    #[arg(long)]
    pub wall: Option<Wall>,
    /// Whether the engine may turn its code into machine code.
    #[arg(long)]
    pub jit: Option<Switch>,
    /// Whether it may compile WebAssembly from bytes at run time.
    #[arg(long)]
    pub wasm: Option<Switch>,
    /// What its `fetch` may reach although it is not public, separated by commas; empty for nothing.
    #[arg(long, value_name = "TARGETS", value_parser = targets)]
    pub egress_allow: Option<Targets>,
    /// What its `fetch` may not reach.
    #[arg(long, value_name = "TARGETS", value_parser = targets)]
    pub egress_deny: Option<Targets>,
    /// All that its `fetch` may reach; empty for no such list.
    #[arg(long, value_name = "TARGETS", value_parser = targets)]
    pub egress_only: Option<Targets>,
    /// Subrequests that it may have open at once.
    #[arg(long, value_name = "N")]
    pub egress_connections: Option<u32>,
    /// Bytes of one subrequest's response body.
    #[arg(long, value_name = "N")]
    pub egress_response_bytes: Option<u64>,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// It may.
    On,
    /// It may not.
    Off,
}

/// Egress targets, separated by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets(pub Vec<EgressTarget>);

/// What of the audit log to show.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Only what is about this tenant.
    #[arg(long, value_name = "NAME")]
    pub tenant: Option<String>,
    /// How many entries.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: u32,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub server: ServerArgs,
}

/// How to look at this machine.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// What stands between a tenant and the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Wall {
    /// An isolate in a shared cordon.
    Shared,
    /// A cordon of its own.
    Process,
}

/// How requests share an isolate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Reuse {
    /// One isolate serves many requests at once.
    Shared,
    /// One isolate serves many requests, one at a time.
    Sequential,
    /// Each request gets an isolate of its own.
    Oneshot,
}

impl AppArgs {
    /// What is asked to differ from the server's defaults; `cpu_ms` is what the application's own
    /// configuration asks for.
    pub fn limits(&self, cpu_ms: Option<u64>) -> LimitsOverride {
        LimitsOverride {
            cpu_ms: self.cpu_ms.or(cpu_ms),
            memory_mb: self.memory_mb,
            wall_ms: self.wall_ms,
            max_isolates: self.max_isolates,
            reuse: self.reuse.map(|reuse| match reuse {
                Reuse::Shared => ReuseMode::Shared,
                Reuse::Sequential => ReuseMode::Sequential,
                Reuse::Oneshot => ReuseMode::Oneshot,
            }),
        }
    }
}

impl From<Wall> for insula_supervisor::Wall {
    fn from(wall: Wall) -> Self {
        match wall {
            Wall::Shared => Self::Shared,
            Wall::Process => Self::Process,
        }
    }
}

impl From<Wall> for api::Wall {
    fn from(wall: Wall) -> Self {
        match wall {
            Wall::Shared => Self::Shared,
            Wall::Process => Self::Process,
        }
    }
}

/// `host:port`, or a name that resolves here.
pub fn address(text: &str) -> Result<SocketAddr, String> {
    let mut addresses = text
        .to_socket_addrs()
        .map_err(|error| format!("{error}; write it as 127.0.0.1:8080 or [::1]:8080"))?;
    addresses.next().ok_or_else(|| "it resolves to nothing".to_owned())
}

fn targets(text: &str) -> Result<Targets, String> {
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let targets = entries.map(|entry| entry.parse().map_err(|error| format!("{error}")));
    targets.collect::<Result<_, String>>().map(Targets)
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;

    fn parse(line: &str) -> Result<Cli, ErrorKind> {
        Cli::try_parse_from(line.split(' ')).map_err(|error| error.kind())
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn deploy_takes_limits_and_variables() {
        let line = "insula deploy app --tenant a --cpu-ms 7 --reuse oneshot --var A=1=2 --var B=";
        let Command::Deploy(args) = parse(line).unwrap().command else { panic!() };
        assert_eq!(args.app.vars, [("A".into(), "1=2".into()), ("B".into(), String::new())]);
        let limits = args.app.limits(Some(9));
        assert_eq!((limits.cpu_ms, limits.reuse), (Some(7), Some(ReuseMode::Oneshot)));
        assert_eq!(AppArgs::default().limits(Some(9)).cpu_ms, Some(9));
    }

    #[test]
    fn every_form_of_the_contract_parses() {
        for line in [
            "insula serve",
            "insula serve --config c.toml --data d --listen 127.0.0.1:0 --admin [::1]:0 --base-domain x.test --insecure-walls --log-format json",
            "insula deploy p --tenant t --wall process --reuse shared --memory-mb 64 --wall-ms 1000",
            "insula dev p --listen 127.0.0.1:0",
            "insula tenants",
            "insula tenants --json --data d",
            "insula tenants show t --json",
            "insula deployments t --json",
            "insula rollback t",
            "insula rollback t v1",
            "insula delete t",
            "insula secret put t KEY",
            "insula secret list t --json",
            "insula secret delete t KEY",
            "insula deploy p --no-jit --wall process",
            "insula policy show t --json",
            "insula policy set t --level free --wall process --jit off --wasm on --egress-allow 10.0.0.0/8:443,*.internal --egress-deny= --egress-connections 3",
            "insula policy reset t",
            "insula release t",
            "insula audit --tenant t --limit 5 --json",
            "insula tail t --json --admin-url http://127.0.0.1:1 --token x",
            "insula doctor --json",
        ] {
            assert!(parse(line).is_ok(), "{line}: {:?}", parse(line).unwrap_err());
        }
    }

    #[test]
    fn wrong_usage_is_refused() {
        for (line, kind) in [
            ("insula deploy", ErrorKind::MissingRequiredArgument),
            ("insula deploy p --cpu-ms fast", ErrorKind::ValueValidation),
            ("insula deploy p --var novalue", ErrorKind::ValueValidation),
            ("insula deploy p --wall none", ErrorKind::InvalidValue),
            ("insula policy set t --level Free", ErrorKind::ValueValidation),
            ("insula policy set t --egress-deny a,b_c:x", ErrorKind::ValueValidation),
            ("insula serve --listen 8080", ErrorKind::ValueValidation),
            ("insula serve --colour", ErrorKind::UnknownArgument),
            ("insula secret put t", ErrorKind::MissingRequiredArgument),
            ("insula fly", ErrorKind::InvalidSubcommand),
        ] {
            assert_eq!(parse(line).unwrap_err(), kind, "{line}");
        }
    }
}
