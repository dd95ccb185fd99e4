#!/bin/sh
# The wheel alone in a bare venv: no extras, no Node, nothing of the checkout.
set -eu
wheel="$1"
work="$(mktemp -d)"
server=""
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --require-hashes -r requirements/base.lock
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "$wheel"
cd "$work"
"$work/venv/bin/mediant" --version
"$work/venv/bin/mediant" --config-dir "$work/config" serve --port 0 >"$work/out" 2>"$work/err" &
server=$!
"$work/venv/bin/python" - "$work" <<'PYTHON'
import json, pathlib, sys, time, urllib.request

work = pathlib.Path(sys.argv[1])
deadline = time.monotonic() + 60
door = work / "config" / "server.json"
while not door.exists():
    if time.monotonic() > deadline:
        sys.exit("the server did not start:\n" + (work / "err").read_text())
    time.sleep(0.1)
url = json.loads(door.read_text())["url"]
with urllib.request.urlopen(url + "/health", timeout=10) as answer:
    body = json.load(answer)
print("GET /health", answer.status, body)
sys.exit(body["database"] != "connected")
PYTHON
