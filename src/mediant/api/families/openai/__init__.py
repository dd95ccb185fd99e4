"""OpenAI's API for speech: `/v1/audio/…`, in its own words and with its own errors."""
