//! Repository checks that no compiler makes: `cargo xtask tidy`.

mod rules;
mod rust_source;
mod tree;
mod workspace;

use std::{path::Path, process::ExitCode};

use tree::Tree;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("tidy") => tidy(),
        other => {
            if let Some(unknown) = other {
                eprintln!("error: unknown task '{unknown}'");
            }
            eprintln!("usage: cargo xtask tidy");
            ExitCode::from(2)
        }
    }
}

/// Runs every rule over the working tree; exit status 1 when one is broken.
fn tidy() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let tree = match Tree::load(root) {
        Ok(tree) => tree,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut violations = 0;
    for rule in rules::ALL {
        let found = (rule.check)(&tree);
        violations += found.len();
        for violation in found {
            eprintln!("tidy: {violation}\n      rule: {}", rule.says);
        }
    }
    if violations > 0 {
        eprintln!("tidy: {violations} violation(s)");
        return ExitCode::FAILURE;
    }
    println!("tidy: {} files hold {} rules", tree.len(), rules::ALL.len());
    ExitCode::SUCCESS
}
