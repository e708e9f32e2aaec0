#!/usr/bin/env bash
# `make fuzz`: runs every fuzz target in fuzz/ for SECONDS_EACH seconds (default 60).
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
cd "$repo"

have cargo-fuzz || die "fuzzing needs cargo-fuzz" "install it: cargo install --locked cargo-fuzz"
have rustup || die "fuzzing needs rustup and its nightly toolchain"
rustup run nightly cargo --version >/dev/null 2>&1 ||
    die "fuzzing needs the nightly toolchain" "install it: rustup toolchain install nightly --profile minimal"

for target in $(cargo +nightly fuzz list); do
    step "$target"
    cargo +nightly fuzz run "$target" -- -max_total_time="${SECONDS_EACH:-60}"
done
step "No crashes."
