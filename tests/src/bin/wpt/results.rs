//! What became of a test file.

use serde::Deserialize;

use crate::suite::TestFile;

/// What became of one file.
#[derive(Debug, Clone)]
pub struct FileResult {
    /// Which.
    pub file: TestFile,
    /// How it ended as a whole.
    pub end: End,
    /// Its subtests, as far as it came.
    pub subtests: Vec<Subtest>,
}

/// How a file ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// All of it ran.
    Ok,
    /// It broke off, or never got to a test.
    Error(String),
    /// Not within its time.
    Timeout,
    /// Its isolate or cordon gave no answer.
    Crash(String),
}

/// A subtest.
#[derive(Debug, Clone, Deserialize)]
pub struct Subtest {
    /// Unique in its file.
    pub name: String,
    /// `PASS`, `FAIL`, `TIMEOUT`, `NOTRUN`, `PRECONDITION_FAILED`.
    pub status: String,
    /// Why it did not pass.
    #[serde(default)]
    pub message: String,
}

impl Subtest {
    /// Whether it passed.
    pub fn passed(&self) -> bool {
        self.status == "PASS"
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ok => f.write_str("OK"),
            Self::Error(message) => write!(f, "ERROR {message}"),
            Self::Timeout => f.write_str("TIMEOUT"),
            Self::Crash(message) => write!(f, "CRASH {message}"),
        }
    }
}

/// What the bundle's entry answers with (`entry.js`).
#[derive(Debug, Deserialize)]
struct Answer {
    status: String,
    #[serde(default)]
    message: String,
    tests: Vec<Subtest>,
}

impl FileResult {
    /// From the body of an answer.
    pub fn of_answer(file: TestFile, body: &[u8]) -> Self {
        match serde_json::from_slice::<Answer>(body) {
            Ok(Answer { status, message, tests }) => {
                let end = match status.as_str() {
                    "OK" => End::Ok,
                    "TIMEOUT" => End::Timeout,
                    _ => End::Error(message),
                };
                Self { file, end, subtests: tests }
            }
            Err(error) => Self::crash(file, &format!("no result: {error}")),
        }
    }

    /// Without an answer.
    pub fn crash(file: TestFile, why: &str) -> Self {
        let why = why.lines().next().unwrap_or_default().to_owned();
        Self { file, end: End::Crash(why), subtests: Vec::new() }
    }
}
