#!/bin/bash
# nomarr-autotag.sh

API_KEY="your-api-key-here"
NOMARR_URL="http://nomarr:8356"

# Lidarr provides these environment variables
FILE_PATH="$lidarr_trackfile_path"

# Enqueue file for tagging
curl -X POST "$NOMARR_URL/api/v1/tag" \
  -H "Authorization: Bearer $API_KEY" \
  -H "Content-Type: application/json" \
  -d "{\"path\":\"$FILE_PATH\",\"force\":true}" \
  --silent --show-error

echo "Queued for tagging: $FILE_PATH"
