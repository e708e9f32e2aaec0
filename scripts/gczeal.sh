#!/usr/bin/env bash
# `make test-gczeal`: the engine crate's tests on a debug engine that collects garbage at every
# opportunity, which turns a forgotten root into a crash. The debug engine is built from source in a
# target directory of its own: about half an hour on two cores, the first time.
#
#   INSULA_GCZEAL   the engine's zeal mode and frequency (default 2,50: collect at every fiftieth allocation)
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
source "$repo/scripts/engine.sh"
cd "$repo"

scripts/setup.sh gczeal
llvm=$(llvm_prefix)
export PATH=$llvm/bin:$PATH LIBCLANG_PATH=$llvm/lib CC=clang CXX=clang++
export MOZJS_FROM_SOURCE=1
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/gczeal
mkdir -p "$CARGO_TARGET_DIR"
step "Building the debug engine and the tests"
say "  log: $CARGO_TARGET_DIR/build.log"
engine_watch "$CARGO_TARGET_DIR" "$CARGO_TARGET_DIR/build.log" \
    cargo test --package insula-spidermonkey --features debugmozjs --no-run
step "Tests under GC zeal"
export INSULA_GCZEAL=${INSULA_GCZEAL:-2,50}
JS_GC_ZEAL=$INSULA_GCZEAL cargo test --package insula-spidermonkey --features debugmozjs
