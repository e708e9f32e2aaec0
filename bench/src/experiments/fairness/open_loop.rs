//! Requests that are due at fixed times, whatever became of those before.

use std::{
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{error::BenchError, figures::Figure, http::Connection, process::pause};

/// When requests are due.
#[derive(Debug, Clone, Copy)]
pub struct Arrivals {
    pub per_second: u32,
    pub seconds: u32,
    /// They take turns, so that one slow answer delays few of the next requests.
    pub connections: u32,
}

/// What the clients saw.
#[derive(Debug, Default)]
pub struct Seen {
    /// Milliseconds from when each answered request was due.
    pub latencies: Vec<f64>,
    /// Requests without a success.
    pub failed: usize,
    /// How late the clients were woken for a request, the 99th percentile in milliseconds.
    pub woken_late: f64,
}

/// What one connection saw.
#[derive(Debug, Default)]
struct Lane {
    latencies: Vec<f64>,
    woken: Vec<f64>,
    failed: usize,
}

impl Arrivals {
    /// Sends `GET /` to `host` whenever a request is due.
    pub fn ask(self, address: &str, host: &str) -> Result<Seen, BenchError> {
        let began = Instant::now() + Duration::from_millis(10);
        let lanes = thread::scope(|scope| {
            let lane = |number| scope.spawn(move || self.lane(number, began, address, host));
            let lanes: Vec<_> = (0..self.connections).map(lane).collect();
            let join = |lane: thread::ScopedJoinHandle<'_, _>| {
                let broken = || BenchError::Answers {
                    name: "insula",
                    why: "a client of the victim broke down".to_owned(),
                };
                lane.join().unwrap_or_else(|_| Err(broken()))
            };
            lanes.into_iter().map(join).collect::<Result<Vec<Lane>, _>>()
        })?;
        let mut seen = Seen::default();
        let mut woken = Vec::new();
        for lane in lanes {
            seen.latencies.extend(lane.latencies);
            seen.failed += lane.failed;
            woken.extend(lane.woken);
        }
        seen.woken_late = Figure::new(woken).map_or(0.0, |figure| figure.percentile(99.0));
        Ok(seen)
    }

    /// Every so-manyth request, one after the other: who waits for an answer sends the next one late,
    /// and that counts.
    fn lane(
        self,
        number: u32,
        began: Instant,
        address: &str,
        host: &str,
    ) -> Result<Lane, BenchError> {
        come_first();
        let mut seen = Lane::default();
        let mut connection = Connection::open(address)?;
        for request in (number..self.per_second * self.seconds).step_by(self.connections as usize) {
            let due = began + Duration::from_secs(request.into()) / self.per_second;
            let early = due.saturating_duration_since(Instant::now());
            if !early.is_zero() {
                pause(early);
                seen.woken.push(due.elapsed().as_secs_f64() * 1e3);
            }
            match connection.get(host) {
                Ok((_, 200)) => seen.latencies.push(due.elapsed().as_secs_f64() * 1e3),
                Ok(_) => seen.failed += 1,
                Err(_) => {
                    seen.failed += 1;
                    connection = Connection::open(address)?;
                }
            }
        }
        Ok(seen)
    }
}

/// A client has a machine of its own: this thread shall not wait for the server that it measures. Who has no right
/// to that sees it in how late the client is woken.
fn come_first() {
    let thread = rustix::thread::gettid().as_raw_nonzero().to_string();
    let real_time = ["--fifo", "--pid", "1", &thread];
    let _ = Command::new("chrt").args(real_time).stderr(Stdio::null()).status();
}

impl Seen {
    /// In milliseconds; failures apart.
    pub fn percentile(&self, percent: f64) -> f64 {
        Figure::new(self.latencies.clone()).map_or(0.0, |figure| figure.percentile(percent))
    }
}
