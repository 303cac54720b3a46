"""worker entrypoint."""
