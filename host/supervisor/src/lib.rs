//! Cordons and isolates, seen from outside the wall.
//!
//! The supervisor starts cordon processes, places isolates in them, keeps a link to each isolate
//! and turns what happens on the link into answers and events. It knows nothing of HTTP listeners
//! (that is the gateway) or of stores (that is control).

mod appetite;
mod backoff;
mod berth;
mod blank;
mod body;
mod boot;
mod capacity;
mod code;
mod control_link;
mod cordon;
mod cordon_log;
mod cordon_usage;
mod crowd;
mod deployment;
mod drain;
mod egress_target;
mod error;
mod fields;
mod fleet;
mod fleets;
mod host;
mod housekeeping;
mod launcher_link;
mod link;
mod metered;
mod placement;
mod placements;
mod quarantine;
mod rate;
mod resident;
mod response_body;
mod services;
mod shares;
mod socket;
mod stats;
mod subrequest;
mod supervisor;
mod sync;
mod walls;

pub use capacity::{Capacity, MOST_ISOLATES_PER_CORDON};
pub use code::{Bundle, Code, CodeError, CodeStore, Module};
pub use cordon_usage::CordonUsage;
pub use deployment::{
    Deployment, EgressPolicy, Generation, Limits, LimitsOverride, MOST_ISOLATES, Policy,
    PolicyOverride, ReuseMode, TrustLevel, TrustLevelError, Wall,
};
pub use egress_target::{EgressTarget, EgressTargetError};
pub use error::{Blame, ErrorDetail, RequestError, StartError};
pub use insula_jail::Readings;
pub use insula_wire::{LogLevel, ModuleKind, RedirectMode};
pub use response_body::ResponseBody;
pub use services::{
    BodyError, BoxBody, Connected, Drive, Exception, Limit, LogLine, Offence, Outcome, Services,
    Subrequest, SubrequestError, TenantEvent,
};
pub use socket::{Said, Socket};
pub use stats::{QUEUE_BOUNDS_US, TenantUsage};
pub use supervisor::{
    BootReport, Counts, IsolateRequest, RequestBody, Supervisor, SupervisorConfig,
};
pub use walls::cordon_pids;
