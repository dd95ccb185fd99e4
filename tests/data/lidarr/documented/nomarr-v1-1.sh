#!/bin/bash
# Save as /config/scripts/autotag.sh in Lidarr container

API_KEY="your-api-key-here"
FILE_PATH="$lidarr_trackfile_path"  # Lidarr env variable

curl -X POST \
  -H "Authorization: Bearer $API_KEY" \
  -H "Content-Type: application/json" \
  -d "{\"path\":\"$FILE_PATH\",\"force\":true}" \
  http://autotag:8356/api/v1/tag
