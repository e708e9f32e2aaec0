//! What is known not to pass, each with its reason.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::glob::matches;
use crate::results::{End, FileResult, Subtest};

/// Begins the file whenever it is written.
const HEAD: &str = "\
# What of the Web Platform Tests does not pass here, and why. scripts/wpt.sh compares every run with
# this file and fails when anything differs: what fails must be here, and what passes must not.
#
# Each group has a reason and lists of entries, a file or a file and a subtest: \"file.any.js?variant\",
# \"file.any.js | subtest\"; * stands for anything. An entry without a subtest stands for whatever of the
# file does not pass.
#
#   fail            fails, and counts as failed
#   not_applicable  fails since what it needs does not exist outside of a browser; does not count
#   flaky           may fail or pass
#   skip            is not run
#
# `make wpt WPT_ARGS=--update` takes out what passes and adds what fails to a group without a reason,
# which must be given before the file is accepted.
";

/// The text between a file and a subtest.
const SEPARATOR: &str = " | ";

/// The file, read.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectations {
    #[serde(default, rename = "group")]
    groups: Vec<Group>,
}

/// Entries with one reason.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    reason: String,
    #[serde(default)]
    fail: BTreeSet<String>,
    #[serde(default)]
    not_applicable: BTreeSet<String>,
    #[serde(default)]
    flaky: BTreeSet<String>,
    #[serde(default)]
    skip: BTreeSet<String>,
}

/// How a subtest, or a file's end, relates to what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It passed, and should.
    Passed,
    /// It failed, and is known to.
    KnownFailure,
    /// It failed, is known to, and does not count.
    NotApplicable,
    /// It failed and should not.
    Unexpected,
}

/// A file's result with what is to be thought of it.
pub struct Judged {
    /// What happened.
    pub result: FileResult,
    /// Of its end.
    pub end: Verdict,
    /// Of each subtest.
    pub subtests: Vec<Verdict>,
}

impl Judged {
    /// Whether nothing of it failed that should not.
    pub fn is_as_expected(&self) -> bool {
        self.end != Verdict::Unexpected && !self.subtests.contains(&Verdict::Unexpected)
    }

    /// Everything that did not pass: `None` for the file as a whole.
    fn failures(&self) -> impl Iterator<Item = Option<&Subtest>> {
        let end = (self.result.end != End::Ok).then_some(None);
        let subtests = self.result.subtests.iter().filter(|subtest| !subtest.passed());
        end.into_iter().chain(subtests.map(Some))
    }
}

impl Expectations {
    /// Reads the file; there need not be one.
    pub fn read(path: &Path) -> Result<Self, String> {
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(failed(&error)),
        };
        toml::from_str(&text).map_err(|error| failed(&error))
    }

    /// Whether a file is not to be run.
    pub fn skips(&self, name: &str) -> bool {
        self.groups.iter().any(|group| group.skip.iter().any(|entry| matches(entry, name)))
    }

    /// Judges results.
    pub fn judge(&self, results: Vec<FileResult>) -> Vec<Judged> {
        results.into_iter().map(|result| self.judge_file(result)).collect()
    }

    fn judge_file(&self, result: FileResult) -> Judged {
        let name = result.file.name();
        let end = match result.end {
            End::Ok => Verdict::Passed,
            _ => self.verdict(&name, None),
        };
        let subtests = result.subtests.iter().map(|subtest| match subtest.passed() {
            true => Verdict::Passed,
            false => self.verdict(&name, Some(&subtest.name)),
        });
        Judged { end, subtests: subtests.collect(), result }
    }

    /// What to think of a failure.
    fn verdict(&self, name: &str, subtest: Option<&str>) -> Verdict {
        let covered =
            |entries: &BTreeSet<String>| entries.iter().any(|entry| covers(entry, name, subtest));
        if self.groups.iter().any(|group| covered(&group.not_applicable)) {
            Verdict::NotApplicable
        } else if self.groups.iter().any(|group| covered(&group.fail) || covered(&group.flaky)) {
            Verdict::KnownFailure
        } else {
            Verdict::Unexpected
        }
    }

    /// What is wrong with the expectations: entries of what ran that say too much, and reasons that are missing.
    pub fn stale(&self, judged: &[Judged]) -> Vec<String> {
        let mut complaints = Vec::new();
        for group in &self.groups {
            if group.reason.trim().is_empty() {
                complaints.push("a group has no reason".to_owned());
            }
            for entry in group.fail.iter().chain(&group.not_applicable) {
                if let Some(complaint) = complaint(entry, judged) {
                    complaints.push(format!("{entry}: {complaint}"));
                }
            }
        }
        complaints
    }

    /// Makes the expectations what `judged` shows.
    pub fn update(&mut self, judged: &[Judged]) {
        for group in &mut self.groups {
            for list in [&mut group.fail, &mut group.not_applicable] {
                list.retain(|entry| complaint(entry, judged).is_none());
            }
        }
        let mut new = BTreeSet::new();
        for file in judged {
            for failure in file.failures() {
                let name = file.result.file.name();
                let subtest = failure.map(|subtest| subtest.name.as_str());
                if self.verdict(&name, subtest) == Verdict::Unexpected {
                    new.insert(match subtest {
                        Some(subtest) => format!("{name}{SEPARATOR}{subtest}"),
                        None => name,
                    });
                }
            }
        }
        if !new.is_empty() {
            match self.groups.iter_mut().find(|group| group.reason.is_empty()) {
                Some(group) => group.fail.extend(new),
                None => self.groups.push(Group { fail: new, ..Group::default() }),
            }
        }
        self.groups.retain(|group| !group.is_empty());
    }

    /// Writes the file.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        let mut text = HEAD.to_owned();
        for group in &self.groups {
            let _ = write!(text, "\n[[group]]\nreason = {}\n", quoted(&group.reason));
            let lists = [
                ("fail", &group.fail),
                ("not_applicable", &group.not_applicable),
                ("flaky", &group.flaky),
                ("skip", &group.skip),
            ];
            for (key, entries) in lists.into_iter().filter(|(_, entries)| !entries.is_empty()) {
                let _ = writeln!(text, "{key} = [");
                for entry in entries {
                    let _ = writeln!(text, "    {},", quoted(entry));
                }
                text.push_str("]\n");
            }
        }
        fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
    }
}

impl Group {
    fn is_empty(&self) -> bool {
        [&self.fail, &self.not_applicable, &self.flaky, &self.skip]
            .iter()
            .all(|list| list.is_empty())
    }
}

/// Whether an entry means this failure.
fn covers(entry: &str, name: &str, subtest: Option<&str>) -> bool {
    match (entry.split_once(SEPARATOR), subtest) {
        (None, _) => matches(entry, name),
        (Some((file, pattern)), Some(subtest)) => {
            matches(file, name) && (pattern == subtest || matches(pattern, subtest))
        }
        (Some(_), None) => false,
    }
}

/// What is wrong with an entry, as far as what it means was run.
fn complaint(entry: &str, judged: &[Judged]) -> Option<&'static str> {
    let file = entry.split_once(SEPARATOR).map_or(entry, |(file, _)| file);
    let mut ran =
        judged.iter().filter(|judged| matches(file, &judged.result.file.name())).peekable();
    ran.peek()?;
    let (mut failed, mut passed) = (false, false);
    for file in ran {
        let name = file.result.file.name();
        failed |= file
            .failures()
            .any(|failure| covers(entry, &name, failure.map(|subtest| &*subtest.name)));
        let mut subtests = file.result.subtests.iter();
        passed |= entry.contains(SEPARATOR)
            && subtests
                .any(|subtest| subtest.passed() && covers(entry, &name, Some(&subtest.name)));
    }
    match (failed, passed) {
        (_, true) => Some("passes now, or some of it; take it out or say it more narrowly"),
        (false, false) => Some("nothing of that fails any more; take it out"),
        (true, false) => None,
    }
}

/// A string of TOML.
fn quoted(text: &str) -> String {
    let mut output = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => output.extend(['\\', c]),
            '\n' => output.push_str("\\n"),
            '\t' => output.push_str("\\t"),
            c if c.is_control() => drop(write!(output, "\\u{:04X}", u32::from(c))),
            c => output.push(c),
        }
    }
    output.push('"');
    output
}

#[cfg(test)]
mod tests {
    use super::{covers, quoted};

    #[test]
    fn an_entry_means_a_file_or_a_subtest() {
        assert!(covers("a/*.js", "a/b.js", None));
        assert!(covers("a/b.js", "a/b.js", Some("x")));
        assert!(covers("a/b.js | x*", "a/b.js", Some("xy")));
        assert!(!covers("a/b.js | x", "a/b.js", Some("y")));
        assert!(!covers("a/b.js | x", "a/b.js", None));
        assert!(covers("a/b.js | a ** b", "a/b.js", Some("a ** b")));
    }

    #[test]
    fn any_text_can_be_quoted() {
        let text = "a\"\\\n\t\u{7f}é";
        let table: toml::Table = toml::from_str(&format!("x = {}", quoted(text))).unwrap();
        assert_eq!(table["x"].as_str(), Some(text));
    }
}
