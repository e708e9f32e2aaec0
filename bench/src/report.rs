//! The table at the end.

use std::{collections::BTreeMap, fmt::Write};

use crate::{args::Name, figures::Figure};

/// How a quantity is written.
#[derive(Debug, Clone, Copy)]
pub enum Unit {
    PerSecond,
    Milliseconds,
    Megabytes,
}

/// Rows of figures with the run's circumstances.
#[derive(Debug)]
pub struct Report {
    circumstances: Vec<String>,
    rows: Vec<Row>,
    notes: Vec<String>,
}

#[derive(Debug)]
struct Row {
    what: String,
    unit: Unit,
    figures: BTreeMap<Name, Figure>,
}

impl Report {
    pub fn new(circumstances: Vec<String>) -> Self {
        Self { circumstances, rows: Vec::new(), notes: Vec::new() }
    }

    /// Adds a row; contenders that were not measured get an empty cell.
    pub fn row(
        &mut self,
        what: impl Into<String>,
        unit: Unit,
        measured: impl IntoIterator<Item = (Name, Vec<f64>)>,
    ) {
        let figures = measured.into_iter();
        let figures = figures.filter_map(|(name, all)| Some((name, Figure::new(all)?))).collect();
        self.rows.push(Row { what: what.into(), unit, figures });
    }

    /// A sentence under the table.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    pub fn markdown(&self) -> String {
        let names = [Name::Insula, Name::Workerd, Name::Hyper];
        let mut out = String::new();
        for line in &self.circumstances {
            let _ = writeln!(out, "- {line}");
        }
        let titles = names.map(Name::title).join(" | ");
        let _ = writeln!(out, "\n| what | {titles} | Insula ÷ workerd |\n|---|---|---|---|---|");
        for row in &self.rows {
            let cells = names.map(|name| row.cell(name)).join(" | ");
            let _ = writeln!(out, "| {} | {cells} | {} |", row.what, row.ratio());
        }
        out.push_str("\nMedians of the rounds; in brackets the lowest and the highest.\n");
        for note in &self.notes {
            let _ = writeln!(out, "\n{note}");
        }
        out
    }
}

impl Row {
    fn cell(&self, name: Name) -> String {
        let Some(figure) = self.figures.get(&name) else { return "–".to_owned() };
        let median = self.unit.write(figure.median());
        if figure.is_single() {
            return format!("{median}{}", self.unit.suffix());
        }
        let (min, max) = (self.unit.write(figure.min()), self.unit.write(figure.max()));
        format!("{median}{} [{min}–{max}]", self.unit.suffix())
    }

    fn ratio(&self) -> String {
        match (self.figures.get(&Name::Insula), self.figures.get(&Name::Workerd)) {
            (Some(ours), Some(theirs)) if theirs.median() > 0.0 => {
                format!("{:.2}×", ours.median() / theirs.median())
            }
            _ => "–".to_owned(),
        }
    }
}

impl Unit {
    fn suffix(self) -> &'static str {
        match self {
            Self::PerSecond => "",
            Self::Milliseconds => " ms",
            Self::Megabytes => " MB",
        }
    }

    fn write(self, value: f64) -> String {
        match self {
            Self::PerSecond => with_thousands(value.round() as u64),
            Self::Milliseconds | Self::Megabytes => format!("{value:.2}"),
        }
    }
}

fn with_thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_has_medians_ranges_and_ratios() {
        let mut report = Report::new(vec!["a machine".to_owned()]);
        let measured =
            [(Name::Insula, vec![60_000.0, 50_000.0, 70_000.4]), (Name::Workerd, vec![20_000.0])];
        report.row("hello, requests/s", Unit::PerSecond, measured);
        report.row("memory", Unit::Megabytes, [(Name::Insula, vec![])]);
        let text = report.markdown();
        assert!(
            text.contains("| hello, requests/s | 60,000 [50,000–70,000] | 20,000 | – | 3.00× |"),
            "{text}"
        );
        assert!(text.contains("| memory | – | – | – | – |"), "{text}");
    }
}
