//! The rules, each a function from the tree to what breaks it.

mod documents;
mod javascript;
mod launcher;
mod sandbox;
mod text;
mod unsafety;
mod zones;

use std::fmt;

use crate::tree::Tree;

/// One rule.
pub struct Rule {
    /// The rule in one sentence.
    pub says: &'static str,
    pub check: fn(&Tree) -> Vec<Violation>,
}

/// One place where a rule is broken.
#[derive(Debug, PartialEq, Eq)]
pub struct Violation {
    pub path: String,
    /// Counted from 1; 0 is the file as a whole.
    pub line: usize,
    pub message: String,
}

impl Violation {
    fn at(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(formatter, "{}: {}", self.path, self.message),
            line => write!(formatter, "{}:{line}: {}", self.path, self.message),
        }
    }
}

pub const ALL: &[Rule] = &[
    Rule {
        says: "host and sandbox never depend on each other",
        check: zones::host_and_sandbox_stay_apart,
    },
    Rule {
        says: "the wire crate depends on nothing of this repository",
        check: zones::wire_stands_alone,
    },
    Rule {
        says: "only sandbox/spidermonkey names the engine's crates",
        check: zones::engine_is_named_once,
    },
    Rule {
        says: "in host/, only the command line parses JavaScript",
        check: zones::host_does_not_parse_javascript,
    },
    Rule {
        says: "only the marked crates contain unsafe code, and all others forbid it",
        check: unsafety::unsafe_only_in_marked_crates,
    },
    Rule {
        says: "the cordon and the platform open no sockets and no paths",
        check: sandbox::opens_nothing,
    },
    Rule {
        says: "the launcher depends on the jail and on nothing else of this repository",
        check: launcher::knows_next_to_nothing,
    },
    Rule {
        says: "in host/, only the launcher starts programs",
        check: launcher::is_the_only_one_to_start_programs,
    },
    Rule { says: "every path that a document names exists", check: documents::named_paths_exist },
    Rule {
        says: "every measured number in the README has a link to what produces it",
        check: documents::readme_numbers_have_sources,
    },
    Rule {
        says: "every file of the platform's JavaScript is type-checked by editors",
        check: javascript::starts_with_ts_check,
    },
    Rule {
        says: "every file of the platform's JavaScript is loaded by something",
        check: javascript::is_reachable,
    },
    Rule {
        says: "a source file that is longer than 600 lines has a stated reason",
        check: text::files_are_short,
    },
    Rule {
        says: "nothing is left for later in the sources",
        check: text::nothing_is_left_for_later,
    },
    Rule { says: "no file names a path of one machine", check: text::no_machine_paths },
    Rule { says: "npm lock files name no registry host", check: text::npm_locks_name_no_host },
];
