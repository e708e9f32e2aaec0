# The engine archive: SpiderMonkey as a static library with its bindings. Sourced, not run.
#
# It is built once for each version and kept in the user's cache directory; the repository links to
# it at .engine/libmozjs.tar.gz, where .cargo/config.toml tells every cargo call to look. Building
# takes 10 to 15 minutes on two cores; linking takes none.
#
#   INSULA_CACHE_DIR    where to keep it (default: $XDG_CACHE_HOME/insula or ~/.cache/insula)
#   INSULA_ENGINE_URL   a base URL that holds <version>-<target>-release/libmozjs.tar.gz

engine_features='"jit", "intl", "libz-sys"'
engine_expected_objects=667       # counted after a complete build; only for the progress line
engine_smallest_bytes=8000000     # a whole archive is about 17 MB; less is a torn one
engine_report_seconds=${INSULA_ENGINE_REPORT_SECONDS:-15}

engine_version() {
    local version
    version=$(awk '/^name = "mozjs_sys"$/ { getline; gsub(/"/, "", $3); print $3; exit }' "$repo/Cargo.lock")
    [[ -n $version ]] || die "Cargo.lock names no mozjs_sys, so the engine's version is unknown" \
        "restore it: git checkout Cargo.lock"
    printf '%s\n' "$version"
}

# What this machine's Rust compiler builds for, such as x86_64-unknown-linux-gnu.
engine_target() {
    local host
    host=$(cd "$repo" && rustc -vV | sed -n 's/^host: //p')
    case $host in
        x86_64-*-linux-* | aarch64-*-linux-*) printf '%s\n' "$host" ;;
        *) die "Insula does not run on $host" "it runs on x86-64 and aarch64 Linux" ;;
    esac
}

engine_name() { printf '%s-%s-release\n' "$(engine_version)" "$(engine_target)"; }

engine_home() {
    local cache=${INSULA_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/insula}
    [[ $cache == /* ]] || cache=$PWD/$cache
    printf '%s/engine/%s\n' "$cache" "$(engine_name)"
}

# Whether the archive is in the cache and whole.
engine_is_ready() {
    local home
    home=$(engine_home)
    engine_is_whole "$home/libmozjs.tar.gz" "$home/verified-size"
}

# engine_is_whole ARCHIVE STAMP: the stamp remembers the size that was last verified, so that the
# common case reads two small numbers instead of 17 MB.
engine_is_whole() {
    local archive=$1 stamp=$2 size
    [[ -f $archive ]] || return 1
    size=$(stat -c %s "$archive")
    ((size >= engine_smallest_bytes)) || return 1
    [[ -f $stamp && $(<"$stamp") == "$size" ]] && return
    gzip -t "$archive" 2>/dev/null || return 1
    [[ $(tar -tzf "$archive" 2>/dev/null) == *libjs_static.a* ]] || return 1
    printf '%s\n' "$size" >"$stamp" 2>/dev/null || true # a read-only cache is fine
}

# Whether somebody offers a built archive, so that no compiler for the engine is needed.
engine_is_offered() { [[ -n ${INSULA_ENGINE_URL:-} ]] && have curl; }

# Makes .engine/libmozjs.tar.gz point at a whole archive, fetching or building it first.
engine_link() {
    local home
    home=$(engine_home)
    engine_is_ready || engine_obtain "$home"
    mkdir -p "$repo/.engine"
    if [[ $(readlink "$repo/.engine/libmozjs.tar.gz" 2>/dev/null) != "$home/libmozjs.tar.gz" ]]; then
        ln -sfn "$home/libmozjs.tar.gz" "$repo/.engine/libmozjs.tar.gz"
    fi
}

# One builder at a time; the others wait for its result.
engine_obtain() {
    local home=$1
    mkdir -p "$home"
    exec 9>"$home/lock"
    if ! flock -n 9; then
        say "Another set-up is building the engine; waiting for it"
        flock 9
    fi
    if ! engine_is_ready; then
        if [[ -e $home/libmozjs.tar.gz ]]; then say "The cached engine archive is damaged; replacing it"; fi
        rm -f "$home/libmozjs.tar.gz" "$home/verified-size"
        engine_fetch "$home" || engine_build "$home"
        engine_is_ready || die "the engine archive that was just made is not whole" "see $home"
    fi
    exec 9>&-
}

engine_fetch() {
    local home=$1 url
    engine_is_offered || return 1
    url="${INSULA_ENGINE_URL%/}/$(engine_name)/libmozjs.tar.gz"
    say "Fetching the engine from $url"
    if curl --fail --silent --show-error --location --connect-timeout 20 -o "$home/partial" "$url" &&
        engine_is_whole "$home/partial" "$home/partial-size"; then
        rm -f "$home/partial-size"
        mv "$home/partial" "$home/libmozjs.tar.gz"
        return
    fi
    rm -f "$home/partial" "$home/partial-size"
    say "That did not work; building the engine here instead"
    return 1
}

# Builds the archive in a scratch project that depends on the engine crate alone.
engine_build() {
    local home=$1 scratch=$1/scratch log=$1/build.log
    local llvm
    llvm=$(llvm_prefix)
    [[ -n $llvm ]] || die "building the engine needs clang and libclang 17 or newer" \
        "run again without INSULA_ENGINE_URL, and the set-up installs them"
    engine_write_scratch "$scratch"
    say "Building the SpiderMonkey engine, once for this version ($(engine_version)): about 25 minutes of processor time"
    say "  log: $log"
    engine_watch "$scratch/target" "$log" env -u MOZJS_ARCHIVE \
        PATH="$llvm/bin:$PATH" LIBCLANG_PATH="$llvm/lib" CC=clang CXX=clang++ \
        MOZJS_FROM_SOURCE=1 MOZJS_CREATE_ARCHIVE=1 CARGO_TARGET_DIR="$scratch/target" \
        cargo build --release --manifest-path "$scratch/Cargo.toml"
    mv "$scratch/target/libmozjs-$(engine_target).tar.gz" "$home/libmozjs.tar.gz"
    rm -rf "$scratch"
}

engine_write_scratch() {
    local scratch=$1
    mkdir -p "$scratch/src"
    cat >"$scratch/Cargo.toml" <<MANIFEST
[package]
name = "engine-archive"
version = "0.0.0"
edition = "2024"
[workspace]
[dependencies]
mozjs_sys = { version = "=$(engine_version)", default-features = false, features = [$engine_features] }
MANIFEST
    : >"$scratch/src/lib.rs"
    # The same versions of the engine's own dependencies, and the same compiler.
    cp "$repo/Cargo.lock" "$repo/rust-toolchain.toml" "$scratch/"
}

# engine_watch TARGET_DIR LOG COMMAND...: runs the command in its own process group and reports on it.
engine_watch() {
    local target=$1 log=$2 began=$SECONDS pid status=0 last=$SECONDS
    shift 2
    set -m # a group of its own, so that an interrupt ends make and the compilers too
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    set +m
    trap 'kill -TERM -- "-$pid" 2>/dev/null; exit 130' INT TERM
    while kill -0 "$pid" 2>/dev/null; do
        sleep 1
        if ((SECONDS - last >= engine_report_seconds)); then
            last=$SECONDS
            engine_progress "$target" $((SECONDS - began))
        fi
    done
    wait "$pid" || status=$?
    trap - INT TERM
    if ((status != 0)); then
        tail -n 40 "$log" >&2
        die "the engine did not build (status $status)" "the whole log: $log"
    fi
    say "  engine built in $(elapsed $((SECONDS - began)))"
}

engine_progress() {
    local target=$1 time objects percent
    time=$(elapsed "$2")
    objects=$(find "$target" -path '*/mozjs_sys-*/out/build/*' -name '*.o' 2>/dev/null | wc -l)
    percent=$((objects * 100 / engine_expected_objects))
    if ((objects == 0)); then
        say "  [$time] engine: compiling its Rust dependencies and configuring"
    elif ((percent >= 99)); then
        say "  [$time] engine: $objects objects compiled; generating bindings and packing"
    else
        say "  [$time] engine: $objects of about $engine_expected_objects objects compiled ($percent %)"
    fi
}

# The folder of a clang and libclang that are new enough, or nothing.
llvm_prefix() {
    local version
    for version in 22 21 20 19 18 17; do
        if [[ -x /usr/lib/llvm-$version/bin/clang ]] && compgen -G "/usr/lib/llvm-$version/lib/libclang*.so*" >/dev/null; then
            printf '/usr/lib/llvm-%s\n' "$version"
            return
        fi
    done
    # Elsewhere than on Debian: whatever llvm-config names.
    have llvm-config && have clang || return 0
    version=$(llvm-config --version)
    if ((${version%%.*} >= 17)) && compgen -G "$(llvm-config --libdir)/libclang*.so*" >/dev/null; then
        llvm-config --prefix
    fi
}
