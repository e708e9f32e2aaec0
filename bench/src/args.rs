//! The command line of the benchmark program.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Measure Insula beside its rivals, in one run on this machine.
#[derive(Debug, Parser)]
pub struct Args {
    /// Run only these experiments.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub only: Vec<ExperimentName>,

    /// Which servers take part.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Name::Insula, Name::Workerd, Name::Hyper])]
    pub contenders: Vec<Name>,

    /// Rounds of each load; the median counts.
    #[arg(long, default_value_t = 5)]
    pub rounds: u32,

    /// Seconds of load for each contender in each round.
    #[arg(long, default_value_t = 5)]
    pub seconds: u32,

    /// Connections that wrk keeps open.
    #[arg(long, default_value_t = 32)]
    pub connections: u32,

    /// Threads of wrk.
    #[arg(long, default_value_t = 2)]
    pub threads: u32,

    /// Tenants that take turns in `round-robin`.
    #[arg(long, default_value_t = 100)]
    pub round_robin_tenants: u32,

    /// Never-started tenants that are asked in `cold`.
    #[arg(long, default_value_t = 200)]
    pub cold_tenants: u32,

    /// Tenants that are kept idle in `idle`.
    #[arg(long, default_value_t = 1000)]
    pub idle_tenants: u32,

    /// Greedy tenants in `fairness`, one measurement for each number; 1 is one for each kind of greed.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 10, 100])]
    pub fairness_greedy: Vec<u32>,

    /// Requests per second that the quiet tenant of `fairness` gets.
    #[arg(long, default_value_t = 100)]
    pub fairness_rate: u32,

    /// Connections on which they arrive in turn.
    #[arg(long, default_value_t = 4)]
    pub fairness_connections: u32,

    /// Folder that holds the `insula` and `insula-cordon` binaries.
    #[arg(long, default_value = "target/release")]
    pub bin_dir: PathBuf,

    /// This crate's folder in the repository.
    #[arg(long, default_value = "bench")]
    pub bench_dir: PathBuf,

    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Serve the bare hyper server that marks the ceiling (used by the program itself).
    #[command(hide = true)]
    Ceiling,
    /// Run a program where no walls can be built (used by the program itself).
    #[command(hide = true)]
    Unwalled {
        /// The program and its arguments.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        program: Vec<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExperimentName {
    /// One tenant, hello-world, requests per second and latency.
    Hello,
    /// Many tenants in turn over the same connections.
    RoundRobin,
    /// First response of tenants that were never started.
    Cold,
    /// Memory of tenants that wait.
    Idle,
    /// What the crash of a cordon costs its tenants, and others.
    Crash,
    /// What a quiet tenant notices of greedy ones.
    Fairness,
    /// What the walls cost.
    Walls,
}

/// A server that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Name {
    Insula,
    Workerd,
    /// A bare hyper server without any isolation: the ceiling.
    Hyper,
}

impl Name {
    pub fn title(self) -> &'static str {
        match self {
            Self::Insula => "Insula",
            Self::Workerd => "workerd",
            Self::Hyper => "bare hyper",
        }
    }
}

impl Args {
    pub fn wants(&self, experiment: ExperimentName) -> bool {
        self.only.is_empty() || self.only.contains(&experiment)
    }

    pub fn has(&self, name: Name) -> bool {
        self.contenders.contains(&name)
    }
}
