//! System calls of code that has taken a cordon over. None of them returns.

use std::io;

use crate::call::{at, at_mut, call};

/// Makes the call. `None`: no such attack.
pub fn attempt(name: &str) -> Option<io::Result<()>> {
    let result = reach_out(name)
        .or_else(|| new_code(name))
        .or_else(|| touch_others(name))
        .or_else(|| gain_rights(name))
        .or_else(|| odd_kernel_parts(name))
        .or_else(|| other_doors(name))?;
    Some(result.map(drop))
}

fn reach_out(name: &str) -> Option<io::Result<usize>> {
    let here = libc::AT_FDCWD as usize;
    let path = at(b"/file\0");
    // SAFETY: all zeros is a message without parts, and an address without a family.
    let (message, address): (libc::msghdr, libc::sockaddr_un) = unsafe { std::mem::zeroed() };
    let open = |flags: i32| call(libc::SYS_openat, [here, path, flags as usize, 0o600]);
    Some(match name {
        "socket" => call(libc::SYS_socket, [libc::AF_INET as usize, 1, 0]),
        "netlink-socket" => call(libc::SYS_socket, [libc::AF_NETLINK as usize, 3, 0]),
        "vsock-socket" => call(libc::SYS_socket, [libc::AF_VSOCK as usize, 1, 0]),
        "socketpair" => call(libc::SYS_socketpair, [1, 1, 0, at_mut(&mut [0_i32; 2])]),
        "connect" => call(libc::SYS_connect, [0, at(&address), size_of_val(&address)]),
        "bind" => call(libc::SYS_bind, [0, at(&address), size_of_val(&address)]),
        "accept" => call(libc::SYS_accept4, [0, 0, 0, 0]),
        "send-descriptor" => call(libc::SYS_sendmsg, [0, at(&message), 0]),
        "send-to-address" => call(libc::SYS_sendto, [0, path, 1, 0, at(&address), 2]),
        "open-for-write" => open(libc::O_WRONLY),
        "open-for-both" => open(libc::O_RDWR),
        #[cfg(target_arch = "x86_64")]
        "old-open-for-write" => call(libc::SYS_open, [path, libc::O_WRONLY as usize, 0]),
        #[cfg(target_arch = "x86_64")]
        "old-open-to-create" => call(libc::SYS_open, [path, libc::O_CREAT as usize, 0]),
        "open-to-create" => open(libc::O_CREAT),
        "open-to-truncate" => open(libc::O_TRUNC),
        "open-unnamed" => open(libc::O_TMPFILE | libc::O_WRONLY),
        "openat2" => call(libc::SYS_openat2, [here, path, at(&[0_u64; 3]), 24]),
        "open-by-handle" => call(libc::SYS_open_by_handle_at, [here, path, 0]),
        "mkdir" => call(libc::SYS_mkdirat, [here, path, 0o700]),
        "unlink" => call(libc::SYS_unlinkat, [here, path, 0]),
        "list-folder" => call(libc::SYS_getdents64, [0, at_mut(&mut [0_u8; 512]), 512]),
        "memfd" => call(libc::SYS_memfd_create, [path, 0]),
        "pipe" => call(libc::SYS_pipe2, [at_mut(&mut [0_i32; 2]), 0]),
        "eventfd" => call(libc::SYS_eventfd2, [0, 0]),
        "epoll" => call(libc::SYS_epoll_create1, [0]),
        "duplicate" => call(libc::SYS_dup, [0]),
        "fcntl-duplicate" => call(libc::SYS_fcntl, [0, libc::F_DUPFD as usize, 100]),
        "fcntl-owner" => call(libc::SYS_fcntl, [0, libc::F_SETOWN as usize, 1]),
        "terminal-input" => call(libc::SYS_ioctl, [2, libc::TIOCSTI as usize, path]),
        _ => return None,
    })
}

fn new_code(name: &str) -> Option<io::Result<usize>> {
    let all = (libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC) as usize;
    let private = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS) as usize;
    let path = at(b"/bin/sh\0");
    Some(match name {
        "execve" => call(libc::SYS_execve, [path, 0, 0]),
        "execveat" => call(libc::SYS_execveat, [0, path, 0, 0, 0]),
        "map-writable-code" => call(libc::SYS_mmap, [0, 4096, all, private, usize::MAX, 0]),
        "protect-writable-code" => {
            let pages = call(libc::SYS_mmap, [0, 4096, 1, private, usize::MAX, 0]);
            pages.and_then(|pages| call(libc::SYS_mprotect, [pages, 4096, all]))
        }
        "protect-with-key" => call(libc::SYS_pkey_mprotect, [0, 0, all, 0]),
        "map-file" => call(libc::SYS_mmap, [0, 4096, 1, libc::MAP_SHARED as usize, 0, 0]),
        "read-implies-execute" => call(libc::SYS_personality, [0x0040_0000]),
        _ => return None,
    })
}

fn touch_others(name: &str) -> Option<io::Result<usize>> {
    let child = libc::SIGCHLD as usize;
    Some(match name {
        "fork" => call(libc::SYS_clone, [child, 0, 0, 0, 0]),
        #[cfg(target_arch = "x86_64")]
        "plain-fork" => call(libc::SYS_fork, []),
        #[cfg(target_arch = "x86_64")]
        "vfork" => call(libc::SYS_vfork, []),
        "clone-with-memory" => call(libc::SYS_clone, [libc::CLONE_VM as usize | child, 0, 0]),
        "clone-user-namespace" => {
            call(libc::SYS_clone, [libc::CLONE_NEWUSER as usize | child, 0, 0])
        }
        "kill" => call(libc::SYS_kill, [1, 9]),
        "kill-all" => call(libc::SYS_kill, [usize::MAX, 9]),
        "kill-parent" => call(libc::SYS_kill, [0, 9]),
        "tgkill-others" => call(libc::SYS_tgkill, [2, 2, libc::SIGABRT as usize]),
        "tgkill-itself-otherwise" => call(libc::SYS_tgkill, [1, 1, libc::SIGSTOP as usize]),
        "tkill" => call(libc::SYS_tkill, [1, libc::SIGABRT as usize]),
        "queue-signal" => call(libc::SYS_rt_sigqueueinfo, [1, 9, 0]),
        "pidfd" => call(libc::SYS_pidfd_open, [1, 0]),
        "ptrace" => call(libc::SYS_ptrace, [libc::PTRACE_ATTACH as usize, 1, 0, 0]),
        "ptrace-me" => call(libc::SYS_ptrace, [libc::PTRACE_TRACEME as usize, 0, 0, 0]),
        "read-memory" => call(libc::SYS_process_vm_readv, [1, 0, 0, 0, 0, 0]),
        "write-memory" => call(libc::SYS_process_vm_writev, [1, 0, 0, 0, 0, 0]),
        "compare" => call(libc::SYS_kcmp, [1, 1, 0, 0, 0]),
        "priority" => call(libc::SYS_setpriority, [0, 0, 0]),
        "scheduler" => call(libc::SYS_sched_setscheduler, [0, 0, at(&0_i32)]),
        "affinity" => call(libc::SYS_sched_setaffinity, [0, 8, at(&1_u64)]),
        "merge-pages" => call(libc::SYS_madvise, [0, 4096, libc::MADV_MERGEABLE as usize]),
        "message-queue" => call(libc::SYS_mq_open, [at(b"queue\0"), 0, 0, 0]),
        "shared-memory" => call(libc::SYS_shmget, [1, 4096, 0o1600]),
        _ => return None,
    })
}

fn gain_rights(name: &str) -> Option<io::Result<usize>> {
    let limit = libc::rlimit { rlim_cur: 1, rlim_max: 1 };
    let prctl = |what: i32, value: usize| call(libc::SYS_prctl, [what as usize, value, 0, 0, 0]);
    Some(match name {
        "mount" => call(libc::SYS_mount, [0, at(b"/\0"), 0, 0, 0]),
        "unmount" => call(libc::SYS_umount2, [at(b"/\0"), 0]),
        "open-tree" => call(libc::SYS_open_tree, [0, at(b"/\0"), 0]),
        "new-mount" => call(libc::SYS_fsopen, [at(b"tmpfs\0"), 0]),
        "chroot" => call(libc::SYS_chroot, [at(b"/\0")]),
        "pivot-root" => call(libc::SYS_pivot_root, [at(b"/\0"), at(b"/\0")]),
        "unshare" => call(libc::SYS_unshare, [libc::CLONE_NEWUSER as usize]),
        "setns" => call(libc::SYS_setns, [0, 0]),
        "setuid" => call(libc::SYS_setuid, [0]),
        "setgroups" => call(libc::SYS_setgroups, [0, 0]),
        "capset" => call(libc::SYS_capset, [at(&[0x2008_0522_u32, 0]), at(&[u32::MAX; 6])]),
        "set-limit" => call(libc::SYS_prlimit64, [0, 0, at(&limit), 0]),
        "limit-of-others" => call(libc::SYS_prlimit64, [2, 0, 0, at(&limit)]),
        "become-dumpable" => prctl(libc::PR_SET_DUMPABLE, 1),
        "outlive-supervisor" => prctl(libc::PR_SET_PDEATHSIG, 0),
        "keep-capabilities" => prctl(libc::PR_SET_KEEPCAPS, 1),
        "allow-tracer" => prctl(libc::PR_SET_PTRACER, usize::MAX),
        "another-filter" => call(libc::SYS_seccomp, [1, 0, 0]),
        _ => return None,
    })
}

fn odd_kernel_parts(name: &str) -> Option<io::Result<usize>> {
    let room = [0_u64; 32];
    Some(match name {
        "bpf" => call(libc::SYS_bpf, [0, at(&room), size_of_val(&room)]),
        "io-uring" => call(libc::SYS_io_uring_setup, [8, at(&room)]),
        "userfaultfd" => call(libc::SYS_userfaultfd, [1]),
        "keyctl" => call(libc::SYS_keyctl, [0, 0, 0, 0, 0]),
        "add-key" => call(libc::SYS_add_key, [at(b"user\0"), at(b"key\0"), 0, 0, 0]),
        "perf-event" => call(libc::SYS_perf_event_open, [at(&room), 0, 0, 0, 0]),
        "futex-with-inheritance" => {
            call(libc::SYS_futex, [at(&room), libc::FUTEX_LOCK_PI as usize, 0, 0, 0, 0])
        }
        "futex-requeue" => {
            call(libc::SYS_futex, [at(&room), libc::FUTEX_CMP_REQUEUE_PI as usize, 0, 0, 0, 0])
        }
        "timer" => call(libc::SYS_timer_create, [0, 0, at(&room)]),
        "splice" => call(libc::SYS_splice, [0, 0, 0, 0, 0, 0]),
        "vmsplice" => call(libc::SYS_vmsplice, [0, 0, 0, 0]),
        "watch-files" => call(libc::SYS_inotify_init1, [0]),
        "kernel-module" => call(libc::SYS_init_module, [0, 0, 0]),
        "kernel-log" => call(libc::SYS_syslog, [2, 0, 0]),
        "reboot" => call(libc::SYS_reboot, [0, 0, 0, 0]),
        "swap" => call(libc::SYS_swapoff, [at(b"/\0")]),
        "set-clock" => call(libc::SYS_clock_settime, [0, at(&room)]),
        "async-io" => call(libc::SYS_io_setup, [1, at(&room)]),
        #[cfg(target_arch = "x86_64")]
        "segment-table" => call(libc::SYS_modify_ldt, [0, 0, 0]),
        _ => return None,
    })
}

/// Calls that are on the list, by another door of the kernel's.
fn other_doors(name: &str) -> Option<io::Result<usize>> {
    #[cfg(target_arch = "x86_64")]
    match name {
        // `getpid` of the 32-bit pointers interface.
        "x32" => return Some(call(libc::SYS_getpid | 0x4000_0000, [])),
        // `getpid` of 32-bit programs, whose numbers are others.
        "32-bit" => {
            let mut result: usize = 20;
            // SAFETY: asks for the process id; changes no register but the result.
            unsafe { std::arch::asm!("int 0x80", inout("rax") result) };
            return Some(Ok(result));
        }
        _ => {}
    }
    match name {
        "no-such-call" => Some(call(9999, [])),
        _ => None,
    }
}
