#!/usr/bin/env bash
# Runs npm's build script of folders, where a file is newer than what it built last: scripts/bundle.sh [FOLDER...].
# Without folders: of every example that has one, and of the packages' programs (tests/packages).
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
cd "$repo"

main() {
    if (($# == 0)); then
        set -- examples/*/package-lock.json tests/packages/package-lock.json
        set -- "${@%/package-lock.json}"
    fi
    local folder
    for folder in "$@"; do (bundle "$folder"); done
}

# In a shell of its own. One at a time in a folder; the others wait for what it builds.
bundle() {
    cd "$1"
    exec 9<.
    flock 9
    if is_up_to_date; then
        say "$1: up to date"
        return
    fi
    have npm || die "npm is not installed" "run \`make test\`, or install Node.js with npm (Debian: apt-get install nodejs npm)"
    say "$1: npm ci && npm run build"
    # npm writes the former when all of the latter is there.
    if [[ ! node_modules/.package-lock.json -nt package-lock.json ]]; then
        npm ci --no-audit --no-fund --loglevel=error
    fi
    npm run --silent build
    touch dist/.built
}

is_up_to_date() {
    [[ -f dist/.built ]] &&
        [[ -z $(find . \( -name node_modules -o -name dist \) -prune -o -type f -newer dist/.built -print -quit) ]]
}

main "$@"
