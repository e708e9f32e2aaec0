#!/usr/bin/env bash
# `make wpt`: the Web Platform Tests in isolates of the real server, compared with tests/wpt.toml.
#
#   scripts/wpt.sh [PATH...] [--jobs N] [--show-failures] [--update]
#
# WPT_DIR names a checkout of the suite. Without it, the part of the suite that ships with Debian's
# source of Node.js is fetched once, through the package manager, into the user's cache directory.
# INSULA_WPT_BUILT, when not empty, says that the binaries are built; INSULA_WPT_OPTIONAL, that there is nothing
# to be done where the suite that tests/wpt.toml is for cannot be had.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
source "$repo/scripts/source.sh"
cd "$repo"

inside_source=test/fixtures/wpt
version_of_expectations=18.20.4

main() {
    step "Web Platform Tests"
    [[ -n ${WPT_DIR:-} ]] || find_suite
    if [[ -z ${INSULA_WPT_BUILT:-} ]]; then
        scripts/setup.sh serve
        say "Building"
        cargo build --locked --package insula --package insula-cordon --package insula-tests --bins
    fi
    WPT_DIR=$WPT_DIR "${CARGO_TARGET_DIR:-target}/debug/wpt" "$@"
}

# Sets WPT_DIR.
find_suite() {
    if [[ -z $(cached_source wpt) ]]; then
        say "Fetching them (about 30 MB, once)"
        fetch_source wpt nodejs "$inside_source" || do_without "the package manager gives no source of nodejs"
    fi
    WPT_DIR=$(cached_source wpt)
    local version=${WPT_DIR##*/}
    if [[ $version != "$version_of_expectations"* ]]; then
        other_version "$version"
    fi
}

do_without() {
    local advice="get a checkout of the suite and name it:  WPT_DIR=/path/to/wpt make wpt"
    [[ -n ${INSULA_WPT_OPTIONAL:-} ]] || die "the Web Platform Tests cannot be had: $1" "$advice"
    say "SKIPPED: the Web Platform Tests cannot be had: $1"
    say "$advice"
    exit 0
}

other_version() {
    local why="they are those of nodejs $1, and tests/wpt.toml is for those of $version_of_expectations"
    if [[ -n ${INSULA_WPT_OPTIONAL:-} ]]; then
        say "SKIPPED: $why"
        say "make wpt runs them all the same"
        exit 0
    fi
    say "Some will differ from what is expected: $why"
}

main "$@"
