#!/bin/sh
# A picture of the start page of a real server, by headless Chromium, into docs/screenshots/.
# usage: docs/screenshots.sh BIN_FOLDER
set -eu
bin="$1"
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
[ -n "$browser" ] || { echo "Chromium is not installed: apt-get install chromium" >&2; exit 1; }
work="$(mktemp -d)"
server=""
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
"$bin/mediant" --config-dir "$work/config" serve --port 0 2>"$work/log" &
server=$!
until [ -f "$work/config/server.json" ]; do
    kill -0 "$server" || { cat "$work/log" >&2; exit 1; }
    sleep 0.2
done
url=$("$bin/python" -c 'import json, sys; print(json.load(open(sys.argv[1]))["url"])' \
    "$work/config/server.json")
mkdir -p docs/screenshots
"$browser" --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$work/profile" --window-size=1200,800 \
    --screenshot=docs/screenshots/start.png "$url/" 2>/dev/null
echo "docs/screenshots/start.png"
