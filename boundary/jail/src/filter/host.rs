//! What the host's process does all day: sockets, files, threads, clocks. Calls without conditions
//! where one would not make the wall stronger: the kernel then decides without running the filter.

use libc::{
    AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, FIOCLEX, FIONBIO, FIONREAD, FUTEX_CMP_REQUEUE,
    FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_WAKE, FUTEX_WAKE_OP, MADV_DONTDUMP, MADV_DONTNEED,
    MADV_FREE, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL,
    MADV_WILLNEED, PR_SET_NAME, PR_SET_VMA, PROT_EXEC, PROT_WRITE, TCGETS,
};

use super::rule::Condition::{Is, IsSelf, IsWide, Lacks, Masked};
use super::rule::{Rule, allow, refuse};
use super::table::{MADV_GUARD_INSTALL, OPERATION, PR_GET_AUXV, THREAD};

pub(super) const HOST: &[Rule] = &[
    // Connections: clients, the admin API, origins, cordons, the launcher.
    allow("read", libc::SYS_read, &[], "sockets, files, the wakers of the event loop"),
    allow("write", libc::SYS_write, &[], "sockets, files, the log"),
    allow("readv", libc::SYS_readv, &[], "several pieces at once"),
    allow("writev", libc::SYS_writev, &[], "several pieces at once"),
    allow("recvfrom", libc::SYS_recvfrom, &[], "bytes from a socket"),
    allow("sendto", libc::SYS_sendto, &[], "bytes to a socket; questions to a name server"),
    allow("recvmsg", libc::SYS_recvmsg, &[], "control links, the launcher, the list of routes"),
    allow("sendmsg", libc::SYS_sendmsg, &[], "isolates' sockets go to cordons beside a message"),
    allow("sendmmsg", libc::SYS_sendmmsg, &[], "the resolver asks for both kinds of addresses"),
    allow("recvmmsg", libc::SYS_recvmmsg, &[], "the resolver's answers"),
    allow("accept4", libc::SYS_accept4, &[], "a client comes"),
    #[cfg(target_arch = "x86_64")]
    allow("accept", libc::SYS_accept, &[], "a client comes"),
    allow("connect", libc::SYS_connect, &[], "to an origin, to a name server"),
    allow("bind", libc::SYS_bind, &[], "the resolver asks the kernel for its addresses"),
    allow("shutdown", libc::SYS_shutdown, &[], "one direction of a connection ends"),
    allow("getsockname", libc::SYS_getsockname, &[], "where a listener ended up; address order"),
    allow("getpeername", libc::SYS_getpeername, &[], "who a client is"),
    allow("getsockopt", libc::SYS_getsockopt, &[], "whether connecting worked"),
    allow("setsockopt", libc::SYS_setsockopt, &[], "no delay, keep-alive, errors of name servers"),
    allow(
        "socket for IPv4",
        libc::SYS_socket,
        &[Is(0, AF_INET as u32)],
        "to an origin, to a name server; raw ones need a capability",
    ),
    allow("socket for IPv6", libc::SYS_socket, &[Is(0, AF_INET6 as u32)], "as for IPv4"),
    allow(
        "socket of this machine",
        libc::SYS_socket,
        &[Is(0, AF_UNIX as u32)],
        "the resolver asks a cache or systemd, where there is one",
    ),
    allow(
        "socket to the kernel's routes",
        libc::SYS_socket,
        &[Is(0, AF_NETLINK as u32), Is(2, 0)],
        "the resolver asks which kinds of addresses this machine has",
    ),
    allow(
        "socketpair",
        libc::SYS_socketpair,
        &[Is(0, AF_UNIX as u32)],
        "isolates' links, control links, the signals' way into the event loop",
    ),
    // Waiting.
    #[cfg(target_arch = "x86_64")]
    allow("epoll_wait", libc::SYS_epoll_wait, &[], "the event loop"),
    allow("epoll_pwait", libc::SYS_epoll_pwait, &[], "the event loop"),
    allow("epoll_pwait2", libc::SYS_epoll_pwait2, &[], "the event loop, with newer libraries"),
    allow("epoll_ctl", libc::SYS_epoll_ctl, &[], "a socket comes to the event loop or leaves it"),
    allow("epoll_create1", libc::SYS_epoll_create1, &[], "an event loop begins"),
    allow("eventfd2", libc::SYS_eventfd2, &[], "the event loop's waker"),
    #[cfg(target_arch = "x86_64")]
    allow("poll", libc::SYS_poll, &[], "the resolver waits"),
    allow("ppoll", libc::SYS_ppoll, &[], "the resolver waits"),
    #[cfg(target_arch = "x86_64")]
    allow("select", libc::SYS_select, &[], "a library's plug-in for names waits"),
    allow("pselect6", libc::SYS_pselect6, &[], "a library's plug-in for names waits"),
    // Descriptors.
    allow("close", libc::SYS_close, &[], "what is over"),
    allow("fcntl", libc::SYS_fcntl, &[], "copies, flags; SQLite's locks"),
    allow("dup", libc::SYS_dup, &[], "a copy"),
    allow("dup3", libc::SYS_dup3, &[], "a copy"),
    allow("pipe2", libc::SYS_pipe2, &[], "a cordon's log"),
    allow("flock", libc::SYS_flock, &[], "the data folder's lock"),
    allow("ioctl FIONBIO", libc::SYS_ioctl, &[Is(1, FIONBIO as u32)], "sockets do not block"),
    allow("ioctl FIONREAD", libc::SYS_ioctl, &[Is(1, FIONREAD as u32)], "what an isolate left"),
    allow("ioctl FIOCLEX", libc::SYS_ioctl, &[Is(1, FIOCLEX as u32)], "descriptors end at exec"),
    allow(
        "ioctl TCGETS",
        libc::SYS_ioctl,
        &[Is(1, TCGETS as u32)],
        "whether the log is a terminal",
    ),
    // Files: the data folder, and what the C library reads for names and time zones. Which ones is
    // the user's rights, not the filter's.
    allow("openat", libc::SYS_openat, &[], "database, bundles, the resolver's configuration"),
    allow("openat2", libc::SYS_openat2, &[], "a bundle, if that takes no waiting"),
    #[cfg(target_arch = "x86_64")]
    allow("open", libc::SYS_open, &[], "the same, from older libraries"),
    allow("lseek", libc::SYS_lseek, &[], "within a file"),
    allow("pread64", libc::SYS_pread64, &[], "SQLite's pages"),
    allow("pwrite64", libc::SYS_pwrite64, &[], "SQLite's pages"),
    allow("preadv", libc::SYS_preadv, &[], "several pieces at once"),
    allow("preadv2", libc::SYS_preadv2, &[], "a bundle, if that takes no waiting"),
    allow("pwritev", libc::SYS_pwritev, &[], "several pieces at once"),
    allow("fsync", libc::SYS_fsync, &[], "what was acknowledged is on disk"),
    allow("fdatasync", libc::SYS_fdatasync, &[], "what was acknowledged is on disk"),
    allow("sync_file_range", libc::SYS_sync_file_range, &[], "what was acknowledged is on disk"),
    allow("ftruncate", libc::SYS_ftruncate, &[], "SQLite's journal"),
    allow("fallocate", libc::SYS_fallocate, &[], "SQLite's shared memory"),
    allow("fadvise64", libc::SYS_fadvise64, &[], "a file will be read in order"),
    allow("fstat", libc::SYS_fstat, &[], "a file's size"),
    allow("newfstatat", libc::SYS_newfstatat, &[], "whether a file is there"),
    allow("statx", libc::SYS_statx, &[], "whether a file is there"),
    allow("statfs", libc::SYS_statfs, &[], "SQLite looks at the kind of file system"),
    allow("fstatfs", libc::SYS_fstatfs, &[], "SQLite looks at the kind of file system"),
    #[cfg(target_arch = "x86_64")]
    allow("stat", libc::SYS_stat, &[], "whether a file is there"),
    #[cfg(target_arch = "x86_64")]
    allow("lstat", libc::SYS_lstat, &[], "whether a file is a link"),
    #[cfg(target_arch = "x86_64")]
    allow("access", libc::SYS_access, &[], "whether a file is there"),
    allow("faccessat", libc::SYS_faccessat, &[], "whether a file is there"),
    allow("faccessat2", libc::SYS_faccessat2, &[], "whether a file is there"),
    #[cfg(target_arch = "x86_64")]
    allow("readlink", libc::SYS_readlink, &[], "paths are made absolute"),
    allow("readlinkat", libc::SYS_readlinkat, &[], "paths are made absolute"),
    allow("getcwd", libc::SYS_getcwd, &[], "paths are made absolute"),
    allow("getdents64", libc::SYS_getdents64, &[], "bundles are looked through at the start"),
    #[cfg(target_arch = "x86_64")]
    allow("rename", libc::SYS_rename, &[], "a file appears whole or not at all"),
    allow("renameat", libc::SYS_renameat, &[], "a file appears whole or not at all"),
    allow("renameat2", libc::SYS_renameat2, &[], "a file appears whole or not at all"),
    #[cfg(target_arch = "x86_64")]
    allow("link", libc::SYS_link, &[], "a bundle appears once"),
    allow("linkat", libc::SYS_linkat, &[], "a bundle appears once"),
    #[cfg(target_arch = "x86_64")]
    allow("unlink", libc::SYS_unlink, &[], "a bundle that nobody needs, SQLite's journal"),
    allow("unlinkat", libc::SYS_unlinkat, &[], "a bundle that nobody needs, SQLite's journal"),
    #[cfg(target_arch = "x86_64")]
    allow("mkdir", libc::SYS_mkdir, &[], "folders of the data folder"),
    allow("mkdirat", libc::SYS_mkdirat, &[], "folders of the data folder"),
    #[cfg(target_arch = "x86_64")]
    allow("rmdir", libc::SYS_rmdir, &[], "folders of the data folder"),
    #[cfg(target_arch = "x86_64")]
    allow("chmod", libc::SYS_chmod, &[], "secrets are their owner's alone"),
    allow("fchmod", libc::SYS_fchmod, &[], "secrets are their owner's alone"),
    allow("fchmodat", libc::SYS_fchmodat, &[], "secrets are their owner's alone"),
    allow("utimensat", libc::SYS_utimensat, &[], "SQLite touches a lock"),
    allow("umask", libc::SYS_umask, &[], "SQLite makes files with the rights of the first"),
    // Memory. Never writable and executable at once; executable at all for the C library's
    // plug-ins for names, which it loads when the first name is looked up.
    allow(
        "mmap, not executable",
        libc::SYS_mmap,
        &[Lacks(2, PROT_EXEC as u32)],
        "heaps, stacks, SQLite's shared memory",
    ),
    allow(
        "mmap, not writable",
        libc::SYS_mmap,
        &[Lacks(2, PROT_WRITE as u32)],
        "plug-ins for names",
    ),
    allow(
        "mprotect, not executable",
        libc::SYS_mprotect,
        &[Lacks(2, PROT_EXEC as u32)],
        "heaps grow, stacks get guards",
    ),
    allow(
        "mprotect, not writable",
        libc::SYS_mprotect,
        &[Lacks(2, PROT_WRITE as u32)],
        "plug-ins for names",
    ),
    allow("munmap", libc::SYS_munmap, &[], "memory is given back"),
    allow("mremap", libc::SYS_mremap, &[], "large blocks grow without copying"),
    allow("msync", libc::SYS_msync, &[], "SQLite's shared memory"),
    allow("mincore", libc::SYS_mincore, &[], "the C library looks at its own stack"),
    allow("brk", libc::SYS_brk, &[], "the allocator's first heap"),
    allow(
        "madvise MADV_NORMAL",
        libc::SYS_madvise,
        &[Is(2, MADV_NORMAL as u32)],
        "other advice is taken back",
    ),
    allow(
        "madvise MADV_RANDOM",
        libc::SYS_madvise,
        &[Is(2, MADV_RANDOM as u32)],
        "how a mapped file is read ahead",
    ),
    allow(
        "madvise MADV_SEQUENTIAL",
        libc::SYS_madvise,
        &[Is(2, MADV_SEQUENTIAL as u32)],
        "how a mapped file is read ahead",
    ),
    allow(
        "madvise MADV_WILLNEED",
        libc::SYS_madvise,
        &[Is(2, MADV_WILLNEED as u32)],
        "how a mapped file is read ahead",
    ),
    allow(
        "madvise MADV_DONTNEED",
        libc::SYS_madvise,
        &[Is(2, MADV_DONTNEED as u32)],
        "allocators and ended threads give pages back",
    ),
    allow("madvise MADV_FREE", libc::SYS_madvise, &[Is(2, MADV_FREE as u32)], "pages given back"),
    allow(
        "madvise MADV_HUGEPAGE",
        libc::SYS_madvise,
        &[Is(2, MADV_HUGEPAGE as u32)],
        "allocators ask for large pages",
    ),
    allow(
        "madvise MADV_NOHUGEPAGE",
        libc::SYS_madvise,
        &[Is(2, MADV_NOHUGEPAGE as u32)],
        "allocators decline large pages",
    ),
    allow(
        "madvise MADV_DONTDUMP",
        libc::SYS_madvise,
        &[Is(2, MADV_DONTDUMP as u32)],
        "secrets stay out of core files",
    ),
    allow(
        "madvise MADV_GUARD_INSTALL",
        libc::SYS_madvise,
        &[Is(2, MADV_GUARD_INSTALL)],
        "newer C libraries guard stacks this way",
    ),
    allow("membarrier", libc::SYS_membarrier, &[], "what one thread wrote is seen by all"),
    // Threads of this process. No other process can be made: that is the launcher's right.
    allow(
        "clone of a thread",
        libc::SYS_clone,
        &[IsWide(0, THREAD)],
        "the event loop's workers, SQLite's thread, look-ups of names",
    ),
    refuse(
        "clone3",
        libc::SYS_clone3,
        libc::ENOSYS,
        &[],
        "its arguments are in memory, where a filter cannot look; the C library then uses clone",
    ),
    allow("set_robust_list", libc::SYS_set_robust_list, &[], "a thread begins"),
    allow("set_tid_address", libc::SYS_set_tid_address, &[], "a thread begins"),
    allow("rseq", libc::SYS_rseq, &[], "a thread begins"),
    allow("gettid", libc::SYS_gettid, &[], "a thread learns its id"),
    allow("sched_yield", libc::SYS_sched_yield, &[], "spinning locks let others run"),
    allow(
        "sched_getaffinity",
        libc::SYS_sched_getaffinity,
        &[],
        "how many processors there are; where a thread's stack is",
    ),
    allow(
        "sched_setattr",
        libc::SYS_sched_setattr,
        &[Is(2, 0)],
        "threads that run errands let those go first that answer clients; no right lets one run before others",
    ),
    allow("getcpu", libc::SYS_getcpu, &[], "allocators keep a heap for each processor"),
    allow("exit", libc::SYS_exit, &[], "a thread ends"),
    allow("exit_group", libc::SYS_exit_group, &[], "the server ends"),
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
    allow(
        "futex FUTEX_CMP_REQUEUE",
        libc::SYS_futex,
        &[Masked(1, OPERATION, FUTEX_CMP_REQUEUE as u32)],
        "condition variables of older C libraries",
    ),
    allow(
        "futex FUTEX_WAKE_OP",
        libc::SYS_futex,
        &[Masked(1, OPERATION, FUTEX_WAKE_OP as u32)],
        "condition variables of older C libraries",
    ),
    // Signals, to this process alone.
    allow("rt_sigaction", libc::SYS_rt_sigaction, &[], "the operator's wish to end is caught"),
    allow("rt_sigprocmask", libc::SYS_rt_sigprocmask, &[], "threads begin and end undisturbed"),
    allow("rt_sigreturn", libc::SYS_rt_sigreturn, &[], "a handler is over"),
    allow("sigaltstack", libc::SYS_sigaltstack, &[], "a thread's stack for faults of its stack"),
    allow("tgkill itself", libc::SYS_tgkill, &[IsSelf(0)], "abort; a signal for a thread"),
    allow("restart_syscall", libc::SYS_restart_syscall, &[], "waiting goes on after a stop"),
    // Clocks.
    allow("clock_gettime", libc::SYS_clock_gettime, &[], "the clock in some virtual machines"),
    allow("clock_getres", libc::SYS_clock_getres, &[], "how fine the clock is"),
    allow("clock_nanosleep", libc::SYS_clock_nanosleep, &[], "SQLite waits for a lock"),
    allow("nanosleep", libc::SYS_nanosleep, &[], "SQLite waits for a lock"),
    allow("gettimeofday", libc::SYS_gettimeofday, &[], "the clock in some virtual machines"),
    #[cfg(target_arch = "x86_64")]
    allow("time", libc::SYS_time, &[], "the clock in some virtual machines"),
    // What the process asks about itself and the machine.
    allow("getrandom", libc::SYS_getrandom, &[], "tokens, hash seeds, keys of connections"),
    allow("getpid", libc::SYS_getpid, &[], "SQLite's and the C library's names for this process"),
    allow("getppid", libc::SYS_getppid, &[], "a library asks who started it"),
    allow("getuid", libc::SYS_getuid, &[], "the C library looks who it works for"),
    allow("geteuid", libc::SYS_geteuid, &[], "SQLite looks who it works for"),
    allow("getgid", libc::SYS_getgid, &[], "the C library looks who it works for"),
    allow("getegid", libc::SYS_getegid, &[], "the C library looks who it works for"),
    allow("uname", libc::SYS_uname, &[], "the resolver asks for the machine's name"),
    allow("sysinfo", libc::SYS_sysinfo, &[], "sorting asks how much memory there is"),
    allow("getrusage", libc::SYS_getrusage, &[], "how much time was used"),
    allow("times", libc::SYS_times, &[], "how much time was used"),
    allow("prlimit64 to read", libc::SYS_prlimit64, &[Is(0, 0), IsWide(2, 0)], "stack sizes"),
    #[cfg(target_arch = "x86_64")]
    allow("getrlimit", libc::SYS_getrlimit, &[], "stack sizes"),
    allow("prctl PR_SET_NAME", libc::SYS_prctl, &[Is(0, PR_SET_NAME as u32)], "threads have names"),
    allow(
        "prctl PR_SET_VMA",
        libc::SYS_prctl,
        &[Is(0, PR_SET_VMA as u32)],
        "newer C libraries name their memory",
    ),
    allow("prctl PR_GET_AUXV", libc::SYS_prctl, &[Is(0, PR_GET_AUXV)], "the C library's start"),
    // The launcher is asked by message, and waits for its own children; the end of the launcher
    // itself is the one that this process waits for.
    allow("wait4", libc::SYS_wait4, &[], "the launcher has ended"),
    allow("waitid", libc::SYS_waitid, &[], "the launcher has ended"),
];
