#!/usr/bin/env bash
# `make soak`: mixed load on an optimised server for half an hour, and what it has left behind at the end.
# SECONDS_OF_LOAD (1800) is how long; the table of results also goes to bench/results/soak.md.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
cd "$repo"

scripts/setup.sh test
step "Building"
cargo build --release --package insula --package insula-cordon
cargo test --release --package insula-tests --test soak --no-run
mkdir -p bench/results
step "Load for $(elapsed "${SECONDS_OF_LOAD:-1800}"), two rests beside"
INSULA_SOAK_SECONDS=${SECONDS_OF_LOAD:-1800} INSULA_SOAK_REPORT="$repo/bench/results/soak.md" \
    cargo test --release --package insula-tests --test soak -- --nocapture
step "Passed; the results are in bench/results/soak.md"
