use insula_control::api::{AuditList, Policy, PolicyOverride, TenantDetail, Wall};
use insula_supervisor::EgressTarget;

use super::admin::{Admin, segment};
use super::error::ClientError;
use super::{say, say_json};
use crate::args::{AuditArgs, PolicyArgs, PolicyCommand, Switch, Targets, TenantArgs};
use crate::failure::Failure;
use crate::text::{bytes, date_time, printable, table};

/// `insula policy`.
///
/// # Errors
///
/// [`Failure`], like the other commands.
pub fn policy(command: &PolicyCommand) -> Result<(), Failure> {
    match command {
        PolicyCommand::Show(args) => show(args),
        PolicyCommand::Set(args) => set(args),
        PolicyCommand::Reset(args) => {
            Admin::find(&args.server)?.put_json(&path(&args.name), &PolicyOverride::default())?;
            say(&format!("{} has what holds for all\n", args.name))
        }
    }
}

/// `insula release`.
///
/// # Errors
///
/// [`Failure`].
pub fn release(args: &TenantArgs) -> Result<(), Failure> {
    let path = format!("/v1/tenants/{}/quarantine", segment(&args.name));
    Admin::find(&args.server)?.delete(&path)?;
    if args.json {
        return say_json(&serde_json::json!({ "released": args.name }));
    }
    say(&format!("{} may live with others again\n", args.name))
}

/// `insula audit`.
///
/// # Errors
///
/// [`Failure`].
pub fn audit(args: &AuditArgs) -> Result<(), Failure> {
    let tenant = args.tenant.as_deref().map(|name| format!("&tenant={}", segment(name)));
    let path = format!("/v1/audit?limit={}{}", args.limit, tenant.unwrap_or_default());
    let list: AuditList = Admin::find(&args.server)?.get(&path)?;
    if args.json {
        return say_json(&list);
    }
    let rows: Vec<_> = list
        .entries
        .into_iter()
        .map(|it| vec![date_time(it.at_ms), it.actor, it.action, it.tenant, printable(&it.detail)])
        .collect();
    say(&table(&["WHEN", "WHO", "WHAT", "TENANT", "DETAIL"], &rows))
}

/// What holds for a tenant, as lines of a name and a text.
pub fn rows(policy: &Policy) -> [(&'static str, String); 4] {
    let may = |may: bool| if may { "on" } else { "off" };
    let egress = &policy.egress;
    [
        ("trust level", policy.level.as_str().to_owned()),
        ("machine code", may(policy.jit).to_owned()),
        ("wasm at run time", may(policy.wasm).to_owned()),
        (
            "egress",
            format!(
                "allow {}; deny {}; only {}; {} subrequests at once, responses up to {}",
                list(&egress.allow),
                list(&egress.deny),
                list(&egress.only),
                egress.connections,
                bytes(egress.response_bytes),
            ),
        ),
    ]
}

fn show(args: &TenantArgs) -> Result<(), Failure> {
    let tenant = detail(&Admin::find(&args.server)?, &args.name)?;
    if args.json {
        return say_json(&tenant.policy);
    }
    let wall = match tenant.wall {
        Wall::Shared => "shared",
        Wall::Process => "process",
    };
    let lines = [("wall", wall.to_owned())].into_iter().chain(rows(&tenant.policy));
    say(&lines.map(|(name, value)| format!("{name:16} {value}\n")).collect::<String>())
}

fn set(args: &PolicyArgs) -> Result<(), Failure> {
    let admin = Admin::find(&args.server)?;
    // A tenant that does not exist yet may be given a policy before its first deploy.
    let before = match detail(&admin, &args.name) {
        Ok(tenant) => tenant.policy_override,
        Err(ClientError::Refused(info)) if info.code == "no-such-tenant" => Default::default(),
        Err(error) => return Err(error.into()),
    };
    admin.put_json(&path(&args.name), &changed(before, args))?;
    say(&format!("the policy of {} is set\n", args.name))
}

fn changed(before: PolicyOverride, args: &PolicyArgs) -> PolicyOverride {
    let switch = |switch: Option<Switch>| switch.map(|switch| switch == Switch::On);
    let list = |targets: &Option<Targets>| targets.as_ref().map(|targets| targets.0.clone());
    PolicyOverride {
        level: args.level.clone().or(before.level),
        wall: args.wall.map(insula_supervisor::Wall::from).or(before.wall),
        jit: switch(args.jit).or(before.jit),
        wasm: switch(args.wasm).or(before.wasm),
        egress_allow: list(&args.egress_allow).or(before.egress_allow),
        egress_deny: list(&args.egress_deny).or(before.egress_deny),
        egress_only: list(&args.egress_only).or(before.egress_only),
        egress_connections: args.egress_connections.or(before.egress_connections),
        egress_response_bytes: args.egress_response_bytes.or(before.egress_response_bytes),
    }
}

fn detail(admin: &Admin, name: &str) -> Result<TenantDetail, ClientError> {
    admin.get(&format!("/v1/tenants/{}", segment(name)))
}

fn path(name: &str) -> String {
    format!("/v1/tenants/{}/policy", segment(name))
}

fn list(targets: &[EgressTarget]) -> String {
    if targets.is_empty() {
        return "-".to_owned();
    }
    targets.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
