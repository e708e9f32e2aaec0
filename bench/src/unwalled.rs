//! `insula-bench unwalled PROGRAM…`: runs a program on a machine that allows no walls, as far as the
//! program can tell. The system calls that build them fail for it and all that it starts; it must be
//! told to go on regardless. There is no switch for this in Insula, and shall be none.

use std::{
    collections::BTreeMap, convert::Infallible, os::unix::process::CommandExt, process::Command,
};

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

use crate::error::BenchError;

/// Namespaces, the empty root, Landlock, and system call filters.
const WALLS: [i64; 9] = [
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_landlock_create_ruleset,
    libc::SYS_landlock_add_rule,
    libc::SYS_landlock_restrict_self,
    libc::SYS_seccomp,
];

/// Does not return unless it fails.
pub fn exec(program: &[String]) -> Result<Infallible, BenchError> {
    let failed = |error: seccompiler::Error| BenchError::Output {
        what: "the kernel, asked for a system call filter,".to_owned(),
        text: error.to_string(),
    };
    let filter = filter().map_err(|error| failed(error.into()))?;
    seccompiler::apply_filter(&filter).map_err(failed)?;
    let (name, arguments) = program.split_first().ok_or_else(|| BenchError::Output {
        what: "the command line".to_owned(),
        text: "no program".to_owned(),
    })?;
    let error = Command::new(name).args(arguments).exec();
    Err(BenchError::io(format!("run {name}"), error))
}

fn filter() -> Result<BpfProgram, seccompiler::BackendError> {
    let rules: BTreeMap<i64, Vec<_>> = WALLS.into_iter().map(|call| (call, Vec::new())).collect();
    let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let target: TargetArch = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(rules, SeccompAction::Allow, refused, target)?.try_into()
}
