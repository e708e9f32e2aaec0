#!/usr/bin/env bash
# `make test`: everything that must hold before a change goes in. Each step says what it is and when.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
cd "$repo"

main() {
    scripts/setup.sh test
    step "Formatting"
    cargo fmt --all --check
    step "Clippy"
    cargo clippy --workspace --all-targets --locked -- -D warnings
    step "Repository rules (cargo xtask tidy)"
    cargo xtask tidy
    dependency_policy
    step "Examples and packages: bundling"
    scripts/bundle.sh
    step "Building the binaries"
    cargo build --workspace --bins --locked
    step "Tests"
    if have cargo-nextest; then
        cargo nextest run --workspace --locked --no-fail-fast
    else
        cargo test --workspace --locked --no-fail-fast --lib --bins --tests
    fi
    INSULA_WPT_BUILT=yes INSULA_WPT_OPTIONAL=yes scripts/wpt.sh
    step "Documentation tests"
    # Of the whole workspace, so that dependencies have the features that they were built with.
    cargo test --doc --workspace --locked
    step "All passed."
}

dependency_policy() {
    if have cargo-deny; then
        step "Licences, sources and bans of dependencies (cargo deny)"
        # Advisories need the network and change by the day; they are checked apart from the tests.
        cargo deny --log-level error check licenses sources bans
    else
        step "Licences of dependencies: skipped, cargo-deny is not installed (cargo install cargo-deny)"
    fi
}

main
