"""The `chatsphere` program."""
