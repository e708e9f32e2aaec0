//! What every cordon of this host is started behind.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;

use insula_jail::{Cgroups, Group, GroupLimits, Mode};
use tokio::process::{Child, Command};
use tokio::task::spawn_blocking;

/// How firmly cordons are walled in.
#[derive(Debug, Clone, Copy, Default)]
pub struct WallsConfig {
    /// Start cordons even where the machine does not allow every wall. Only for an operator who
    /// asked for it.
    pub lenient: bool,
    /// Bytes of memory that one cordon may use, as the last resort; `None` for no control group.
    pub cordon_memory: Option<u64>,
}

/// Threads of a cordon beside its isolates': the engine's helpers, the watchdog, the relay.
const OTHER_THREADS: u64 = 128;

/// The share of the processor that each cordon has: all have the same.
const CPU_WEIGHT: u16 = 100;

/// What starts cordons.
pub(crate) struct Walls {
    mode: Mode,
    cgroups: Option<Arc<Cgroups>>,
    limits: GroupLimits,
}

impl Walls {
    /// Finds this host's place among the control groups. To be called before there are cordons.
    pub(crate) fn new(config: WallsConfig, isolates_per_cordon: usize) -> Self {
        let find = |_memory| match Cgroups::find() {
            Ok(cgroups) => Some(Arc::new(cgroups)),
            Err(error) => {
                tracing::warn!(%error, advice = error.advice(), "cordons have no control group");
                None
            }
        };
        Self {
            mode: if config.lenient { Mode::Lenient } else { Mode::Strict },
            cgroups: config.cordon_memory.and_then(find),
            limits: GroupLimits {
                memory: config.cordon_memory.unwrap_or(u64::MAX),
                pids: isolates_per_cordon as u64 + OTHER_THREADS,
                cpu_weight: CPU_WEIGHT,
            },
        }
    }

    /// Starts a cordon in a control group of its own. It waits for the first packet on `control`'s
    /// other end before it goes on, so all that it will ever be is in the group. The process is
    /// killed when `Child` goes; the group should be kept as long.
    pub(crate) async fn spawn(
        &self,
        binary: &Path,
        control: OwnedFd,
        jit: bool,
    ) -> io::Result<(Child, Option<Group>)> {
        let command = insula_jail::command(binary, control, self.mode, jit);
        let child = Command::from(command).kill_on_drop(true).spawn()?;
        let (Some(cgroups), Some(pid)) = (self.cgroups.clone(), child.id()) else {
            return Ok((child, None));
        };
        let limits = self.limits;
        let made = spawn_blocking(move || {
            let group = cgroups.create(&limits)?;
            group.attach(pid).map(|()| group)
        });
        let group = made.await?.map_err(io::Error::other)?;
        Ok((child, Some(group)))
    }
}
