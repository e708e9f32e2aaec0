#!/usr/bin/env bash
# `make serve`: builds, starts a server in the foreground with two example tenants, says what to try.
#
#   LISTEN      where tenants answer   (default 127.0.0.1:8080)
#   ADMIN       where the admin API is (default 127.0.0.1:9090)
#   DATA        where state is kept    (default ./insula-data; started by root from a folder that is
#                                       closed to others, such as root's home: /var/lib/insula)
#   SERVE_ARGS  more arguments for `insula serve`, such as --insecure-walls
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
cd "$repo"

listen=${LISTEN:-127.0.0.1:8080}
admin=${ADMIN:-127.0.0.1:9090}

# Started by root, the server becomes another user, who must be able to reach its data.
default_data() {
    local folder=$repo
    if ((EUID == 0)); then
        while [[ $folder != / ]]; do
            if ! ((8#$(stat -c %a "$folder") & 1)); then
                printf '/var/lib/insula\n'
                return
            fi
            folder=$(dirname "$folder")
        done
    fi
    printf './insula-data\n'
}

data=${DATA:-$(default_data)}
read -ra more_arguments <<<"${SERVE_ARGS:-}"
start_deadline_seconds=30

main() {
    scripts/setup.sh serve
    step "Building (the first time takes a few minutes)"
    cargo build --release --package insula --package insula-cordon
    step "Starting the server; Ctrl-C stops it"
    local insula
    insula=$(target_dir)/release/insula
    # The server takes this process's place, so that signals reach it directly and its exit status
    # is the exit status of `make serve`. The examples are deployed beside it.
    deploy_examples "$insula" $$ &
    exec "$insula" serve --data "$data" --listen "$listen" --admin "$admin" ${more_arguments[@]+"${more_arguments[@]}"}
}

target_dir() { printf '%s\n' "${CARGO_TARGET_DIR:-$repo/target}"; }

# deploy_examples INSULA SERVER_PID
deploy_examples() {
    local insula=$1 server=$2 address
    address=$(wait_until_ready "$server") || return 0 # the server has said why it did not start
    say ""
    local example
    for example in hello typescript; do
        "$insula" deploy "examples/$example" --tenant "$example" --data "$data" || {
            say "The example '$example' could not be deployed; the server runs without it."
        }
    done
    say_what_to_try "${address##*:}"
}

# Prints the listen address once the server with this pid has written that it is ready.
wait_until_ready() {
    local server=$1 deadline=$((SECONDS + start_deadline_seconds)) run=$data/run.json
    while kill -0 "$server" 2>/dev/null && ((SECONDS < deadline)); do
        if [[ -f $run && $(json_value pid "$run") == "$server" ]]; then
            json_value listen "$run"
            return
        fi
        sleep 0.1
    done
    return 1
}

# json_value KEY FILE, for the flat object in run.json.
json_value() { sed -n 's/.*"'"$1"'" *: *"\{0,1\}\([^",}]*\)"\{0,1\}.*/\1/p' "$2" | head -n1; }

say_what_to_try() {
    local port=$1 data_option=""
    [[ $data == ./insula-data ]] || data_option=" --data $data"
    say ""
    say "Insula is running. From another terminal:"
    say ""
    say "    curl http://hello.localhost:$port/"
    say "    curl http://typescript.localhost:$port/greet/Ada"
    say ""
    say "Deploy something of your own:"
    say ""
    say "    echo 'export default { fetch(request) { return new Response(\"mine: \" + request.url) } }' > mine.js"
    say "    $(display_path "$insula") deploy mine.js --tenant mine$data_option"
    say "    curl http://mine.localhost:$port/any/path"
    say ""
}

display_path() { printf '%s\n' "${1#"$repo"/}"; }

main
