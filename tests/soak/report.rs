use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use crate::footing::Footing;
use crate::ledger::Ledger;
use crate::scene::Scene;

/// Between two lines of progress.
const PAUSE: Duration = Duration::from_secs(10);

/// A line from time to time, for as long as load goes on.
pub async fn progress(scene: &Scene) {
    while scene.is_on() {
        let now = Footing::now(scene).await;
        let (right, failed) = scene.ledger.requests();
        println!(
            "{:>5} s  {right:>8} requests  {failed} failed  host {:>4} MB, {} descriptors, {} threads  \
             {} cordons {:>5} MB, {} threads",
            scene.elapsed().as_secs(),
            megabytes(now.host_bytes),
            shown(now.descriptors),
            now.threads,
            now.cordons,
            megabytes(now.cordon_bytes),
            now.cordon_threads,
        );
        scene.pause(PAUSE).await;
    }
}

/// Prints the table, and writes it where `INSULA_SOAK_REPORT` says.
pub fn publish(scene: &Scene, load: Duration, isolates: u64, footings: [&Footing; 2]) {
    let text = markdown(&scene.ledger, load, isolates, footings);
    println!("\n{text}");
    if let Ok(path) = std::env::var("INSULA_SOAK_REPORT") {
        fs::write(path, text).expect("write the report");
    }
}

fn markdown(ledger: &Ledger, load: Duration, isolates: u64, [mark, end]: [&Footing; 2]) -> String {
    let (right, failed) = ledger.requests();
    let mut out = String::from("| what | how much |\n|---|---|\n");
    let mut row = |what: &str, how_much: String| {
        let _ = writeln!(out, "| {what} | {how_much} |");
    };
    row("time under load", format!("{} s", load.as_secs()));
    row("requests to innocent tenants", format!("{}, {failed} failed", right + failed));
    row("of which", listed(ledger.by_kind()));
    row("starts of their isolates", isolates.to_string());
    for (what, count) in ledger.events() {
        row(what, count.to_string());
    }
    for (kind, outcomes) in ledger.by_outcome() {
        row(&format!("hostile: {kind}"), listed(outcomes));
    }
    let _ = writeln!(out, "\n| at rest | after a third | at the end |\n|---|---|---|");
    let mut row = |what: &str, of: &dyn Fn(&Footing) -> String| {
        let _ = writeln!(out, "| {what} | {} | {} |", of(mark), of(end));
    };
    row("resident memory of the host", &|it| format!("{} MB", megabytes(it.host_bytes)));
    row("resident memory of all cordons", &|it| format!("{} MB", megabytes(it.cordon_bytes)));
    row("open descriptors of the host", &|it| shown(it.descriptors));
    row("threads of the host", &|it| it.threads.to_string());
    row("cordons, and their threads", &|it| format!("{}, {}", it.cordons, it.cordon_threads));
    row("their control groups", &|it| it.groups.to_string());
    row("zombies", &|it| it.zombies.to_string());
    out
}

fn listed<K: std::fmt::Display>(counts: impl IntoIterator<Item = (K, u64)>) -> String {
    let each = counts.into_iter().map(|(what, count)| format!("{what} {count}"));
    each.collect::<Vec<_>>().join(", ")
}

fn shown(count: Option<usize>) -> String {
    count.map_or("–".to_owned(), |count| count.to_string())
}

fn megabytes(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}
