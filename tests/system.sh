#!/bin/sh
# What the tests use beside Python: timidity renders music of known tempo, ffmpeg's tools look at
# written files as a player would, curl plays Lidarr, apertium translates. On Debian as root they are
# installed; elsewhere the tests that need them skip, unless CI is set.
set -eu

find_missing() {
    missing=""
    for pair in timidity:timidity ffprobe:ffmpeg curl:curl apertium:apertium; do
        command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
    done
    [ -f /usr/share/sounds/sf2/TimGM6mb.sf2 ] || missing="$missing timgm6mb-soundfont"
    [ -f /usr/share/apertium/modes/spa-eng.mode ] || missing="$missing apertium-eng-spa"
}

find_missing
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    find_missing
fi
[ -z "$missing" ] && exit 0
echo "not installed:$missing (some tests will skip)" >&2
[ -z "${CI:-}" ]
