use std::path::{Path, PathBuf};

/// An attacker's module, with what its leading comment says:
///
/// - `Tries`: what it is about; required, and first;
/// - `flags`: further arguments of `insula deploy`;
/// - `expect`: what every request may end with, alternatives parted by `or`: `answered` (which is
///   the default), an error as in `503 cpu-limit`, `broken off`, or `rejected` for a deploy that
///   must fail;
/// - `requests`: how many are sent, one after the other;
/// - `at once`: how many are sent at the same time, beside;
/// - `body`: bytes of the body that each request has;
/// - `may end the cordon`: why the attacker may bring down a cordon that it shares.
#[derive(Debug, Default)]
pub struct Program {
    /// `group/name`.
    pub name: String,
    pub path: PathBuf,
    pub flags: Vec<String>,
    pub expect: Vec<String>,
    pub requests: usize,
    pub at_once: usize,
    pub body: usize,
    pub may_end_cordon: bool,
}

impl Program {
    /// Reads `group/name.js` below `folder`.
    pub fn read(folder: &Path, group: &str, name: &str) -> Self {
        let path = folder.join(group).join(format!("{name}.js"));
        let text = std::fs::read_to_string(&path).expect("an attack");
        let name = format!("{group}/{name}");
        assert!(text.starts_with("// Tries: "), "{name} does not say what it tries");
        let mut program = Self { name, path, requests: 1, at_once: 1, ..Self::default() };
        for line in text.lines().map_while(|line| line.strip_prefix("// ")) {
            if let Some((key, value)) = line.split_once(": ") {
                program.set(key, value);
            }
        }
        if program.expect.is_empty() {
            program.expect.push("answered".to_owned());
        }
        program
    }

    fn set(&mut self, key: &str, value: &str) {
        let number = || value.parse().unwrap_or_else(|_| panic!("{}: {key}: {value}", self.name));
        match key {
            "Tries" => {}
            "flags" => self.flags = value.split_whitespace().map(str::to_owned).collect(),
            "expect" => self.expect = value.split(" or ").map(str::to_owned).collect(),
            "requests" => self.requests = number(),
            "at once" => self.at_once = number(),
            "body" => self.body = number(),
            "may end the cordon" => self.may_end_cordon = true,
            _ => panic!("{} has no {key}", self.name),
        }
    }

    /// Its tenant's name.
    pub fn tenant(&self) -> String {
        self.name.replace(['/', '_'], "-")
    }
}
