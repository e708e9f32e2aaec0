use insula_jail::{Mode, system_calls};

use crate::prison::{Cell, link, prepare_class, run, users};

/// What the inmate tries: see there.
const ATTACKS: &[&str] = &[
    // Reaching out.
    "socket",
    "netlink-socket",
    "vsock-socket",
    "socketpair",
    "connect",
    "bind",
    "accept",
    "send-descriptor",
    "send-to-address",
    "open-for-write",
    "open-for-both",
    "open-to-create",
    "open-to-truncate",
    "open-unnamed",
    "openat2",
    "open-by-handle",
    "mkdir",
    "unlink",
    "list-folder",
    "memfd",
    "pipe",
    "eventfd",
    "epoll",
    "duplicate",
    "fcntl-duplicate",
    "fcntl-owner",
    "terminal-input",
    // New code.
    "execve",
    "execveat",
    "map-writable-code",
    "protect-writable-code",
    "protect-with-key",
    "map-file",
    "read-implies-execute",
    // Touching others.
    "fork",
    "clone-with-memory",
    "clone-user-namespace",
    "kill",
    "kill-all",
    "kill-parent",
    "tgkill-others",
    "tgkill-itself-otherwise",
    "tkill",
    "queue-signal",
    "pidfd",
    "ptrace",
    "ptrace-me",
    "read-memory",
    "write-memory",
    "compare",
    "priority",
    "scheduler",
    "affinity",
    "merge-pages",
    "message-queue",
    "shared-memory",
    // Gaining rights.
    "mount",
    "unmount",
    "open-tree",
    "new-mount",
    "chroot",
    "pivot-root",
    "unshare",
    "setns",
    "setuid",
    "setgroups",
    "capset",
    "set-limit",
    "limit-of-others",
    "become-dumpable",
    "outlive-supervisor",
    "keep-capabilities",
    "allow-tracer",
    "another-filter",
    // Parts of the kernel with a history.
    "bpf",
    "io-uring",
    "userfaultfd",
    "keyctl",
    "add-key",
    "perf-event",
    "futex-with-inheritance",
    "futex-requeue",
    "timer",
    "splice",
    "vmsplice",
    "watch-files",
    "kernel-module",
    "kernel-log",
    "reboot",
    "swap",
    "set-clock",
    "async-io",
    "no-such-call",
];

/// Calls, and ways to make them, that only one architecture has.
#[cfg(target_arch = "x86_64")]
const ATTACKS_HERE: &[&str] = &[
    "old-open-for-write",
    "old-open-to-create",
    "plain-fork",
    "vfork",
    "segment-table",
    "x32",
    "32-bit",
];
#[cfg(not(target_arch = "x86_64"))]
const ATTACKS_HERE: &[&str] = &[];

/// What only a cordon that makes machine code may do.
#[test]
fn without_a_compiler_no_page_becomes_executable() {
    for user in users() {
        for rule in system_calls().iter().filter(|rule| rule.machine_code) {
            let (control, theirs) = link();
            let mut command = prepare_class(user, theirs, Mode::Strict, false);
            let child = command.args(["rule", rule.name]).spawn().expect("starts");
            let cell = Cell::new(child, control);
            cell.speak();
            let sentence = cell.end();
            assert!(sentence.is_killed_for_a_call(), "{user:?}: {}: {sentence:?}", rule.name);
        }
    }
    assert!(system_calls().iter().any(|rule| rule.machine_code));
}

#[test]
fn every_other_call_ends_the_cordon() {
    for user in users() {
        for attack in ATTACKS.iter().chain(ATTACKS_HERE) {
            let sentence = run(user, &["attack", attack]);
            assert!(sentence.is_killed_for_a_call(), "{user:?}: {attack}: {sentence:?}");
        }
    }
}
