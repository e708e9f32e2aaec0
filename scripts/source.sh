# Parts of Debian's source packages, kept in the user's cache directory. Sourced, not run.
#
# They come through the package manager, whose own list of sources is turned into one of source
# packages, in a folder of its own: nothing of the machine's changes, and no root is needed.

# source_home NAME
source_home() {
    local cache=${INSULA_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/insula}
    [[ $cache == /* ]] || cache=$PWD/$cache
    printf '%s/%s\n' "$cache" "$1"
}

# cached_source NAME: the newest version that was fetched; nothing when there is none. A folder appears
# there whole.
cached_source() {
    local home
    home=$(source_home "$1")
    [[ ! -d $home ]] || find "$home" -mindepth 1 -maxdepth 1 -type d ! -name '.*' | sort -V | tail -n1
}

# fetch_source NAME PACKAGE INSIDE: keeps what a source package has at the path INSIDE. One at a time;
# what an attempt that was killed has left is removed by the next.
fetch_source() {
    local home status=0
    home=$(source_home "$1")
    if ! have apt-get; then
        say "there is no apt-get on this machine" >&2
        return 1
    fi
    mkdir -p "$home"
    exec 9>"$home/.lock"
    flock 9
    if [[ -z $(cached_source "$1") ]]; then
        rm -rf "$home"/.attempt.*
        fetch_source_into "$home" "$(mktemp -d "$home/.attempt.XXXXXX")" "$2" "$3" || status=$?
    fi
    exec 9>&-
    return "$status"
}

# fetch_source_into HOME SCRATCH PACKAGE INSIDE
fetch_source_into() {
    local home=$1 scratch=$2 package=$3 inside=$4 archive version
    source_lists "$scratch/parts"
    apt_here "$scratch" update >"$scratch/log" 2>&1 || true # one broken source does not matter
    if ! (cd "$scratch" && apt_here "$scratch" --tar-only source "$package") >>"$scratch/log" 2>&1; then
        tail -n 5 "$scratch/log" >&2
        say "apt could not get the source of $package" >&2
        return 1
    fi
    archive=$(find "$scratch" -maxdepth 1 -name "${package}_*.orig.tar.*" | head -n1)
    version=${archive##*/"${package}"_}
    version=${version%.orig.tar.*}
    mkdir "$scratch/tree"
    if [[ -z $archive ]] || ! tar -xf "$archive" -C "$scratch/tree" --strip-components=1 --wildcards "*/$inside"; then
        say "the source of $package holds no $inside" >&2
        return 1
    fi
    mv -T "$scratch/tree/$inside" "$home/$version"
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
