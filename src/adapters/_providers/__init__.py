"""What the adapters of model providers share: connections, events, retries, and their failures."""
