"""One file per resource of the public contract."""
