#!/usr/bin/env bash
# `make wpt`: the Web Platform Tests in isolates of the real server, compared with tests/wpt.toml.
#
#   scripts/wpt.sh [PATH...] [--jobs N] [--show-failures] [--update]
#
# WPT_DIR names a checkout of the suite. Without it, the part of the suite that ships with Debian's
# source of Node.js is fetched once, through the package manager, into the user's cache directory.
# INSULA_WPT_BUILT, when not empty, says that the binaries are built.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
source "$repo/scripts/source.sh"
cd "$repo"

inside_source=test/fixtures/wpt

main() {
    if [[ -z ${WPT_DIR:-} ]]; then
        WPT_DIR=$(cached_suite)
        if [[ -z $WPT_DIR ]]; then
            fetch_suite
            WPT_DIR=$(cached_suite)
        fi
    fi
    if [[ -z ${INSULA_WPT_BUILT:-} ]]; then
        scripts/setup.sh serve
        step "Building"
        cargo build --locked --package insula --package insula-cordon --package insula-tests --bins
    fi
    step "Web Platform Tests"
    WPT_DIR=$WPT_DIR "${CARGO_TARGET_DIR:-target}/debug/wpt" "$@"
}

cached_suite() { cached_source wpt; }

fetch_suite() {
    step "Fetching the Web Platform Tests (about 30 MB, once)"
    fetch_source wpt nodejs "$inside_source" || cannot_fetch
}

cannot_fetch() {
    die "the Web Platform Tests cannot be fetched" \
        "get a checkout of the suite and name it:  WPT_DIR=/path/to/wpt make wpt"
}

main "$@"
