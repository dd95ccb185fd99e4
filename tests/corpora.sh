#!/bin/sh
# Fetch free music (Debian packages, Free Art License and GPL-2) for tests and benchmarks.
# Where that is not possible the tests that need it skip, unless CI is set.
set -eu
target="${1:-corpora}"
list="$(cd "$(dirname "$0")" && pwd)/corpora.sha256"
[ -f "$target/.complete" ] && exit 0

give_up() {
    echo "The music of the tests is not here: $1. Tests on real music will skip." >&2
    [ -z "${CI:-}" ] || exit 1
    exit 0
}

command -v apt-get >/dev/null 2>&1 || give_up "no apt-get"
command -v dpkg-deb >/dev/null 2>&1 || give_up "no dpkg-deb"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
packages="amoebax-data frozen-bubble-data asc-music openttd-openmsx"
fetch() {
    # shellcheck disable=SC2086
    (cd "$work" && apt-get download -qq $packages 2>/dev/null)
}
if ! fetch; then
    if [ "$(id -u)" = 0 ]; then apt-get update -qq || true; fi
    fetch || give_up "the packages $packages cannot be downloaded"
fi
for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/out"; done
mkdir -p "$work/music/amoebax" "$work/music/frozen-bubble" "$work/music/asc" "$work/music/openttd"
cp "$work"/out/usr/share/games/amoebax/music/*.ogg "$work/music/amoebax/"
cp "$work"/out/usr/share/games/frozen-bubble/snd/*.ogg "$work/music/frozen-bubble/"
cp "$work"/out/usr/share/games/asc/music/*.mp3 "$work/music/asc/"
find "$work/out" -path '*openmsx*' -name '*.mid' -exec cp {} "$work/music/openttd/" \;
(cd "$work/music" && sha256sum --quiet -c "$list") || give_up "the music is not the expected one"
mkdir -p "$target"
cp -R "$work/music/." "$target/"
touch "$target/.complete"
