//! Load by `wrk`.

use std::process::{Child, Command, Output, Stdio};

use serde::Deserialize;

use crate::{args::Args, contenders::Contender, error::BenchError};

/// What one run of wrk saw.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub requests: u64,
    pub requests_per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

/// Loads `contender` for `seconds`, with `tenants` taking turns. Fails when an answer was wrong:
/// a server that refuses quickly must not look fast.
pub fn run(
    args: &Args,
    contender: &dyn Contender,
    tenants: u32,
    seconds: u32,
) -> Result<Load, BenchError> {
    let Args { threads, connections, .. } = *args;
    let tenants = Tenants { prefix: "t", count: tenants };
    let mut wrk = Command::new("wrk");
    wrk.args([format!("-t{threads}"), format!("-c{connections}"), format!("-d{seconds}s")]);
    aim(&mut wrk, args, contender, tenants);
    let output = wrk.output().map_err(|source| BenchError::io("start wrk", source))?;
    Raw::read(&output)?.judge(contender.name().title())
}

/// Whom a load is for: tenants of this name with the numbers from 1 on.
#[derive(Debug, Clone, Copy)]
pub struct Tenants {
    pub prefix: &'static str,
    pub count: u32,
}

/// A load that goes on meanwhile.
#[derive(Debug)]
pub struct Background(Child);

/// Starts a load on `tenants` that takes the processor only when nobody else wants it, and whose
/// answers may be failures.
pub fn in_background(
    args: &Args,
    contender: &dyn Contender,
    tenants: Tenants,
    connections: u32,
    seconds: u32,
) -> Result<Background, BenchError> {
    let mut wrk = Command::new("nice");
    wrk.args(["-n", "19", "wrk", "-t1"]);
    wrk.args([format!("-c{connections}"), format!("-d{seconds}s")]);
    aim(&mut wrk, args, contender, tenants);
    wrk.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = wrk.spawn().map_err(|source| BenchError::io("start wrk", source))?;
    Ok(Background(started))
}

impl Background {
    /// Waits for its end; how many answers there were, of whatever kind.
    pub fn answers(self) -> Result<u64, BenchError> {
        let output = self.0.wait_with_output();
        let output = output.map_err(|source| BenchError::io("wait for wrk", source))?;
        Ok(Raw::read(&output)?.requests)
    }
}

/// Says what to ask for.
fn aim(wrk: &mut Command, args: &Args, contender: &dyn Contender, tenants: Tenants) {
    wrk.arg("-s")
        .arg(args.bench_dir.join("wrk/load.lua"))
        .arg(format!("http://{}/", contender.address()))
        .env("INSULA_BENCH_PREFIX", tenants.prefix)
        .env("INSULA_BENCH_TENANTS", tenants.count.to_string())
        .env("INSULA_BENCH_DOMAIN", contender.domain());
}

/// The line that bench/wrk/load.lua prints.
#[derive(Debug, Deserialize)]
struct Raw {
    requests: u64,
    duration_us: u64,
    p50_us: u64,
    p99_us: u64,
    bad_status: u64,
    broken: u64,
}

impl Raw {
    fn read(output: &Output) -> Result<Self, BenchError> {
        let text = String::from_utf8_lossy(&output.stdout);
        let last = text.lines().last().unwrap_or_default();
        serde_json::from_str(last).map_err(|_| BenchError::Output {
            what: "wrk".to_owned(),
            text: format!("{text}{}", String::from_utf8_lossy(&output.stderr)),
        })
    }

    fn judge(self, name: &'static str) -> Result<Load, BenchError> {
        let wrong = |why: String| Err(BenchError::Answers { name, why });
        if self.requests == 0 || self.duration_us == 0 {
            return wrong("no answer at all".to_owned());
        }
        if self.bad_status + self.broken > 0 {
            let Self { requests, bad_status, broken, .. } = self;
            return wrong(format!(
                "of {requests} answers {bad_status} had a bad status, and {broken} broke off"
            ));
        }
        Ok(Load {
            requests: self.requests,
            requests_per_second: self.requests as f64 / (self.duration_us as f64 / 1e6),
            p50_ms: self.p50_us as f64 / 1e3,
            p99_ms: self.p99_us as f64 / 1e3,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(requests: u64, bad_status: u64) -> Raw {
        Raw { requests, duration_us: 2_000_000, p50_us: 500, p99_us: 2_500, bad_status, broken: 0 }
    }

    #[test]
    fn figures_are_per_second_and_in_milliseconds() {
        let load = raw(1000, 0).judge("x").unwrap();
        assert_eq!((load.requests_per_second, load.p50_ms, load.p99_ms), (500.0, 0.5, 2.5));
    }

    #[test]
    fn wrong_answers_are_no_figures() {
        assert!(raw(1000, 1).judge("x").is_err());
        assert!(raw(0, 0).judge("x").is_err());
    }
}
