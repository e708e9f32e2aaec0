#!/usr/bin/env bash
# Makes this machine ready to build Insula: `scripts/setup.sh [serve|test|bench|gczeal]`.
#
# Installs what is missing through the system's package manager, saying what and why, and links the
# engine archive. When everything is there it only looks, in well under a second.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
source "$repo/scripts/engine.sh"

purpose=${1:-serve}
packages=()     # Debian package names still to be installed
reasons=()      # one line each, what and why
newest_clangs="22 21 20 19 18 17"

main() {
    case $purpose in
        serve | test | bench | gczeal) ;;
        *) die "unknown purpose '$purpose'" "use one of: serve, test, bench, gczeal" ;;
    esac
    require_rust
    want_compilers
    case $purpose in test | bench) want_node; want perl perl "makes single threads fault, for the tests of crashes" ;; esac
    case $purpose in bench) want wrk wrk "drives the load of the benchmarks" ;; esac
    local needs_source_build=no
    if [[ $purpose == gczeal ]] || ! engine_is_ready; then needs_source_build=yes; fi
    if [[ $needs_source_build == yes ]] && ! engine_is_offered; then want_engine_tools; fi
    install_missing
    if [[ $purpose != gczeal ]]; then engine_link; fi
}

require_rust() {
    local wanted
    wanted=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' "$repo/rust-toolchain.toml")
    if ! have cargo && [[ -x $HOME/.cargo/bin/cargo ]]; then
        die "cargo is installed but not on PATH" "run: . \"\$HOME/.cargo/env\"   and try again"
    fi
    have cargo || die "Insula is built with Rust $wanted, and cargo was not found" \
        "install it with rustup:" \
        "    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y" \
        "    . \"\$HOME/.cargo/env\""
    have rustup && return # follows rust-toolchain.toml by itself
    local found
    found=$(cargo --version | cut -d' ' -f2)
    at_least "$found" "$wanted" ||
        die "Insula needs Rust $wanted or newer; this is cargo $found without rustup" \
            "install rustup (https://rustup.rs), which follows rust-toolchain.toml by itself"
}

# Whether version $1 is $2 or newer.
at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n1) == "$2" ]]; }

# want COMMAND PACKAGE REASON
want() {
    have "$1" && return
    packages+=("$2")
    reasons+=("$2: $3")
}

want_compilers() {
    if ! compiles_cxx20; then
        packages+=(g++)
        reasons+=("g++ (version 10 or newer): compiles the C and C++ inside dependencies (SQLite, zlib, the URL parser)")
    fi
    want make make "runs the Makefile and the builds of C dependencies"
    want pkg-config pkg-config "lets dependencies find system libraries"
    want git git "lists the files that the repository checks read"
}

# A real probe: a compiler without its headers, or too old for C++20, must not pass.
compiles_cxx20() {
    have "${CC:-cc}" && have "${CXX:-c++}" &&
        printf '#include <concepts>\nint main() {}\n' | "${CXX:-c++}" -std=c++20 -fsyntax-only -x c++ - 2>/dev/null
}

want_node() {
    want node nodejs "runs the examples' own build scripts and the rival of the benchmarks"
    want npm npm "installs the examples' dependencies and the rival of the benchmarks"
}

# Only for building SpiderMonkey itself, which happens once per engine version.
want_engine_tools() {
    want m4 m4 "SpiderMonkey's build uses it"
    want python3 python3 "SpiderMonkey's build uses it"
    if [[ -z $(llvm_prefix) ]]; then
        local version
        if version=$(offered_clang); then
            packages+=("clang-$version" "libclang-$version-dev" "llvm-$version")
            reasons+=("clang-$version, libclang-$version-dev, llvm-$version: compile SpiderMonkey and read its headers")
        else
            packages+=(clang libclang-dev llvm)
            reasons+=("clang, libclang and llvm (version 17 or newer): compile SpiderMonkey and read its headers")
        fi
    fi
}

# The newest clang that the package manager offers, if it is new enough.
offered_clang() {
    is_debian || return 1
    local version attempt
    for attempt in first after-update; do
        for version in $newest_clangs; do
            if apt_offers "clang-$version" && apt_offers "libclang-$version-dev"; then
                printf '%s\n' "$version"
                return
            fi
        done
        [[ $attempt == first ]] && apt_update >&2
    done
    return 1
}

install_missing() {
    ((${#packages[@]})) || return 0
    say "Missing on this machine, for \`make $purpose\`:"
    printf '  - %s\n' "${reasons[@]}"
    is_debian || explain_and_stop
    become_root_or_stop
    local package
    for package in "${packages[@]}"; do
        apt_offers "$package" || { apt_update; break; }
    done
    say "Installing with apt, which may take a minute or two: ${packages[*]}"
    if ! apt_install; then
        # Package lists that have aged name files which are gone.
        apt_updated=no
        apt_update
        apt_install || die "apt could not install: ${packages[*]}" "its last messages are above"
    fi
    hash -r
    confirm_installed
}

# apt may succeed and still leave something too old (an old distribution's g++ or clang).
confirm_installed() {
    compiles_cxx20 || die "the C++ compiler on this machine cannot compile C++20" \
        "install g++ 10 or newer, or clang 12 or newer, and set CC and CXX to it"
    if [[ " ${packages[*]} " == *clang* && -z $(llvm_prefix) ]]; then
        die "clang 17 or newer with libclang was not found after the installation" \
            "install it from https://apt.llvm.org and try again"
    fi
}

is_debian() {
    have apt-get || return 1
    local id="" like=""
    if [[ -r /etc/os-release ]]; then
        id=$(. /etc/os-release && printf '%s' "${ID:-}")
        like=$(. /etc/os-release && printf '%s' "${ID_LIKE:-}")
    fi
    [[ " $id $like " == *" debian "* || " $id $like " == *" ubuntu "* ]]
}

# Without a pipe: who writes into one that its reader has left ends with an error.
apt_offers() { [[ $(apt-cache policy "$1" 2>/dev/null) == *"Candidate: "[^\(]* ]]; }

apt_updated=no
apt_update() {
    [[ $apt_updated == yes ]] && return
    say "Refreshing the package lists (apt-get update)"
    as_root apt-get -o DPkg::Lock::Timeout=120 -qq update || say "apt-get update reported problems; going on with what it has"
    apt_updated=yes
}

# Quiet, for apt lists hundreds of lines; what it said is shown when it fails.
apt_install() {
    local log status=0
    log=$(mktemp)
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -q -y \
        install --no-install-recommends "${packages[@]}" >"$log" 2>&1 </dev/null || status=$?
    ((status == 0)) || tail -n 30 "$log" >&2
    rm -f "$log"
    return "$status"
}

become_root_or_stop() {
    if ((EUID == 0)); then return; fi
    have sudo || die "installing packages needs root, and sudo was not found" \
        "run as root:  apt-get update && apt-get install -y --no-install-recommends ${packages[*]}"
    sudo -v || true # asks for the password now, while the question can be seen
}

as_root() { if ((EUID == 0)); then "$@"; else sudo "$@"; fi; }

# An unknown distribution: say exactly what is needed, change nothing.
explain_and_stop() {
    local node="" wrk="" engine=""
    case $purpose in test | bench) node=" nodejs npm" ;; esac
    case $purpose in bench) wrk=" wrk" ;; esac
    if [[ " ${packages[*]} " == *" m4 "* || " ${packages[*]} " == *clang* || " ${packages[*]} " == *" python3 "* ]]; then
        engine=yes
    fi
    {
        say ""
        say "This set-up installs packages on Debian and Ubuntu only. Install the list above, then try again:"
        say "  Fedora:  sudo dnf install gcc-c++ make pkgconf git$node$wrk${engine:+ m4 python3 clang clang-devel llvm}"
        say "  Arch:    sudo pacman -S --needed base-devel pkgconf git$node$wrk${engine:+ m4 python clang llvm}"
        say "  Alpine:  apk add build-base pkgconf git bash$node$wrk${engine:+ m4 python3 clang clang-dev llvm linux-headers}"
        say "  others:  the packages that hold the commands c++ (C++20), make, pkg-config, git${node:+, node, npm}${wrk:+, wrk}${engine:+, m4, python3, clang and libclang 17 or newer}"
    } >&2
    exit 1
}

main
