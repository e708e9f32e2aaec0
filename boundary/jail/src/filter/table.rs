//! The lists. Calls on the path of every request have no conditions where one would not make the
//! wall stronger: the kernel then decides without running the filter.

use libc::{
    CLONE_CHILD_CLEARTID, CLONE_FILES, CLONE_FS, CLONE_PARENT_SETTID, CLONE_SETTLS, CLONE_SIGHAND,
    CLONE_SYSVSEM, CLONE_THREAD, CLONE_VM, F_GETFD, FIONBIO, FUTEX_WAIT, FUTEX_WAIT_BITSET,
    FUTEX_WAKE, MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE, MADV_NOHUGEPAGE, O_ACCMODE, O_APPEND,
    O_CREAT, O_TRUNC, PR_SET_NAME, PR_SET_VMA, PR_SET_VMA_ANON_NAME, PROT_EXEC, PROT_WRITE,
    SIGABRT,
};

use super::rule::Condition::{Is, IsSelf, IsWide, Lacks, Masked};
use super::rule::{Rule, allow, refuse};

/// What the C library asks for a thread; a process would be asked for without these.
pub(super) const THREAD: u64 = (CLONE_VM
    | CLONE_FS
    | CLONE_FILES
    | CLONE_SIGHAND
    | CLONE_THREAD
    | CLONE_SYSVSEM
    | CLONE_SETTLS
    | CLONE_PARENT_SETTID
    | CLONE_CHILD_CLEARTID) as u64;

/// The operation of a futex, without "private" and "by the wall clock".
pub(super) const OPERATION: u32 = 0x7f;

/// No file: mappings are of nothing, and say so.
const NO_FILE: u32 = u32::MAX;

/// Whatever could change a file.
const CHANGES: u32 = (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND) as u32;

/// Later than the C library that this is built with.
pub(super) const MADV_GUARD_INSTALL: u32 = 102;
pub(super) const PR_GET_AUXV: u32 = 0x4155_5856;

/// What a cordon may do once its engine has started.
pub(super) const CORDON: &[Rule] = &[
    // Links. Sockets come from the host alone, by recvmsg; none can be made, named or sent on.
    allow("recvfrom", libc::SYS_recvfrom, &[], "an isolate takes frames from its link"),
    allow(
        "sendto without an address",
        libc::SYS_sendto,
        &[IsWide(4, 0)],
        "an isolate's frames, and messages to the supervisor; descriptors cannot go this way",
    ),
    allow("read", libc::SYS_read, &[], "the same as recvfrom, for a link that is used as a file"),
    allow("write", libc::SYS_write, &[], "lines of the log"),
    allow("writev", libc::SYS_writev, &[], "the C library's last words before it aborts"),
    allow("close", libc::SYS_close, &[], "an isolate's link when the isolate ends"),
    #[cfg(target_arch = "x86_64")]
    allow("poll", libc::SYS_poll, &[], "waiting for a link, in code that takes milliseconds"),
    allow("ppoll", libc::SYS_ppoll, &[], "an isolate waits for its link or its next timer"),
    allow("recvmsg", libc::SYS_recvmsg, &[], "the control link: messages, and isolates' links"),
    allow(
        "ioctl FIONBIO",
        libc::SYS_ioctl,
        &[Is(1, FIONBIO as u32)],
        "a link is made non-blocking; every other request is one to a driver",
    ),
    allow(
        "fcntl F_GETFD",
        libc::SYS_fcntl,
        &[Is(1, F_GETFD as u32)],
        "the standard library checks that what it closes is open",
    ),
    // Memory. Anonymous, and never both writable and executable.
    allow(
        "mmap, not executable",
        libc::SYS_mmap,
        &[Lacks(2, PROT_EXEC as u32), Is(4, NO_FILE)],
        "heaps, stacks, arrays",
    ),
    allow(
        "mmap, not writable",
        libc::SYS_mmap,
        &[Lacks(2, PROT_WRITE as u32), Is(4, NO_FILE)],
        "the engine reserves pages for compiled code",
    )
    .for_machine_code(),
    allow(
        "mprotect, not executable",
        libc::SYS_mprotect,
        &[Lacks(2, PROT_EXEC as u32)],
        "stacks get guards, compiled code is written",
    ),
    allow(
        "mprotect, not writable",
        libc::SYS_mprotect,
        &[Lacks(2, PROT_WRITE as u32)],
        "compiled code that has been written is run",
    )
    .for_machine_code(),
    allow("munmap", libc::SYS_munmap, &[], "memory is given back"),
    allow("mremap", libc::SYS_mremap, &[], "the allocator grows large blocks without copying"),
    allow("brk", libc::SYS_brk, &[], "the allocator's first heap"),
    // Advice by name: MADV_MERGEABLE would let one cordon find out what another's pages hold.
    allow(
        "madvise MADV_DONTNEED",
        libc::SYS_madvise,
        &[Is(2, MADV_DONTNEED as u32)],
        "allocator and collector give pages back and keep the addresses",
    ),
    allow(
        "madvise MADV_FREE",
        libc::SYS_madvise,
        &[Is(2, MADV_FREE as u32)],
        "an allocator gives pages back when somebody needs them",
    ),
    allow(
        "madvise MADV_HUGEPAGE",
        libc::SYS_madvise,
        &[Is(2, MADV_HUGEPAGE as u32)],
        "an allocator asks for large pages",
    ),
    allow(
        "madvise MADV_NOHUGEPAGE",
        libc::SYS_madvise,
        &[Is(2, MADV_NOHUGEPAGE as u32)],
        "an allocator declines large pages",
    ),
    allow(
        "madvise MADV_GUARD_INSTALL",
        libc::SYS_madvise,
        &[Is(2, MADV_GUARD_INSTALL)],
        "newer C libraries guard stacks this way",
    ),
    // Threads of this process; no other process can be made.
    allow(
        "clone of a thread",
        libc::SYS_clone,
        &[IsWide(0, THREAD)],
        "isolates and the engine's helpers run on threads",
    ),
    refuse(
        "clone3",
        libc::SYS_clone3,
        libc::ENOSYS,
        &[],
        "its arguments are in memory, where a filter cannot look; the C library then uses clone",
    ),
    allow("set_robust_list", libc::SYS_set_robust_list, &[], "a thread begins"),
    allow("rseq", libc::SYS_rseq, &[], "a thread begins"),
    allow("gettid", libc::SYS_gettid, &[], "a thread learns its id"),
    allow("getpid", libc::SYS_getpid, &[], "the C library compares before it raises a signal"),
    allow("sched_yield", libc::SYS_sched_yield, &[], "spinning locks let others run"),
    allow(
        "sched_getaffinity",
        libc::SYS_sched_getaffinity,
        &[],
        "the C library looks for a thread's stack and counts processors",
    ),
    allow(
        "sched_setattr",
        libc::SYS_sched_setattr,
        &[Is(2, 0)],
        "the watchdog lets isolates that compute wait for those that do not; only threads of the same \
         user can be named, and no right lets one run before others",
    ),
    allow("exit", libc::SYS_exit, &[], "a thread ends"),
    allow("exit_group", libc::SYS_exit_group, &[], "the cordon ends"),
    // Waiting and waking only: priority-inheriting locks are a part of the kernel with a history.
    allow(
        "futex FUTEX_WAIT",
        libc::SYS_futex,
        &[Masked(1, OPERATION, FUTEX_WAIT as u32)],
        "locks and joins wait",
    ),
    allow(
        "futex FUTEX_WAKE",
        libc::SYS_futex,
        &[Masked(1, OPERATION, FUTEX_WAKE as u32)],
        "locks and condition variables wake",
    ),
    allow(
        "futex FUTEX_WAIT_BITSET",
        libc::SYS_futex,
        &[Masked(1, OPERATION, FUTEX_WAIT_BITSET as u32)],
        "condition variables wait, with a deadline",
    ),
    // The compiler writes what other processors may have begun to read.
    #[cfg(target_arch = "aarch64")]
    allow("membarrier", libc::SYS_membarrier, &[], "compiled code becomes visible to all threads"),
    // Signals: of this process to itself.
    allow(
        "rt_sigaction",
        libc::SYS_rt_sigaction,
        &[],
        "a fault's handler steps aside, and an abort makes sure that it ends the process",
    ),
    allow("rt_sigprocmask", libc::SYS_rt_sigprocmask, &[], "threads begin and end undisturbed"),
    allow("rt_sigreturn", libc::SYS_rt_sigreturn, &[], "WebAssembly traps come as signals"),
    allow("sigaltstack", libc::SYS_sigaltstack, &[], "a thread's stack for faults of its stack"),
    allow(
        "tgkill SIGABRT to itself",
        libc::SYS_tgkill,
        &[IsSelf(0), Is(2, SIGABRT as u32)],
        "abort: the engine and the allocator stop when they find themselves broken",
    ),
    allow(
        "restart_syscall",
        libc::SYS_restart_syscall,
        &[],
        "the kernel goes on waiting after the process was stopped",
    ),
    // Clocks. Most readings need no system call; these do, or do on some machines.
    allow("clock_gettime", libc::SYS_clock_gettime, &[], "a thread's CPU time; clocks in some VMs"),
    allow("clock_nanosleep", libc::SYS_clock_nanosleep, &[], "the watchdog sleeps"),
    #[cfg(target_arch = "x86_64")]
    allow("gettimeofday", libc::SYS_gettimeofday, &[], "the clock in some virtual machines"),
    #[cfg(target_arch = "x86_64")]
    allow("time", libc::SYS_time, &[], "the clock in some virtual machines"),
    // What the process asks about itself.
    allow("getrandom", libc::SYS_getrandom, &[], "hash seeds and crypto.getRandomValues"),
    allow(
        "prlimit64 to read",
        libc::SYS_prlimit64,
        &[Is(0, 0), IsWide(2, 0)],
        "the engine learns how much address space there is",
    ),
    allow(
        "prctl PR_SET_NAME",
        libc::SYS_prctl,
        &[Is(0, PR_SET_NAME as u32)],
        "a thread is given a name",
    ),
    refuse(
        "prctl PR_SET_VMA",
        libc::SYS_prctl,
        libc::ENOSYS,
        &[Is(0, PR_SET_VMA as u32), IsWide(1, PR_SET_VMA_ANON_NAME as u64)],
        "the engine names its memory, which nobody reads and for which the kernel stops all other changes of \
         mappings",
    ),
    allow(
        "prctl PR_GET_AUXV",
        libc::SYS_prctl,
        &[Is(0, PR_GET_AUXV)],
        "where the kernel's clock is in this process's memory",
    ),
    // Libraries look for files; there is none, and the kernel need not even look.
    refuse(
        "openat to read",
        libc::SYS_openat,
        libc::ENOENT,
        &[Lacks(2, CHANGES)],
        "time zones, the number of processors; without these files there are defaults",
    ),
    #[cfg(target_arch = "x86_64")]
    refuse(
        "open to read",
        libc::SYS_open,
        libc::ENOENT,
        &[Lacks(1, CHANGES)],
        "before Linux 6.4, where the kernel's clock is in this process's memory",
    ),
    #[cfg(target_arch = "x86_64")]
    refuse("readlink", libc::SYS_readlink, libc::ENOENT, &[], "looking for a time zone"),
    refuse("readlinkat", libc::SYS_readlinkat, libc::ENOENT, &[], "looking for a time zone"),
    refuse(
        "newfstatat",
        libc::SYS_newfstatat,
        libc::ENOENT,
        &[],
        "time zones; whether a stream is a terminal",
    ),
    #[cfg(target_arch = "x86_64")]
    refuse("access", libc::SYS_access, libc::ENOENT, &[], "looking for a time zone"),
    refuse("faccessat", libc::SYS_faccessat, libc::ENOENT, &[], "looking for a time zone"),
    refuse("getcwd", libc::SYS_getcwd, libc::ENOENT, &[], "paths are made absolute"),
    refuse("fstat", libc::SYS_fstat, libc::EPERM, &[], "whether a stream is a terminal"),
    refuse(
        "sysinfo",
        libc::SYS_sysinfo,
        libc::EPERM,
        &[],
        "sorting asks how much memory the host has, and does without",
    ),
    refuse(
        "getrusage",
        libc::SYS_getrusage,
        libc::EPERM,
        &[],
        "the collector counts its page faults, which the kernel sums over all threads of the process: with a \
         thousand isolates, more work than a small collection",
    ),
];

/// What the parent of a cordon's process may do.
pub(super) const RELAY: &[Rule] = &[
    allow("wait4", libc::SYS_wait4, &[], "it waits for its child, and for nothing else"),
    allow("getpid", libc::SYS_getpid, &[], "it raises the signal that ended its child"),
    allow("rt_sigaction", libc::SYS_rt_sigaction, &[], "that signal is to end it, too"),
    allow("kill itself", libc::SYS_kill, &[IsSelf(0)], "it ends as its child has ended"),
    allow("exit_group", libc::SYS_exit_group, &[], "it ends as its child has ended"),
    allow("restart_syscall", libc::SYS_restart_syscall, &[], "it goes on after it was stopped"),
    allow("rt_sigreturn", libc::SYS_rt_sigreturn, &[], "a handler of the runtime's has run"),
    allow("munmap", libc::SYS_munmap, &[], "the filter's own construction is forgotten"),
    allow("brk", libc::SYS_brk, &[], "the filter's own construction is forgotten"),
];
