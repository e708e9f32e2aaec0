use std::collections::BTreeMap;

use insula_control::api::{
    DeploymentList, DeploymentSummary, RollbackRequest, TenantDetail, TenantList, Wall,
};
use insula_supervisor::ReuseMode;

use super::admin::{Admin, segment};
use super::{say, say_json};
use crate::args::{RollbackArgs, TenantArgs, TenantsArgs, TenantsCommand};
use crate::failure::Failure;
use crate::text::{bytes, date_time, duration, printable, table};

/// `insula tenants` and `insula tenants show`.
///
/// # Errors
///
/// [`Failure`], like the other commands.
pub fn tenants(args: &TenantsArgs) -> Result<(), Failure> {
    if let Some(TenantsCommand::Show(args)) = &args.command {
        return show(args);
    }
    let list: TenantList = Admin::find(&args.server)?.get("/v1/tenants")?;
    if args.json {
        return say_json(&list);
    }
    if list.tenants.is_empty() {
        return say("There are no tenants yet. Make one: insula deploy PATH --tenant NAME\n");
    }
    let rows: Vec<_> = list
        .tenants
        .into_iter()
        .map(|tenant| {
            let version =
                tenant.number.map_or_else(|| "-".to_owned(), |number| format!("v{number}"));
            let state = match (tenant.serving, &tenant.active) {
                (true, _) => "serving",
                (false, Some(_)) => "bundle lost: deploy again",
                (false, None) => "no version",
            };
            vec![tenant.name, version, state.to_owned(), date_time(tenant.created_ms), tenant.url]
        })
        .collect();
    say(&table(&["TENANT", "LIVE", "STATE", "CREATED", "URL"], &rows))
}

/// `insula deployments`.
pub fn deployments(args: &TenantArgs) -> Result<(), Failure> {
    let path = format!("/v1/tenants/{}/deployments", segment(&args.name));
    let list: DeploymentList = Admin::find(&args.server)?.get(&path)?;
    if args.json {
        return say_json(&list);
    }
    let rows: Vec<_> = list
        .deployments
        .into_iter()
        .map(|version| {
            vec![
                format!("v{}", version.number),
                if version.active { "live" } else { "" }.to_owned(),
                date_time(version.created_ms),
                bytes(version.bundle_bytes),
                duration(version.startup_wall_us),
                version.id,
                printable(&version.message.unwrap_or_default()).replace('\n', " "),
            ]
        })
        .collect();
    say(&table(&["VERSION", "", "DEPLOYED", "BUNDLE", "START-UP", "ID", "MESSAGE"], &rows))
}

/// `insula rollback`.
pub fn rollback(args: &RollbackArgs) -> Result<(), Failure> {
    let path = format!("/v1/tenants/{}/rollback", segment(&args.name));
    let request = RollbackRequest { id: args.id.clone() };
    let version: DeploymentSummary = Admin::find(&args.server)?.post(&path, &request)?;
    if args.json {
        return say_json(&version);
    }
    say(&format!("{} v{} is live ({})\n", args.name, version.number, version.id))
}

/// `insula delete`.
pub fn delete(args: &TenantArgs) -> Result<(), Failure> {
    Admin::find(&args.server)?.delete(&format!("/v1/tenants/{}", segment(&args.name)))?;
    if args.json {
        return say_json(&serde_json::json!({ "deleted": args.name }));
    }
    say(&format!("{} is deleted\n", args.name))
}

fn show(args: &TenantArgs) -> Result<(), Failure> {
    let path = format!("/v1/tenants/{}", segment(&args.name));
    let tenant: TenantDetail = Admin::find(&args.server)?.get(&path)?;
    if args.json {
        return say_json(&tenant);
    }
    say(&detail(&tenant))
}

fn detail(tenant: &TenantDetail) -> String {
    let live = match &tenant.deployment {
        Some(version) => format!(
            "v{} ({}), {}, {}",
            version.number,
            version.id,
            bytes(version.bundle_bytes),
            date_time(version.created_ms)
        ),
        None => "none".to_owned(),
    };
    let wall = match tenant.wall {
        Wall::Shared => "shared: an isolate in a shared cordon",
        Wall::Process => "process: a cordon of its own",
    };
    let quarantine = tenant.quarantine.as_ref().map_or_else(
        || "no".to_owned(),
        |it| format!("since {}: {} (end it with insula release)", date_time(it.since_ms), it.why),
    );
    let counters = &tenant.counters;
    let rows = [
        ("URL", tenant.summary.url.clone()),
        ("live version", live),
        ("wall", wall.to_owned()),
        ("quarantine", quarantine),
        ("trust level", tenant.policy.level.as_str().to_owned()),
        ("limits", limits(tenant)),
        ("host names", list(&tenant.hosts)),
        ("variables", list(&tenant.vars)),
        ("secrets", list(&tenant.secrets)),
        (
            "now",
            format!(
                "{} isolates{}, {} of memory (at most {} in one)",
                counters.isolates,
                if counters.heavy { " among those that compute much" } else { "" },
                bytes(counters.memory_bytes),
                bytes(counters.memory_peak_bytes)
            ),
        ),
        (
            "since start",
            format!(
                "{} requests, {} of them failed, {} of CPU, {} isolates started, {} exceptions, {} log lines, {} subrequests that took {} of the server's CPU",
                counters.requests,
                counters.failed,
                duration(counters.cpu_us),
                counters.starts,
                counters.exceptions,
                counters.log_lines,
                counters.subrequests,
                duration(counters.host_cpu_us)
            ),
        ),
        ("failures", counts(&counters.failures)),
        ("breaches", counts(&counters.breaches)),
        ("evictions", counts(&counters.evictions)),
        (
            "queue",
            format!(
                "{} requests waited, {} together",
                counters.queued,
                duration(counters.queue_us)
            ),
        ),
    ];
    let lines = rows.iter().map(|(name, value)| format!("  {name:13} {value}\n"));
    format!("{}\n{}", tenant.summary.name, lines.collect::<String>())
}

fn limits(tenant: &TenantDetail) -> String {
    let limits = &tenant.limits;
    let reuse = match limits.reuse {
        ReuseMode::Shared => "shared",
        ReuseMode::Sequential => "sequential",
        ReuseMode::Oneshot => "oneshot",
    };
    let rate = match limits.requests_per_s {
        0 => String::new(),
        n => format!(", {n} requests/s"),
    };
    format!(
        "{} ms CPU, {} ms wall, {} MiB memory, {} subrequests per request, bodies up to {}, \
         up to {} isolates, {reuse}{rate}",
        limits.cpu_ms,
        limits.wall_ms,
        limits.memory_mb,
        limits.subrequests,
        bytes(limits.body_bytes),
        limits.max_isolates,
    )
}

fn counts(counts: &BTreeMap<String, u64>) -> String {
    let counts: Vec<_> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    list(&counts)
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
