"""The `nomarr-v1` family: what Lidarr scripts speak."""
