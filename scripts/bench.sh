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
# The exact version is in bench/rivals/package.json; its binaries come per platform, so no lock file.
if [[ ! -x bench/.cache/node_modules/.bin/workerd || ! -x bench/.cache/node_modules/.bin/deno ]] || ! cmp -s bench/rivals/package.json bench/.cache/package.json; then
    mkdir -p bench/.cache
    cp bench/rivals/package.json bench/.cache/
    (cd bench/.cache && npm install --no-package-lock --no-audit --no-fund --loglevel=error)
fi
say "workerd: $(bench/.cache/node_modules/.bin/workerd --version)"
say "deno: $(bench/.cache/node_modules/.bin/deno --version | head -n 1)"
binaries=${CARGO_TARGET_DIR:-target}/release

# `--only platform` is this alone; further arguments are bench/platform/run.mjs's then.
if [[ ${1-} == --only && ${2-} == platform ]]; then
    step "Measuring the platform"
    exec node bench/platform/run.mjs --bin "$binaries" --out bench/results/platform.md "${@:3}"
fi
step "Measuring"
"$binaries/insula-bench" "$@"
if [[ " $* " != *" --only"* && " $* " != *" --help "* ]]; then
    step "Measuring the platform"
    node bench/platform/run.mjs --bin "$binaries" --out bench/results/platform.md
fi
