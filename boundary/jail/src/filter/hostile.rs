//! Calls that the host's process never makes: whoever makes one has taken it over.

use libc::{
    CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER,
    CLONE_NEWUTS,
};

use super::rule::Condition::Masked;
use super::rule::{Rule, kill};

/// One of `clone`'s flags for a new namespace.
macro_rules! clone_into {
    ($name:literal, $flag:ident, $why:literal) => {
        kill($name, libc::SYS_clone, &[Masked(0, $flag as u32, $flag as u32)], $why)
    };
}

pub(super) const HOSTILE: &[Rule] = &[
    // Other programs: the launcher runs the only one there is, the cordon's.
    kill("execve", libc::SYS_execve, &[], "the host's process becomes no other program"),
    kill("execveat", libc::SYS_execveat, &[], "the host's process becomes no other program"),
    // Other processes: the launcher runs as root, and others may run as this user.
    kill("ptrace", libc::SYS_ptrace, &[], "nobody is debugged, and nobody debugs"),
    kill("process_vm_readv", libc::SYS_process_vm_readv, &[], "reads the memory of others"),
    kill("process_vm_writev", libc::SYS_process_vm_writev, &[], "writes the memory of others"),
    kill("process_madvise", libc::SYS_process_madvise, &[], "changes the memory of others"),
    kill("pidfd_getfd", libc::SYS_pidfd_getfd, &[], "takes the descriptors of others"),
    kill("kcmp", libc::SYS_kcmp, &[], "tells where in the kernel the objects of others are"),
    // Another view of the machine.
    kill("mount", libc::SYS_mount, &[], "the host's process sees the files that it was given"),
    kill("umount2", libc::SYS_umount2, &[], "what covers a folder stays"),
    kill("open_tree", libc::SYS_open_tree, &[], "mounts, the newer way"),
    kill("move_mount", libc::SYS_move_mount, &[], "mounts, the newer way"),
    kill("fsopen", libc::SYS_fsopen, &[], "mounts, the newer way"),
    kill("fsconfig", libc::SYS_fsconfig, &[], "mounts, the newer way"),
    kill("fsmount", libc::SYS_fsmount, &[], "mounts, the newer way"),
    kill("fspick", libc::SYS_fspick, &[], "mounts, the newer way"),
    kill("mount_setattr", libc::SYS_mount_setattr, &[], "mounts, the newer way"),
    kill("pivot_root", libc::SYS_pivot_root, &[], "the root stays what it is"),
    kill("chroot", libc::SYS_chroot, &[], "the root stays what it is"),
    kill("unshare", libc::SYS_unshare, &[], "a user namespace opens most of the kernel to anybody"),
    kill("setns", libc::SYS_setns, &[], "namespaces of others are none of its business"),
    clone_into!("clone of a user namespace", CLONE_NEWUSER, "as unshare"),
    clone_into!("clone of a mount namespace", CLONE_NEWNS, "as unshare"),
    clone_into!("clone of a network namespace", CLONE_NEWNET, "as unshare"),
    clone_into!("clone of a process namespace", CLONE_NEWPID, "as unshare"),
    clone_into!("clone of an IPC namespace", CLONE_NEWIPC, "as unshare"),
    clone_into!("clone of a host name namespace", CLONE_NEWUTS, "as unshare"),
    clone_into!("clone of a cgroup namespace", CLONE_NEWCGROUP, "as unshare"),
    kill("open_by_handle_at", libc::SYS_open_by_handle_at, &[], "opens files around every folder"),
    // Parts of the kernel with a history.
    kill("bpf", libc::SYS_bpf, &[], "programs in the kernel"),
    kill("perf_event_open", libc::SYS_perf_event_open, &[], "counters tell about others"),
    kill("userfaultfd", libc::SYS_userfaultfd, &[], "stops the kernel in the middle of a copy"),
    kill("io_uring_setup", libc::SYS_io_uring_setup, &[], "makes calls that no filter sees"),
    kill("io_uring_enter", libc::SYS_io_uring_enter, &[], "makes calls that no filter sees"),
    kill("io_uring_register", libc::SYS_io_uring_register, &[], "makes calls that no filter sees"),
    kill("keyctl", libc::SYS_keyctl, &[], "keys in the kernel belong to users, not to processes"),
    kill("add_key", libc::SYS_add_key, &[], "keys in the kernel"),
    kill("request_key", libc::SYS_request_key, &[], "keys in the kernel"),
    kill("personality", libc::SYS_personality, &[], "makes memory executable behind the list"),
    // The machine itself.
    kill("init_module", libc::SYS_init_module, &[], "the kernel stays what it is"),
    kill("finit_module", libc::SYS_finit_module, &[], "the kernel stays what it is"),
    kill("delete_module", libc::SYS_delete_module, &[], "the kernel stays what it is"),
    kill("kexec_load", libc::SYS_kexec_load, &[], "the kernel stays what it is"),
    kill("kexec_file_load", libc::SYS_kexec_file_load, &[], "the kernel stays what it is"),
    kill("reboot", libc::SYS_reboot, &[], "the machine goes on"),
    kill("swapon", libc::SYS_swapon, &[], "no memory goes to a disk of somebody's choice"),
    kill("swapoff", libc::SYS_swapoff, &[], "memory stays where it is"),
    kill("acct", libc::SYS_acct, &[], "the kernel writes no file of somebody's choice"),
    kill("quotactl", libc::SYS_quotactl, &[], "the operator's business"),
    kill("settimeofday", libc::SYS_settimeofday, &[], "the clock is the operator's"),
    kill("clock_settime", libc::SYS_clock_settime, &[], "the clock is the operator's"),
    kill("sethostname", libc::SYS_sethostname, &[], "the name is the operator's"),
    kill("setdomainname", libc::SYS_setdomainname, &[], "the name is the operator's"),
    kill("syslog", libc::SYS_syslog, &[], "the kernel's log tells where things are"),
    #[cfg(target_arch = "x86_64")]
    kill("iopl", libc::SYS_iopl, &[], "ports of the hardware"),
    #[cfg(target_arch = "x86_64")]
    kill("ioperm", libc::SYS_ioperm, &[], "ports of the hardware"),
    #[cfg(target_arch = "x86_64")]
    kill("modify_ldt", libc::SYS_modify_ldt, &[], "a part of the processor with a history"),
];
