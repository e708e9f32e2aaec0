# Shared by the scripts beside it: messages, elapsed time, and where things are. Sourced, not run.

repo=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
SECONDS=0

say() { printf '%s\n' "$*"; }

# "12s" or "3m07s".
elapsed() {
    local seconds=${1:-$SECONDS}
    if ((seconds < 60)); then printf '%ds' "$seconds"; else printf '%dm%02ds' $((seconds / 60)) $((seconds % 60)); fi
}

# Announces a step with the time since the script began.
step() { printf '\n==> [%s] %s\n' "$(elapsed)" "$*"; }

# Ends the script; every argument is a line.
die() {
    printf 'error: %s\n' "$1" >&2
    shift
    (($# == 0)) || printf '       %s\n' "$@" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }
