use insula_control::api::{DeployRequest, DeployResponse};

use super::admin::{Admin, segment};
use super::error::ClientError;
use super::{say, say_json};
use crate::args::DeployArgs;
use crate::deploying;
use crate::diagnostic::Diagnostic;
use crate::failure::Failure;
use crate::package::{self, Package};
use crate::text;

/// `insula deploy`.
///
/// # Errors
///
/// [`Failure`].
pub fn deploy(args: &DeployArgs) -> Result<(), Failure> {
    let package = package::package(&args.path, &mut Vec::new())
        .map_err(|error| Failure::from(error.diagnostic()))?;
    for warning in &package.warnings {
        eprintln!("{}\n", warning.labelled("warning"));
    }
    let tenant = tenant(args, &package)?;
    let admin = Admin::find(&args.server)?;
    let path = format!("/v1/tenants/{}", segment(tenant));
    let asked = deploying::request(&package, &args.app);
    let request = DeployRequest {
        wall: args.wall.map(Into::into).or(asked.wall),
        no_jit: args.no_jit || asked.no_jit,
        message: args.message.clone(),
        ..asked
    };
    let response = post(&admin, &format!("{path}/deployments"), request)
        .map_err(|error| rejected(error, &package))?;
    for warning in &response.warnings {
        eprintln!("{}\n", Diagnostic::new(warning).labelled("warning"));
    }
    if args.json {
        say_json(&response)?;
    } else {
        say(&summary(&response, package.modules.len()))?;
    }
    for host in &package.settings.hosts {
        add_host(&admin, &path, host)?;
    }
    Ok(())
}

/// Sends the request; without its source maps if it is too large with them.
fn post(
    admin: &Admin,
    path: &str,
    mut request: DeployRequest,
) -> Result<DeployResponse, ClientError> {
    match admin.post(path, &request) {
        Err(ClientError::Refused(info))
            if info.code == "bundle-too-large" && !request.source_maps.is_empty() =>
        {
            request.source_maps.clear();
            let mut response: DeployResponse = admin.post(path, &request)?;
            response.warnings.push("the source maps are ignored: they are too large".to_owned());
            Ok(response)
        }
        result => result,
    }
}

fn tenant<'a>(args: &'a DeployArgs, package: &'a Package) -> Result<&'a str, Failure> {
    args.tenant.as_deref().or(package.settings.name.as_deref()).ok_or_else(|| {
        let advice = "say --tenant NAME, or write `name` into the application's wrangler file";
        Failure::Usage(Diagnostic::new("which tenant is this for?").help(advice))
    })
}

fn summary(response: &DeployResponse, count: usize) -> String {
    format!(
        "{} v{} is live\n  URL       {}\n  version   {}\n  bundle    {} in {}\n  start-up  {} ({} of CPU)\n",
        response.tenant,
        response.number,
        response.url,
        response.id,
        text::bytes(response.bundle_bytes),
        modules(count),
        text::duration(response.startup_wall_us),
        text::duration(response.startup_cpu_us),
    )
}

/// The error, at the author's own line when the code is at fault.
fn rejected(error: ClientError, package: &Package) -> Failure {
    match &error {
        ClientError::Refused(info) => match &info.detail {
            Some(detail) => deploying::rejection(&info.message, info.blame, detail, package).into(),
            None if info.code == "bundle-too-large" => {
                error.diagnostic().help(format!("it has {}", size(package))).into()
            }
            None => error.into(),
        },
        _ => error.into(),
    }
}

fn modules(count: usize) -> String {
    if count == 1 { "1 module".to_owned() } else { format!("{count} modules") }
}

fn size(package: &Package) -> String {
    let bytes = package.modules.iter().map(|module| module.source.len() as u64).sum();
    format!("{} in {}", text::bytes(bytes), modules(package.modules.len()))
}

fn add_host(admin: &Admin, tenant_path: &str, host: &str) -> Result<(), Failure> {
    admin.put(&format!("{tenant_path}/hosts/{}", segment(host)), b"").map_err(|error| {
        let refused = error.diagnostic();
        let message = format!("the version is live, but not at {host}: {}", refused.message);
        Failure::from(Diagnostic { message, ..refused })
    })
}
