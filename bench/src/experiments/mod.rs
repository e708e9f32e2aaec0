//! What is measured.

mod cold;
mod crash;
mod fairness;
mod idle;
mod load;
mod walls;

use crate::{
    args::{Args, ExperimentName},
    error::BenchError,
    report::Report,
};

/// One experiment: starts its own servers and adds rows to the report.
pub struct Experiment {
    pub name: ExperimentName,
    pub about: &'static str,
    pub run: fn(&Args, &mut Report) -> Result<(), BenchError>,
}

impl std::fmt::Display for ExperimentName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Hello => "hello",
            Self::RoundRobin => "round-robin",
            Self::Cold => "cold",
            Self::Idle => "idle",
            Self::Crash => "crash",
            Self::Fairness => "fairness",
            Self::Walls => "walls",
        })
    }
}

pub const ALL: &[Experiment] = &[
    Experiment { name: ExperimentName::Hello, about: "one tenant under load", run: load::hello },
    Experiment {
        name: ExperimentName::RoundRobin,
        about: "many tenants in turn under load",
        run: load::round_robin,
    },
    Experiment {
        name: ExperimentName::Cold,
        about: "first response of tenants that were never started",
        run: cold::run,
    },
    Experiment { name: ExperimentName::Idle, about: "memory of tenants that wait", run: idle::run },
    Experiment {
        name: ExperimentName::Crash,
        about: "what the crash of a cordon costs",
        run: crash::run,
    },
    Experiment {
        name: ExperimentName::Fairness,
        about: "what a quiet tenant notices of greedy ones",
        run: fairness::run,
    },
    Experiment { name: ExperimentName::Walls, about: "what the walls cost", run: walls::run },
];
