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

cache_home() {
    local cache=${INSULA_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/insula}
    [[ $cache == /* ]] || cache=$PWD/$cache
    printf '%s/wpt\n' "$cache"
}

# The newest suite that was fetched; nothing when there is none. A folder appears there whole.
cached_suite() {
    local home
    home=$(cache_home)
    [[ ! -d $home ]] || find "$home" -mindepth 1 -maxdepth 1 -type d ! -name '.*' | sort -V | tail -n1
}

# One at a time; what an attempt that was killed has left is removed by the next.
fetch_suite() {
    local home
    home=$(cache_home)
    have apt-get || cannot_fetch "there is no apt-get on this machine"
    mkdir -p "$home"
    exec 9>"$home/.lock"
    flock 9
    if [[ -z $(cached_suite) ]]; then
        rm -rf "$home"/.attempt.*
        fetch_into "$home" "$(mktemp -d "$home/.attempt.XXXXXX")"
    fi
    exec 9>&-
}

# fetch_into HOME SCRATCH
fetch_into() {
    local home=$1 scratch=$2 archive version
    step "Fetching the Web Platform Tests (about 30 MB, once)"
    source_lists "$scratch/parts"
    apt_here "$scratch" update >"$scratch/log" 2>&1 || true # one broken source does not matter
    if ! (cd "$scratch" && apt_here "$scratch" --tar-only source nodejs) >>"$scratch/log" 2>&1; then
        tail -n 5 "$scratch/log" >&2
        cannot_fetch "apt could not get the source of nodejs"
    fi
    archive=$(find "$scratch" -maxdepth 1 -name 'nodejs_*.orig.tar.*' | head -n1)
    [[ -n $archive ]] || cannot_fetch "the source of nodejs has no archive of its own"
    version=${archive##*/nodejs_}
    version=${version%.orig.tar.*}
    mkdir "$scratch/tree"
    tar -xf "$archive" -C "$scratch/tree" --strip-components=1 --wildcards "*/$inside_source" ||
        cannot_fetch "the source of nodejs $version holds no $inside_source"
    mv -T "$scratch/tree/$inside_source" "$home/$version"
    rm -rf "$scratch"
}

# The machine's own package sources, for source packages, in FOLDER.
source_lists() {
    local folder=$1 file name
    mkdir -p "$folder"
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [[ -r $file ]] || continue
        name=${file##*/}
        sed -n 's/^deb\(-src\)\?[[:space:]]/deb-src /p' "$file" >"$folder/${name%.list}.list"
    done
    for file in /etc/apt/sources.list.d/*.sources; do
        [[ -r $file ]] || continue
        sed 's/^Types:.*/Types: deb-src/' "$file" >"$folder/${file##*/}"
    done
}

# apt-get that leaves the machine's own lists alone, and needs no root.
apt_here() {
    local scratch=$1
    shift
    mkdir -p "$scratch/lists/partial" "$scratch/archives/partial"
    apt-get -q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$scratch/parts" \
        -o Dir::State::Lists="$scratch/lists" -o Dir::Cache="$scratch" -o Dir::Cache::Archives="$scratch/archives" \
        -o APT::Sandbox::User="" -o Acquire::Retries=3 "$@"
}

cannot_fetch() {
    die "the Web Platform Tests cannot be fetched: $1" \
        "get a checkout of the suite and name it:  WPT_DIR=/path/to/wpt make wpt"
}

main "$@"
