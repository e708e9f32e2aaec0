//! What a cordon gives up before it runs tenant code, and which of that holds on this machine.
//!
//! A cordon is started like any program and then locks itself in: an executable that needs shared
//! libraries cannot be started inside an empty root, but a process that has loaded them can leave
//! everything else behind. It does so first thing in `main`, in one thread, with nothing read from
//! anybody, so no code that could be hostile runs before the walls stand. The host side needs no
//! code between `fork` and `exec`, and the same path works for root and for everybody else.
//!
//! Inside, in this order, by [`confine`] and [`Confined::filter`]:
//!
//! 1. the process is as the supervisor starts it: a control link, no environment, one thread, and
//!    no descriptor but its own;
//! 2. the supervisor has put it into its [cgroup](Cgroups);
//! 3. namespaces: user (without root's rights), mount, network, IPC, host name, cgroup, process;
//! 4. an empty, read-only root, with nothing else mounted;
//! 5. a fork into the new process namespace; the parent waits, reports the end, and can do nothing
//!    else;
//! 6. resource limits; an unprivileged user of its own (as root); no new privileges; no
//!    capability; not dumpable; ends with its supervisor;
//! 7. Landlock: no file, no port, no signal out;
//! 8. then the engine starts its threads, and last, the system call filter for all of them.
//!
//! [`probe`] tries all of it in a process to throw away, for `insula doctor`.
//!
//! The host's two processes give up what they do not need here, too: [`confine_launcher`] is for
//! the one that starts cordons, [`confine_host`] for the one that reads bytes from strangers. The latter gives memory
//! up as well, now and then: [`trim_heap`].

mod cgroup;
mod confine;
mod crash;
mod error;
mod filter;
mod heap;
mod host;
mod launcher;
mod limits;
mod measures;
mod mode;
mod namespaces;
mod pace;
mod privileges;
mod probe;
mod relay;
mod root;
mod rules;
mod spawn;
mod start;
mod steps;

pub use cgroup::{
    Cgroups, Controller, Group, GroupError, GroupLimits, Place, Readings, Unavailable,
};
pub use confine::{Confined, confine};
pub use crash::{CRASH_REPORT, CrashReport, report_crashes, run_isolate};
pub use error::{JailError, Namespace};
pub use filter::{Rule, Verdict, host_system_calls, system_calls};
pub use heap::{heap_in_use, trim_heap};
pub use host::{HostUser, confine_host, may_become_host_user};
pub use launcher::{confine_launcher, hide};
pub use measures::{Measure, State};
pub use mode::Mode;
pub use pace::{Pace, set_pace};
pub use probe::{probe, probe_host};
pub use rules::Landlock;
pub use spawn::{command, may_jit};
