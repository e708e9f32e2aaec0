#!/usr/bin/env bash
# `make bench`: builds everything optimised and measures Insula and its rivals in one run.
# Arguments go to the benchmark program; `make bench BENCH_ARGS=--help` lists them.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
cd "$repo"

scripts/setup.sh bench
step "Building"
cargo build --release --package insula --package insula-cordon --package insula-bench
step "Rivals"
if [[ ! -x bench/.cache/node_modules/.bin/workerd ]] ||
    [[ bench/rivals/package-lock.json -nt bench/.cache/node_modules/.package-lock.json ]]; then
    mkdir -p bench/.cache
    cp bench/rivals/package.json bench/rivals/package-lock.json bench/.cache/
    (cd bench/.cache && npm ci --no-audit --no-fund --loglevel=error)
fi
say "workerd: $(bench/.cache/node_modules/.bin/workerd --version)"
step "Measuring"
exec "${CARGO_TARGET_DIR:-target}/release/insula-bench" "$@"
