use insula_jail::Mode;

use crate::prison::{Cell, link, prepare, users};

/// A user namespace in which no further one may be made is a machine without them.
#[test]
fn what_the_machine_denies_is_reported_or_ends_the_start() {
    for (mode, code) in [(Mode::Strict, Some(20)), (Mode::Lenient, Some(7))] {
        for user in users() {
            let (ours, theirs) = link();
            let inner = prepare(user, theirs, mode);
            let child = denied(inner).spawn().expect("starts");
            let cell = Cell::new(child, ours);
            cell.speak();
            let sentence = cell.end();
            assert_eq!(sentence.status.code(), code, "{mode:?} {user:?}: {sentence:?}");
            assert!(sentence.log.contains("namespace"), "{mode:?} {user:?}: {sentence:?}");
        }
    }
}

/// `command`, with what makes namespaces forbidden by a filter, as in a container.
fn denied(mut command: std::process::Command) -> std::process::Command {
    use std::os::unix::process::CommandExt;

    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

    let calls = [libc::SYS_unshare, libc::SYS_mount].map(|call| (call, Vec::new()));
    let filter = SeccompFilter::new(
        calls.into(),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM.unsigned_abs()),
        std::env::consts::ARCH.try_into().expect("known"),
    );
    let program: BpfProgram = filter.and_then(TryInto::try_into).expect("builds");
    command.args(["end", "status"]);
    // SAFETY: between fork and exec only two system calls are made, on memory from before.
    unsafe {
        command.pre_exec(move || {
            seccompiler::apply_filter(&program).map_err(|_| std::io::ErrorKind::Other.into())
        });
    }
    command
}
