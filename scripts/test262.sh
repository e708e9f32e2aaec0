#!/usr/bin/env bash
# `make test262`: a sample of test262, the tests of the language, in isolates of the real server, compared with
# tests/test262/expected.toml. EVERY=20 takes one test in 20, which is what the expectations are for.
#
# The tests are those that ship with Debian's source of SpiderMonkey, fetched once like the Web Platform
# Tests, whose harness runs them.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
source "$repo/scripts/source.sh"
cd "$repo"

package=mozjs78
inside_source=js/src/tests/test262
suite=$(realpath -m "${CARGO_TARGET_DIR:-target}/test262")

main() {
    scripts/setup.sh test
    if [[ -z $(cached_source test262) ]]; then
        step "Fetching test262 (about 60 MB, once)"
        fetch_source test262 "$package" "$inside_source" || die "test262 cannot be fetched"
    fi
    if [[ -z $(cached_source wpt) ]]; then
        fetch_source wpt nodejs test/fixtures/wpt || die "the harness cannot be fetched"
    fi
    step "Building"
    cargo build --locked --package insula --package insula-cordon --package insula-tests --bins
    step "Converting"
    rm -rf "$suite"
    node tests/test262/convert.mjs "$(cached_source test262)" "$(cached_source wpt)" "$suite" "${EVERY:-20}"
    INSULA_WPT_BUILT=yes WPT_DIR=$suite scripts/wpt.sh --expectations tests/test262/expected.toml "$@" \
        annexB built-ins intl402 language
}

main "$@"
