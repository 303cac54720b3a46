"""The contract kit: one test class a port, to be subclassed by whoever writes an adapter."""
