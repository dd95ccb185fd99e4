#!/bin/bash
API_KEY="YOUR_KEY"
AUTOTAG_URL="http://autotag:8356"
FILE_PATH="$lidarr_trackfile_path"

# Enqueue
RESPONSE=$(curl -s -X POST \
  -H "Authorization: Bearer $API_KEY" \
  -H "Content-Type: application/json" \
  -d "{\"path\":\"$FILE_PATH\",\"force\":true}" \
  "$AUTOTAG_URL/tag")

JOB_ID=$(echo "$RESPONSE" | grep -o '"job_id":[0-9]*' | grep -o '[0-9]*')

# Poll for completion (optional, not recommended for Lidarr)
for i in {1..30}; do
  STATUS=$(curl -s -H "Authorization: Bearer $API_KEY" \
    "$AUTOTAG_URL/status/$JOB_ID" | grep -o '"status":"[^"]*"' | cut -d'"' -f4)

  if [ "$STATUS" = "done" ] || [ "$STATUS" = "error" ]; then
    echo "Job $JOB_ID finished with status: $STATUS"
    break
  fi
  sleep 2
done
