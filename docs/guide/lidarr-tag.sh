#!/bin/sh
# Lidarr's custom script: has Mediant tag what Lidarr imported, upgraded or retagged.
# Settings > Connect > Custom Script; triggers: On Release Import, On Upgrade, On Track Retag.
#
#   MEDIANT_URL       address of Mediant          (http://mediant:8356)
#   MEDIANT_KEY       an API key; or
#   MEDIANT_KEY_FILE  a file that holds the key   (mediant.key beside this script)
#   MEDIANT_TIMEOUT   seconds to wait for a file  (600)
#
# Ends with 0: all is tagged, or there was nothing to do (no file, or one that is too short or
# silent). 1: some file was not tagged.
# 2: no curl, or no key. 3: Mediant cannot be reached, or does not accept the key.

url=${MEDIANT_URL:-http://mediant:8356}
key_file=${MEDIANT_KEY_FILE:-${0%/*}/mediant.key}

complain() {
  printf 'mediant: %s\n' "$1" >&2
}

# A text as JSON, whatever a file's name holds.
to_json() {
  TEXT=$1 LC_ALL=C awk 'BEGIN {
    for (i = 1; i < 32; i++) code[sprintf("%c", i)] = sprintf("\\u%04x", i)
    code["\""] = "\\\""
    code["\\"] = "\\\\"
    text = ENVIRON["TEXT"]
    for (i = 1; i <= length(text); i++) {
      letter = substr(text, i, 1)
      json = json (letter in code ? code[letter] : letter)
    }
    printf "\"%s\"", json
  }'
}

# The answer to a request, and its status on a line of its own. The key is handed over on the
# standard input: everybody on the machine can read a command line.
ask() {
  printf 'header = "Authorization: Bearer %s"\n' "$key" |
    curl --silent --show-error --config - --max-time "${MEDIANT_TIMEOUT:-600}" \
      --write-out '\n%{http_code}' "$@"
}

tag() {
  answer=$(ask --header 'Content-Type: application/json' \
    --data-binary "{\"path\":$(to_json "$1"),\"force\":false}" "$url/api/v1/tag") || return 3
  status=${answer##*
}
  answer=${answer%
*}
  case $status in
    2*) ;;
    401 | 403)
      complain "the key is not accepted: $answer"
      return 3
      ;;
    *)
      complain "$1: $answer"
      return 1
      ;;
  esac
  case $answer in
    *'"status":"error"'*)
      case $answer in
        *'[too_short]"'* | *'[too_long]"'* | *'[silent]"'* | *'[no_audio]"'*)
          printf 'Skipped, there is nothing to listen to: %s: %s\n' "$1" "$answer"
          return 0
          ;;
      esac
      complain "$1: $answer"
      return 1
      ;;
    *'"status":"done"'*) printf 'Tagged: %s\n' "$1" ;;
    *) printf 'Taken on, and not tagged yet: %s\n' "$1" ;;
  esac
}

case $lidarr_eventtype in
  Test)
    echo "The script works. It asks $url."
    exit 0
    ;;
esac

paths=${lidarr_addedtrackpaths:-$lidarr_trackfile_path}
if [ -z "$paths" ]; then
  echo "Nothing to tag in the event ${lidarr_eventtype:-without a name}."
  exit 0
fi

if ! command -v curl >/dev/null; then
  complain 'curl is not installed.'
  exit 2
fi
key=$MEDIANT_KEY
if [ -z "$key" ] && [ -r "$key_file" ]; then
  key=$(tr -d '\r\n' <"$key_file")
fi
if [ -z "$key" ]; then
  complain "no key: set MEDIANT_KEY, or write it into $key_file"
  exit 2
fi

# Only the list of an import holds several paths, with | between them.
set -f
if [ -n "$lidarr_addedtrackpaths" ]; then
  IFS='|'
  # shellcheck disable=SC2086 # to be split
  set -- $paths
  unset IFS
else
  set -- "$paths"
fi

worst=0
for path; do
  tag "$path"
  code=$?
  [ "$code" -gt "$worst" ] && worst=$code
done
exit "$worst"
