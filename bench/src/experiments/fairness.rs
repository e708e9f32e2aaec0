//! What a quiet tenant notices of greedy ones that begin in the same cordon.

mod greed;
mod open_loop;

use std::{process::Command, time::Duration};

use greed::{Greed, Greedy};
use open_loop::{Arrivals, Seen};

use crate::{
    args::{Args, Name},
    contenders::{Contender, insula::Insula},
    error::BenchError,
    figures::Figure,
    process::{Server, pause},
    report::{Report, Unit},
    wrk::{self, Tenants},
};

const VICTIM: &str = "victim";

/// Says hello to whoever asks, and is asked as much as can be.
const NEIGHBOUR: Tenants = Tenants { prefix: "neighbour", count: 1 };

const HELLO: &str = "export default { fetch() { return new Response('Hello, world!\\n'); } };\n";

/// Of the others' load, before the victim's requests are counted.
const WARM_UP: Duration = Duration::from_secs(2);

/// For what the others have left unfinished.
const AFTERMATH: Duration = Duration::from_secs(2);

/// Who works beside the victim.
#[derive(Debug, Clone, Copy)]
enum Beside {
    Nobody,
    /// Processes that have nothing to do with the server, one for each processor, under `nice -n 19`: what the kernel
    /// makes of any two that want the same processor.
    Strangers,
    /// As much load as a greedy tenant's, by one that breaks no limit: what is not greed but load.
    Neighbour,
    /// One greedy tenant of this kind.
    One(Greed),
    /// So many, of all kinds in turn.
    Many(u32),
}

/// What the victim's clients saw beside somebody, in each round.
struct Point {
    beside: Beside,
    rounds: Vec<Seen>,
    /// Answers that the others got, in all rounds.
    others: u64,
}

pub fn run(args: &Args, report: &mut Report) -> Result<(), BenchError> {
    if !args.has(Name::Insula) {
        return Ok(());
    }
    let insula = Insula::start(args)?;
    for tenant in [VICTIM, "neighbour1"] {
        insula.deploy_source(tenant, HELLO, &[])?;
    }
    let most = args.fairness_greedy.iter().copied().max().unwrap_or(0);
    let greedy = Greedy::deploy(&insula, most)?;
    let mut points: Vec<Point> = all_points(&args.fairness_greedy)
        .map(|beside| Point { beside, rounds: Vec::new(), others: 0 })
        .collect();
    for round in 1..=args.rounds {
        for point in &mut points {
            point.measure(args, &insula, &greedy)?;
            let seen = &point.rounds[point.rounds.len() - 1];
            let (p99, failed) = (seen.percentile(99.0), seen.failed);
            eprintln!("   round {round}: {:<40} p99 {p99:.2} ms, {failed} failed", point.name());
        }
    }
    add_rows(args, report, &points);
    Ok(())
}

fn all_points(greedy: &[u32]) -> impl Iterator<Item = Beside> + '_ {
    let each = |count: u32| match count {
        0 => Vec::new(),
        1 => Greed::ALL.map(Beside::One).to_vec(),
        more => vec![Beside::Many(more)],
    };
    [Beside::Nobody, Beside::Strangers, Beside::Neighbour]
        .into_iter()
        .chain(greedy.iter().copied().flat_map(each))
}

impl Point {
    fn measure(&mut self, args: &Args, insula: &Insula, greedy: &Greedy) -> Result<(), BenchError> {
        let time = WARM_UP.as_secs() as u32 + args.seconds;
        let mut strangers = Vec::new();
        let others = match self.beside {
            Beside::Nobody => Vec::new(),
            Beside::Strangers => {
                let processors = std::thread::available_parallelism().map_or(1, usize::from);
                let each =
                    (0..processors).map(|_| Server::start("sh", &mut busy(), "/dev/null".into()));
                strangers = each.collect::<Result<_, _>>()?;
                Vec::new()
            }
            Beside::Neighbour => {
                vec![wrk::in_background(args, insula, NEIGHBOUR, args.connections, time)?]
            }
            Beside::One(greed) => vec![greed.load(args, insula, 1, time)?],
            Beside::Many(count) => greedy.load(args, insula, count, time)?,
        };
        pause(WARM_UP);
        let host = format!("{VICTIM}.{}", insula.domain());
        let arrivals = Arrivals {
            per_second: args.fairness_rate,
            seconds: args.seconds,
            connections: args.fairness_connections,
        };
        self.rounds.push(arrivals.ask(insula.address(), &host)?);
        drop(strangers);
        for load in others {
            self.others += load.answers()?;
        }
        pause(AFTERMATH);
        Ok(())
    }

    fn name(&self) -> String {
        match self.beside {
            Beside::Nobody => "nobody".to_owned(),
            Beside::Strangers => "busy processes outside, `nice -n 19`".to_owned(),
            Beside::Neighbour => "a neighbour's hello-world".to_owned(),
            Beside::One(greed) => format!("1 greedy tenant: {}", greed.about()),
            Beside::Many(count) => format!("{count} greedy tenants of all kinds"),
        }
    }

    /// A percentile of each round.
    fn percentiles(&self, percent: f64) -> Vec<f64> {
        self.rounds.iter().map(|seen| seen.percentile(percent)).collect()
    }

    /// What the client itself adds where the processors are busy; the median of the rounds.
    fn woken_late(&self) -> f64 {
        let late = self.rounds.iter().map(|seen| seen.woken_late).collect();
        Figure::new(late).map_or(0.0, |figure| figure.median())
    }

    /// The median of the rounds' percentiles.
    fn median(&self, percent: f64) -> f64 {
        Figure::new(self.percentiles(percent)).map_or(0.0, |figure| figure.median())
    }
}

/// A process that is never done.
fn busy() -> Command {
    let mut busy = Command::new("nice");
    busy.args(["-n", "19", "sh", "-c", "while :; do :; done"]);
    busy
}

fn add_rows(args: &Args, report: &mut Report, points: &[Point]) {
    let [quiet, strangers, ..] = points else { return };
    let Args { fairness_rate: rate, seconds, rounds, .. } = args;
    let mut curve = format!(
        "Fairness: a tenant that gets {rate} requests a second, and who works beside it, to begin with in its cordon. \
         Latency counts from when a request was due. {rounds} rounds of {seconds} s.\n\n\
         | beside | p50 | p99 | p99 ÷ nobody's | p99 ÷ outside's | slowest of all | failed | client woken late, p99 | the others' answers |\n\
         |---|---|---|---|---|---|---|---|---|"
    );
    for point in points {
        let name = point.name();
        for (what, percent) in [("p50", 50.0), ("p99", 99.0), ("slowest", 100.0)] {
            report.row(
                format!("a tenant beside {name}, {what}"),
                Unit::Milliseconds,
                [(Name::Insula, point.percentiles(percent))],
            );
        }
        let slowest = point.percentiles(100.0).into_iter().fold(0.0, f64::max);
        let failed: usize = point.rounds.iter().map(|seen| seen.failed).sum();
        let asked: usize = point.rounds.iter().map(|seen| seen.failed + seen.latencies.len()).sum();
        curve.push_str(&format!(
            "\n| {name} | {:.2} ms | {:.2} ms | {:.2}× | {:.2}× | {slowest:.2} ms | {failed} of {asked} | {:.2} ms | {} |",
            point.median(50.0),
            point.median(99.0),
            point.median(99.0) / quiet.median(99.0),
            point.median(99.0) / strangers.median(99.0),
            point.woken_late(),
            point.others,
        ));
    }
    report.note(curve);
}
