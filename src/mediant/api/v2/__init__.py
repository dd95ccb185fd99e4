"""Our own API: typed, cursor-paged, problem+json errors; a module a room."""
