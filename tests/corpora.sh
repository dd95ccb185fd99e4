#!/bin/sh
# Fetch free music (Debian packages, Free Art License and GPL-2) for tests and benchmarks.
# Without apt nothing is fetched and the tests that need it skip.
set -eu
target="${1:-corpora}"
list="$(dirname "$0")/corpora.sha256"
[ -f "$target/.complete" ] && exit 0
if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-deb >/dev/null 2>&1; then
    echo "no apt-get here: the tests on real music will skip" >&2
    exit 0
fi
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
packages=$(sed 's/^[0-9a-f]*  \([a-z0-9-]*\)_.*/\1/' "$list")
cp "$list" "$work/list"
cd "$work"
# shellcheck disable=SC2086
apt-get download -qq $packages 2>/dev/null || {
    [ "$(id -u)" = 0 ] && apt-get update -qq
    apt-get download -qq $packages
}
sha256sum --quiet -c list
for package in *.deb; do dpkg-deb -x "$package" out; done
cd - >/dev/null
for name in amoebax frozen-bubble asc openttd; do mkdir -p "$target/$name"; done
cp "$work"/out/usr/share/games/amoebax/music/*.ogg "$target/amoebax/"
cp "$work"/out/usr/share/games/frozen-bubble/snd/*.ogg "$target/frozen-bubble/"
cp "$work"/out/usr/share/games/asc/music/*.mp3 "$target/asc/"
find "$work/out" -path '*openmsx*' -name '*.mid' -exec cp {} "$target/openttd/" \;
touch "$target/.complete"
