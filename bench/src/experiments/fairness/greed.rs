//! Tenants that take what they can.

use std::net::TcpListener;

use crate::{
    args::Args,
    contenders::insula::Insula,
    error::BenchError,
    wrk::{self, Background, Tenants},
};

/// What a tenant is greedy for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Greed {
    Processor,
    Memory,
    Log,
    Places,
    Subrequests,
}

/// The greedy tenants of a server: of each kind as many as there may be.
#[derive(Debug, Clone, Copy)]
pub struct Greedy {
    most: u32,
}

impl Greedy {
    /// Deploys `most` tenants, of all kinds in turn; at least one of each.
    pub fn deploy(insula: &Insula, most: u32) -> Result<Self, BenchError> {
        let greedy = Self { most: most.max(Greed::ALL.len() as u32) };
        let closed = closed_port()?;
        for (greed, count) in greedy.shares(greedy.most) {
            for number in 1..=count {
                let tenant = format!("{}{number}", greed.prefix());
                insula.deploy_source(&tenant, &greed.source(closed), greed.limits())?;
                if greed == Greed::Subrequests {
                    let allow = format!("--egress-allow=127.0.0.1:{closed}");
                    insula.set_policy(&tenant, &[&allow])?;
                }
            }
        }
        Ok(greedy)
    }

    /// Loads `count` tenants, of all kinds in turn.
    pub fn load(
        &self,
        args: &Args,
        insula: &Insula,
        count: u32,
        seconds: u32,
    ) -> Result<Vec<Background>, BenchError> {
        let shares = self.shares(count.min(self.most)).filter(|(_, count)| *count > 0);
        shares.map(|(greed, count)| greed.load(args, insula, count, seconds)).collect()
    }

    /// How many of `count` tenants are of each kind.
    fn shares(&self, count: u32) -> impl Iterator<Item = (Greed, u32)> {
        let kinds = Greed::ALL.len() as u32;
        let each = move |(at, greed)| (greed, (count + kinds - 1 - at as u32) / kinds);
        Greed::ALL.into_iter().enumerate().map(each)
    }
}

impl Greed {
    pub const ALL: [Self; 5] =
        [Self::Processor, Self::Memory, Self::Log, Self::Places, Self::Subrequests];

    /// What it does, for the report.
    pub fn about(self) -> &'static str {
        match self {
            Self::Processor => "endless loops",
            Self::Memory => "memory up to the limit",
            Self::Log => "floods of log lines",
            Self::Places => "many slow requests",
            Self::Subrequests => "subrequests to a closed port",
        }
    }

    /// What its tenants' names begin with.
    fn prefix(self) -> &'static str {
        match self {
            Self::Processor => "loop",
            Self::Memory => "memory",
            Self::Log => "log",
            Self::Places => "slow",
            Self::Subrequests => "fetch",
        }
    }

    fn source(self, closed: u16) -> String {
        let body = match self {
            Self::Processor => "for (;;) {}".to_owned(),
            Self::Memory => "const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1));".to_owned(),
            Self::Log => "for (let i = 0; i < 1000; i++) console.log('x'.repeat(1000)); return new Response('logged');".to_owned(),
            Self::Places => "await new Promise((done) => setTimeout(done, 500)); return new Response('late');".to_owned(),
            Self::Subrequests => format!(
                "const ask = () => fetch('http://127.0.0.1:{closed}/').catch(() => 0);
                await Promise.all(Array.from({{ length: 50 }}, ask)); return new Response('asked');"
            ),
        };
        format!("export default {{ async fetch(request) {{ {body} }} }};\n")
    }

    /// What its deploy asks for.
    fn limits(self) -> &'static [&'static str] {
        match self {
            // Time enough to get there.
            Self::Memory => &["--cpu-ms", "5000"],
            _ => &[],
        }
    }

    /// Few, for the load's own work takes from the processors of the server.
    fn connections(self) -> u32 {
        match self {
            Self::Places => 8,
            _ => 2,
        }
    }

    /// Loads so many tenants of this kind.
    pub fn load(
        self,
        args: &Args,
        insula: &Insula,
        count: u32,
        seconds: u32,
    ) -> Result<Background, BenchError> {
        let tenants = Tenants { prefix: self.prefix(), count };
        wrk::in_background(args, insula, tenants, self.connections() * count, seconds)
    }
}

/// A port where nobody listens: one that was free a moment ago.
fn closed_port() -> Result<u16, BenchError> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let address = listener.map_err(|source| BenchError::io("find a free port", source))?;
    Ok(address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_take_turns() {
        let greedy = Greedy { most: 100 };
        let counts = |count| greedy.shares(count).map(|(_, count)| count).collect::<Vec<_>>();
        assert_eq!(counts(100), [20; 5]);
        assert_eq!(counts(7), [2, 2, 1, 1, 1]);
        assert_eq!(counts(0), [0; 5]);
    }
}
