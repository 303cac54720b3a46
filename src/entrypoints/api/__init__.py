"""api entrypoint."""
