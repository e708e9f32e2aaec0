#!/usr/bin/env bash
# Runs the build script of every example that has one, when its sources are newer than its bundle.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
cd "$repo"

for manifest in examples/*/package-lock.json; do
    example=$(dirname "$manifest")
    if [[ -f $example/dist/index.js ]] &&
        [[ -z $(find "$example" -path '*/node_modules' -prune -o -path '*/dist' -prune -o -type f -newer "$example/dist/index.js" -print) ]]; then
        say "$example: up to date"
        continue
    fi
    say "$example: npm ci && npm run build"
    (cd "$example" && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build)
done

# The packages' programs: their test does the same when it is run alone.
packages=tests/packages
if [[ -f $packages/dist/.built ]] &&
    [[ -z $(find "$packages" -path '*/node_modules' -prune -o -path '*/dist' -prune -o -type f -newer "$packages/dist/.built" -print) ]]; then
    say "$packages: up to date"
else
    say "$packages: npm ci && npm run build"
    (cd "$packages" && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build && touch dist/.built)
fi
