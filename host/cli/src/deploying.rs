//! What a package looks like to the control plane, and what the control plane's refusal looks
//! like to the package's author.

use insula_control::api::{DeployRequest, ModuleUpload};
use insula_supervisor::{Blame, ErrorDetail};

use crate::args::AppArgs;
use crate::diagnostic::Diagnostic;
use crate::package::{Module, Package};

/// A request to deploy `package`. The command line wins over the package's own configuration.
pub fn request(package: &Package, app: &AppArgs) -> DeployRequest {
    let upload = |module: &Module| {
        ModuleUpload::new(module.name.as_str(), module.kind.into(), &module.source)
    };
    let mut vars = package.settings.vars.clone();
    vars.extend(app.vars.iter().cloned());
    DeployRequest {
        entry: package.entry.clone(),
        modules: package.modules.iter().map(upload).collect(),
        vars,
        limits: app.limits(package.settings.cpu_ms),
        wall: package.settings.wall.map(Into::into),
        no_jit: package.settings.jit == Some(false),
        message: None,
        source_maps: package.source_maps.clone(),
    }
}

/// Why the code was refused, at the author's own line.
pub fn rejection(
    message: &str,
    blame: Blame,
    detail: &ErrorDetail,
    package: &Package,
) -> Diagnostic {
    // Further lines of the message tell the place, which is shown in a better way here.
    let message = message.lines().next().unwrap_or(message);
    let mut diagnostic = Diagnostic::new(message).blame(blame);
    let mut help = "the version that was live before, if any, is live still".to_owned();
    // What has no line of its own is an await that never ends: no code runs that could say where.
    let awaits = if detail.line == 0 { package.top_level_awaits() } else { Vec::new() };
    match awaits.split_first() {
        Some((first, others)) => {
            diagnostic = diagnostic.at(first.clone());
            for other in others {
                help.push_str(&format!("\nor: {}:{}:{}", other.file, other.line, other.column));
            }
        }
        None if !detail.file.is_empty() => {
            diagnostic = diagnostic.at(package.author_spot(detail));
        }
        None => {}
    }
    let stack = detail.stack.trim_end();
    if !stack.is_empty() {
        help.push_str("\nstack:");
        for frame in stack.lines() {
            help.push_str("\n  ");
            help.push_str(frame.trim());
        }
    }
    diagnostic.help(help)
}
