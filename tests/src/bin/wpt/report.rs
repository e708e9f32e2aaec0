//! What a run shows.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::expectations::{Judged, Verdict};
use crate::results::{End, FileResult, Subtest};
use crate::suite::{TestFile, area};

/// Surprises that are shown at most.
const SHOWN: usize = 200;

/// Characters of a message that are shown.
const MESSAGE: usize = 400;

#[derive(Default)]
struct Row {
    files: usize,
    subtests: usize,
    passed: usize,
    known: usize,
    not_applicable: usize,
    unexpected: usize,
    skipped: usize,
}

/// The score, by area.
pub fn table(judged: &[Judged], skipped: &[TestFile]) {
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    let mut total = Row::default();
    for file in judged {
        total.add(file);
        rows.entry(area(&file.result.file.path)).or_default().add(file);
    }
    for file in skipped {
        total.skipped += 1;
        rows.entry(area(&file.path)).or_default().skipped += 1;
    }
    println!(
        "\n{:<22}{:>7}{:>10}{:>10}{:>9}{:>8}{:>8}{:>9}{:>12}",
        "area", "files", "subtests", "passed", "score", "known", "n/a", "skipped", "unexpected"
    );
    for (area, row) in &rows {
        row.print(area);
    }
    if rows.len() > 1 {
        total.print("all");
    }
    println!();
}

impl Row {
    fn add(&mut self, file: &Judged) {
        self.files += 1;
        self.subtests += file.subtests.len();
        // A file that does not come to its end may hide any number of subtests; it counts as one.
        if file.result.end != End::Ok {
            self.subtests += 1;
        }
        let end = (file.result.end != End::Ok).then_some(&file.end);
        for verdict in file.subtests.iter().chain(end) {
            match verdict {
                Verdict::Passed => self.passed += 1,
                Verdict::KnownFailure => self.known += 1,
                Verdict::NotApplicable => self.not_applicable += 1,
                Verdict::Unexpected => self.unexpected += 1,
            }
        }
    }

    fn print(&self, name: &str) {
        let counted = (self.subtests - self.not_applicable).max(1);
        // Rounded down: 100 means all.
        let score = self.passed * 10000 / counted;
        println!(
            "{name:<22}{:>7}{:>10}{:>10}{:>9}{:>8}{:>8}{:>9}{:>12}",
            self.files,
            self.subtests,
            self.passed,
            format!("{}.{:02} %", score / 100, score % 100),
            self.known,
            self.not_applicable,
            self.skipped,
            self.unexpected
        );
    }
}

/// All results, for programs.
pub fn write(path: &Path, results: &[FileResult]) -> Result<(), String> {
    let files = results.iter().map(|result| {
        let subtests = result.subtests.iter().map(|Subtest { name, status, message }| {
            serde_json::json!({ "name": name, "status": status, "message": message })
        });
        serde_json::json!({
            "file": result.file.name(),
            "end": result.end.to_string(),
            "subtests": subtests.collect::<Vec<_>>(),
        })
    });
    let text = serde_json::Value::from_iter(files).to_string();
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Everything that did not pass.
pub fn failures(judged: &[Judged]) {
    for file in judged {
        if file.result.end != End::Ok {
            println!("{} {}: {}", mark(file.end), file.result.file.name(), file.result.end);
        }
        for (subtest, verdict) in file.result.subtests.iter().zip(&file.subtests) {
            if !subtest.passed() {
                let message: String = subtest.message.chars().take(MESSAGE).collect();
                let (name, status) = (&subtest.name, &subtest.status);
                println!(
                    "{} {} | {name}: {status} {message}",
                    mark(*verdict),
                    file.result.file.name()
                );
            }
        }
    }
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::KnownFailure => "known",
        Verdict::NotApplicable => "n/a",
        Verdict::Unexpected => "UNEXPECTED",
    }
}

/// What was not as expected.
pub fn surprises(judged: &[Judged], stale: &[String]) {
    let mut lines = Vec::new();
    for file in judged {
        let name = file.result.file.name();
        if file.end == Verdict::Unexpected {
            lines.push(format!("{name}: {}", file.result.end));
        }
        for (subtest, verdict) in file.result.subtests.iter().zip(&file.subtests) {
            if *verdict == Verdict::Unexpected {
                let message: String = subtest.message.chars().take(MESSAGE).collect();
                lines.push(format!("{name} | {}: {} {message}", subtest.name, subtest.status));
            }
        }
    }
    show("Failed, and not expected to:", &lines);
    show("Expectations that do not hold (wpt.toml):", stale);
    if lines.is_empty() && stale.is_empty() {
        println!("Everything is as expected.");
    }
}

fn show(title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    println!("{title}");
    for line in lines.iter().take(SHOWN) {
        println!("  {line}");
    }
    if lines.len() > SHOWN {
        println!("  … and {} more", lines.len() - SHOWN);
    }
}
