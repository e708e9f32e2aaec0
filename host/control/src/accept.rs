//! From what a client sent to what may be deployed: everything is judged here, once.

use std::collections::{BTreeMap, HashSet};

use insula_supervisor::{Bundle, Limits, LimitsOverride, MOST_ISOLATES, Module, Wall};
use insula_wire::caps;

use crate::api::{DeployRequest, ModuleKind, ModuleUpload};
use crate::bundles::{self, BundleHash};
use crate::error::{DeployError, InvalidDeploy};
use crate::name::{check_variable, shown};
use crate::source_maps::JudgedMaps;

/// Variables of one deployment.
const VARIABLES: usize = 256;

/// Secrets of one tenant. Variables and secrets together stay below what crosses the wall.
pub(crate) const SECRETS: usize = 256;

const _: () = assert!(VARIABLES + SECRETS <= caps::VARIABLES);

/// Bytes in the value of one variable or secret.
const VALUE_BYTES: usize = 64 << 10;

/// Bytes of all variables of a deployment together.
const VARS_BYTES: usize = 1 << 20;

/// Characters in an author's message.
const MESSAGE_CHARS: usize = 1000;

/// Bytes that a bundle may have, whatever the operator allows.
const BUNDLE_BYTES: u64 = 64 << 20;

/// A deployment that is well-formed and within its limits. It has not been run yet.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) bundle: Bundle,
    pub(crate) hash: BundleHash,
    /// The bundle's bytes, as they are kept.
    pub(crate) blob: bytes::Bytes,
    pub(crate) vars: BTreeMap<String, String>,
    pub(crate) limits: LimitsOverride,
    pub(crate) wall: Wall,
    pub(crate) jit: bool,
    pub(crate) message: Option<String>,
    pub(crate) maps: JudgedMaps,
}

impl Accepted {
    /// Judges a request by the operator's `defaults`. Computes: decodes and hashes the bundle.
    pub(crate) fn judge(request: DeployRequest, defaults: &Limits) -> Result<Self, DeployError> {
        check_vars(&request.vars)?;
        check_message(request.message.as_deref())?;
        check_limits(&defaults.with(request.limits))?;
        let bundle = bundle(&request.entry, &request.modules, defaults.bundle_bytes)?;
        let maps = JudgedMaps::judge(&request.source_maps, &bundle, defaults.bundle_bytes);
        let blob = bundles::encode(&bundle, maps.kept.as_deref().map(BundleHash::of));
        Ok(Self {
            hash: BundleHash::of(&blob),
            bundle,
            blob,
            vars: request.vars,
            limits: request.limits,
            wall: request.wall.unwrap_or_default().into(),
            jit: !request.no_jit,
            message: request.message,
            maps,
        })
    }
}

/// Checks limits against what Insula can enforce.
pub(crate) fn check_limits(limits: &Limits) -> Result<(), InvalidDeploy> {
    for (limit, asked, min, max) in [
        ("cpu_ms", limits.cpu_ms, 1, 300_000),
        ("cpu_soft_percent", limits.cpu_soft_percent.into(), 1, 100),
        ("startup_cpu_ms", limits.startup_cpu_ms, 1, 300_000),
        ("memory_mb", limits.memory_mb, 8, 4096),
        ("wall_ms", limits.wall_ms, 1, 900_000),
        ("wait_until_ms", limits.wait_until_ms, 0, 900_000),
        ("concurrency", limits.concurrency.into(), 1, 100_000),
        ("queue", limits.queue.into(), 0, 1_000_000),
        ("queue_ms", limits.queue_ms, 1, 900_000),
        ("max_isolates", limits.max_isolates.into(), 1, MOST_ISOLATES.into()),
        ("requests_per_s", limits.requests_per_s.into(), 0, 10_000_000),
        ("websockets", limits.websockets.into(), 0, 1_000_000),
        ("websocket_message_bytes", limits.websocket_message_bytes, 1, 1 << 30),
        ("websocket_ping_ms", limits.websocket_ping_ms, 100, 3_600_000),
        ("websocket_idle_ms", limits.websocket_idle_ms, 100, 24 * 3_600_000),
        ("bundle_bytes", limits.bundle_bytes, 1, BUNDLE_BYTES),
    ] {
        if !(min..=max).contains(&asked) {
            return Err(InvalidDeploy::LimitOutOfRange { limit, asked, min, max });
        }
    }
    Ok(())
}

fn bundle(entry: &str, uploads: &[ModuleUpload], limit: u64) -> Result<Bundle, InvalidDeploy> {
    if uploads.is_empty() {
        return Err(InvalidDeploy::NoModules);
    }
    if uploads.len() > caps::MODULES {
        return Err(InvalidDeploy::TooManyModules { modules: uploads.len(), limit: caps::MODULES });
    }
    check_names(uploads)?;
    check_entry(entry, uploads)?;
    let modules = uploads.iter().map(module).collect::<Result<_, _>>()?;
    let bundle = Bundle { entry: entry.to_owned(), modules };
    let bytes = bundle.size();
    if bytes > limit {
        return Err(InvalidDeploy::BundleTooLarge { bytes, limit });
    }
    Ok(bundle)
}

fn check_names(uploads: &[ModuleUpload]) -> Result<(), InvalidDeploy> {
    let mut names = HashSet::new();
    for upload in uploads {
        if !is_clean_path(&upload.name) {
            return Err(InvalidDeploy::ModuleName(shown(&upload.name)));
        }
        if !names.insert(upload.name.as_str()) {
            return Err(InvalidDeploy::DuplicateModule(upload.name.clone()));
        }
    }
    Ok(())
}

fn check_entry(entry: &str, uploads: &[ModuleUpload]) -> Result<(), InvalidDeploy> {
    match uploads.iter().find(|upload| upload.name == entry) {
        None => Err(InvalidDeploy::MissingEntry(shown(entry))),
        Some(upload) if upload.kind != ModuleKind::JavaScript => {
            Err(InvalidDeploy::EntryKind(entry.to_owned()))
        }
        Some(_) => Ok(()),
    }
}

fn module(upload: &ModuleUpload) -> Result<Module, InvalidDeploy> {
    let source = upload.decode().ok_or_else(|| InvalidDeploy::NotBase64(upload.name.clone()))?;
    let is_text = match upload.kind {
        ModuleKind::JavaScript | ModuleKind::Json | ModuleKind::Text => true,
        ModuleKind::Data | ModuleKind::Wasm => false,
    };
    if is_text && std::str::from_utf8(&source).is_err() {
        return Err(InvalidDeploy::NotUtf8(upload.name.clone()));
    }
    Ok(Module { name: upload.name.clone(), kind: upload.kind.into(), source: source.into() })
}

fn check_vars(vars: &BTreeMap<String, String>) -> Result<(), InvalidDeploy> {
    at_most("variables", vars.len(), VARIABLES)?;
    for (name, value) in vars {
        check_variable(name)?;
        check_value(value)?;
    }
    let bytes = vars.iter().map(|(name, value)| name.len() + value.len()).sum();
    at_most("bytes in the variables", bytes, VARS_BYTES)
}

/// Checks the value of a variable or secret.
pub(crate) fn check_value(value: &str) -> Result<(), InvalidDeploy> {
    at_most("bytes in a variable's value", value.len(), VALUE_BYTES)
}

fn check_message(message: Option<&str>) -> Result<(), InvalidDeploy> {
    let chars = message.map_or(0, |message| message.chars().count());
    at_most("characters in the message", chars, MESSAGE_CHARS)
}

/// Checks a count against its limit.
pub(crate) fn at_most(what: &'static str, count: usize, limit: usize) -> Result<(), InvalidDeploy> {
    if count > limit {
        return Err(InvalidDeploy::TooMany { what, count, limit });
    }
    Ok(())
}

/// What names of the platform's own modules begin with. Isolates tell those by more than their names, and
/// errors hide frames in them from authors.
const PLATFORM_SCHEME: &str = "insula:";

/// Whether `name` is relative, `/`-separated, free of tricks, and none that the platform's own modules have.
fn is_clean_path(name: &str) -> bool {
    name.len() <= caps::MODULE_NAME
        && !name.contains(['\\', '#', '?'])
        && !name.chars().any(char::is_control)
        && !name.starts_with(PLATFORM_SCHEME)
        && name.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
}
