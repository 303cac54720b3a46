"""Use cases: one verb a class, one async `__call__`, ports in the constructor."""
