"""Redis: what processes have to agree on and may forget."""
