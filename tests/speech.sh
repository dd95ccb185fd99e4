#!/bin/sh
# Fetch free human speech with its text, for tests and benchmarks: five clips of LibriVox (public
# domain) out of the source archive of pocketsphinx (BSD), and the Spanish and French prompts of
# Asterisk (CC BY-SA 3.0) out of Debian's packages.
# Where that is not possible the tests that need it skip, unless CI is set.
set -eu
target="${1:-corpora}/speech"
python="${2:-python3}"
list="$(cd "$(dirname "$0")" && pwd)/speech.sha256"
pins="$(cd "$(dirname "$0")" && pwd)/speech-pins.txt"
[ -f "$target/.complete" ] && exit 0

give_up() {
    echo "The speech of the tests is not here: $1. Tests on real speech will skip." >&2
    [ -z "${CI:-}" ] || exit 1
    exit 0
}

for need in apt-get dpkg-deb gzip tar; do
    command -v "$need" >/dev/null 2>&1 || give_up "no $need"
done
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
packages=""
for language in es fr; do
    packages="$packages asterisk-core-sounds-$language asterisk-core-sounds-$language-wav"
done
fetch() {
    # shellcheck disable=SC2086
    (cd "$work" && apt-get download -qq $packages 2>/dev/null)
}
if ! fetch; then
    if [ "$(id -u)" = 0 ]; then apt-get update -qq || true; fi
    fetch || give_up "the packages$packages cannot be downloaded"
fi
"$python" -m pip download -q --disable-pip-version-check --no-deps --no-binary pocketsphinx \
    --require-hashes -r "$pins" -d "$work" >/dev/null 2>&1 \
    || give_up "the source archive of pocketsphinx cannot be downloaded"

for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/out"; done
tar -xzf "$work"/pocketsphinx-*.tar.gz -C "$work"
mkdir -p "$work/speech/en" "$work/speech/es" "$work/speech/fr"
cp "$work"/pocketsphinx-*/test/data/librivox/*.wav "$work/speech/en/"
cp "$work"/pocketsphinx-*/test/data/librivox/transcription "$work/speech/en/"
sounds="$work/out/usr/share/asterisk/sounds"
texts="$work/out/usr/share/doc"
cp "$sounds"/es_MX_f_Allison/*.wav "$work/speech/es/"
cp "$sounds"/fr_CA_f_June/*.wav "$work/speech/fr/"
for language in es fr; do
    gzip -dc "$texts/asterisk-core-sounds-$language/core-sounds-$language.txt.gz" \
        >"$work/speech/$language/transcription"
    cp "$texts/asterisk-core-sounds-$language-wav/copyright" "$work/speech/$language/"
done
(cd "$work/speech" && sha256sum --quiet -c "$list") || give_up "the speech is not the expected one"
mkdir -p "$target"
cp -R "$work/speech/." "$target/"
touch "$target/.complete"
