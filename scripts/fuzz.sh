#!/usr/bin/env bash
# `make fuzz`: runs every fuzz target for FUZZ_SECONDS seconds (default 60), each from its committed
# seeds and whatever earlier runs found.
#
# Coverage needs only stable compiler flags. Sanitizers would need a nightly toolchain, and find
# little where `unsafe` is forbidden. `cargo +nightly fuzz run TARGET` works too.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
cd "$repo/fuzz"

seconds=${FUZZ_SECONDS:-${SECONDS_EACH:-60}}
host=$(rustc -vV | sed -n 's/^host: //p')
coverage="--cfg fuzzing -C codegen-units=1 -C passes=sancov-module"
for argument in level=4 inline-8bit-counters pc-table trace-compares; do
    coverage+=" -C llvm-args=-sanitizer-coverage-$argument"
done

have c++ || die "the fuzzer is built from C++ and there is no compiler" "install g++"
step "Building the targets"
# With --target, build scripts and macros are built without the flags.
RUSTFLAGS=$coverage cargo build --release --locked --target "$host" --bins

for file in fuzz_targets/*.rs; do
    target=$(basename "$file" .rs)
    step "$target, for $(elapsed "$seconds")"
    mkdir -p "corpus/$target" "artifacts/$target"
    log=artifacts/$target/log
    "target/$host/release/$target" -max_total_time="$seconds" -artifact_prefix="artifacts/$target/" \
        -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        "corpus/$target" "seeds/$target" >"$log" 2>&1 || {
        tail -n 40 "$log" >&2
        die "$target found an input that breaks a promise" \
            "it is in fuzz/artifacts/$target; to see it again: fuzz/target/$host/release/$target FILE"
    }
    sed -nE 's/^stat::number_of_executed_units: */  inputs tried: /p; s/^stat::new_units_added: */  of them kept: /p' "$log"
done
step "Nothing was found."
