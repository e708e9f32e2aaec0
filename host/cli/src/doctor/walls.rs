use std::fs;
use std::path::Path;

use super::{Measure, State};

/// What stands around a cordon, as far as this version builds it.
pub fn measures() -> Vec<Measure> {
    vec![
        Measure::new(
            "separate-process",
            State::InForce,
            "tenants' code runs in insula-cordon, which holds no secret of the host and no listener",
        ),
        not_built("namespaces", has_user_namespaces(), "user namespaces"),
        not_built(
            "seccomp",
            Path::new("/proc/sys/kernel/seccomp/actions_avail").exists(),
            "seccomp",
        ),
        not_built("landlock", lsm_has("landlock"), "Landlock"),
        not_built("cgroup", has_cgroups(), "cgroups with a memory controller"),
    ]
}

/// What every start of a server has to say about its walls; `None` once there is nothing.
pub fn walls_warning() -> Option<String> {
    let measures = measures();
    let missing: Vec<_> =
        measures.iter().filter(|it| it.state != State::InForce).map(|it| it.name).collect();
    (!missing.is_empty()).then(|| {
        format!(
            "the walls are incomplete: cordons run without {}; serve only tenants that you trust \
             (see `insula doctor`)",
            missing.join(", ")
        )
    })
}

/// A wall that this version does not build yet, on a machine that could or could not have it.
fn not_built(name: &'static str, possible: bool, feature: &str) -> Measure {
    let advice = "serve only tenants that you trust";
    if possible {
        let why =
            format!("this version does not put cordons behind it yet; the kernel has {feature}");
        Measure::new(name, State::Missing, why).advice(advice)
    } else {
        let why = format!("the kernel shows no {feature} here");
        Measure::new(name, State::Unavailable, why).advice(advice)
    }
}

fn has_user_namespaces() -> bool {
    let positive = |path: &str| {
        let text = fs::read_to_string(path).ok()?;
        Some(text.trim().parse::<u64>().ok()? > 0)
    };
    let allowed = positive("/proc/sys/user/max_user_namespaces").unwrap_or(false);
    // Only some distributions have these two.
    let for_users = positive("/proc/sys/kernel/unprivileged_userns_clone").unwrap_or(true);
    let restricted =
        positive("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").unwrap_or(false);
    let root = rustix::process::geteuid().is_root();
    allowed && (root || (for_users && !restricted))
}

fn lsm_has(name: &str) -> bool {
    let list = fs::read_to_string("/sys/kernel/security/lsm").unwrap_or_default();
    list.trim().split(',').any(|lsm| lsm == name)
}

fn has_cgroups() -> bool {
    let v2 = fs::read_to_string("/sys/fs/cgroup/cgroup.controllers").unwrap_or_default();
    v2.split_whitespace().any(|controller| controller == "memory")
        || Path::new("/sys/fs/cgroup/memory/memory.limit_in_bytes").exists()
}
