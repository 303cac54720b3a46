"""The operating system's clock and dice."""
