"""The contract kit run on an adapter as it is set up here: `chatsphere adapters check`."""
