"""The terminal that the program runs in."""
