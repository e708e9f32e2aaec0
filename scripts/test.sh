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
    step "Examples: bundling"
    scripts/bundle-examples.sh
    step "Building the binaries"
    cargo build --workspace --bins --locked
    step "Tests"
    if have cargo-nextest; then
        cargo nextest run --workspace --locked --no-fail-fast
    else
        cargo test --workspace --locked --no-fail-fast --lib --bins --tests
    fi
    step "Documentation tests"
    documentation_tests
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

# Only the library crates whose comments hold Rust examples.
documentation_tests() {
    local manifest folder packages=()
    for manifest in */*/Cargo.toml tests/Cargo.toml; do
        folder=$(dirname "$manifest")
        [[ -f $folder/src/lib.rs ]] || continue
        if grep -rqE '^ *//[/!] ```(rust|compile_fail|no_run|should_panic|$)' "$folder/src"; then
            packages+=(--package "$(sed -n 's/^name = "\(.*\)"/\1/p' "$manifest" | head -n1)")
        fi
    done
    if ((${#packages[@]} == 0)); then
        say "none in this tree"
        return
    fi
    cargo test --doc --locked "${packages[@]}"
}

main
