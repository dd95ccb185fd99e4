#!/bin/bash
# /config/scripts/lidarr-autotag-hook.sh

API_KEY="YOUR_API_KEY_HERE"
AUTOTAG_URL="http://autotag:8356"

# Lidarr provides these environment variables on import/upgrade/retag
FILE_PATH="$lidarr_trackfile_path"

if [ -z "$FILE_PATH" ]; then
  echo "No file path provided by Lidarr"
  exit 1
fi

echo "Tagging: $FILE_PATH"

# Call autotag API (force=true to overwrite existing tags)
RESPONSE=$(curl -s -X POST \
  -H "Authorization: Bearer $API_KEY" \
  -H "Content-Type: application/json" \
  -d "{\"path\":\"$FILE_PATH\",\"force\":true}" \
  "$AUTOTAG_URL/tag")

echo "Response: $RESPONSE"

# Optional: check for job_id in response
JOB_ID=$(echo "$RESPONSE" | grep -o '"job_id":[0-9]*' | grep -o '[0-9]*')
if [ -n "$JOB_ID" ]; then
  echo "Queued as job $JOB_ID"
else
  echo "Warning: No job_id in response"
fi
